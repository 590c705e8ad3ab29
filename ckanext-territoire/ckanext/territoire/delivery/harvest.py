"""Tables that are harvested follow the same way as deposits: into the merged table.

A resource that declares its schema is delivered at each change. One that declares none is delivered
when its columns leave no doubt, and proposed to the officer when they are only near.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ckanext.territoire import files, publishers
from ckanext.territoire.delivery import apply, merged, publish, store
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.inspect_file import recognise_file
from ckanext.territoire.delivery.merged import URL_TYPE
from ckanext.territoire.delivery.model import By, Delivery, State, Way
from ckanext.territoire.table import record
from harvesters.errors import Refused
from harvesters.table.headers import match_headers
from schemas.load import find, latest, slugs

log = logging.getLogger(__name__)
SURE, NEAR = 0.85, 0.7
APART = 0.2  # how far the second candidate is from one that leaves no doubt
ENOUGH = 0.6  # share of the required columns of a theme from which its file is looked at
FOLLOWED = """
    SELECT 1 FROM territoire.feed f JOIN territoire.delivery d ON d.feed_id = f.id
     WHERE f.resource_id = %s AND d.by_way <> 'harvest' LIMIT 1
"""


def follow(resource: Any, sha256: str) -> Delivery | None:
    """Deliver the kept file of a resource (a `model.Resource`); `None` when it has no theme."""
    owner = publishers.find(resource.package.owner_org)
    if owner is None or not owner.is_local_authority or resource.package.private:
        return None
    if resource.url_type == URL_TYPE or read(FOLLOWED, (resource.id,)):
        return None  # a merged table, or the clean file of a deposit
    schema_id, is_sure = _theme(resource, sha256)
    if not schema_id:
        return None
    slug = schema_id.split("/", maxsplit=1)[0]
    feed = store.open_feed(slug, owner.id, owner.insee, resource.package_id, resource.id)
    file = publish.File(sha256, str(resource.url).rsplit("/", maxsplit=1)[-1][:200])
    try:
        if is_sure:
            return publish.deliver(feed, file, By(way=Way.HARVEST), schema_id)
        return publish.propose(feed, file, By(way=Way.HARVEST))
    except Refused as fault:
        log.info("the table of %s is not delivered: %s", resource.id, fault)
        return None


def _theme(resource: Any, sha256: str) -> tuple[str, bool]:
    """The schema of a resource and whether it is sure: declared, else by its columns."""
    declared = str((resource.extras or {}).get("table_schema") or "")
    if declared and find(declared):
        return declared, True
    if not files.path_of(sha256).exists() or not _is_worth_reading(resource.id):
        return "", False
    first, second = (*recognise_file(sha256), None, None)[:2]
    if first is None or first.confidence < NEAR:
        return "", False
    apart = first.confidence - (second.confidence if second else 0.0)
    return first.schema_id, first.confidence >= SURE and apart >= APART


def _is_worth_reading(resource_id: str) -> bool:
    """Say whether the headers of a loaded table are near those of a theme: the cheap question."""
    known = record.load_record(resource_id)
    labels = [each["label"] for each in known.reading.get("columns", ())] if known else []
    for schema in (latest(slug) for slug in slugs()):
        required = {each.name for each in schema.fields if each.is_required}
        missing = match_headers(schema, labels).missing
        if len(missing) <= (1 - ENOUGH) * len(required):
            return True
    return False


def forget(resource_ids: Sequence[str]) -> int:
    """Take out the rows of resources that are gone; answer how many feeds ended."""
    ended = 0
    for feed in [feed for each in resource_ids for feed in store.feeds_of(each)]:
        table, live = merged.load_merged(feed.slug), store.live_delivery(feed.id)
        if table is None or live is None:
            continue
        with transaction() as cursor:
            apply.lock(cursor, feed.slug)
            apply.remove_feed(cursor, apply.Place(feed.slug, table.resource_id, feed.id, live.id))
            store.set_state(cursor, live.id, State.REPLACED)
        publish.show(live)
        ended += 1
    return ended
