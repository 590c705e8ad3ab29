"""Rows follow the dataset that they come from: hidden with it (private, removed), shown with it.

The merged table is public; a commune that hides its dataset takes its rows back, and finds them
again when it shows it. What was decided of personal data and of the brake is asked again then.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.delivery import harvest, publish, published, store
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.model import By, State
from harvesters.errors import Refused

log = logging.getLogger(__name__)
SHOWN = """
    SELECT DISTINCT f.resource_id FROM territoire.feed f
      JOIN territoire.delivery d ON d.feed_id = f.id AND d.state = 'live'
     WHERE f.resource_id <> ''
"""
AWAY = "SELECT DISTINCT resource_id FROM territoire.feed WHERE hidden_at IS NOT NULL"
PUBLIC = sa.text("""
    SELECT r.id FROM resource r JOIN package p ON p.id = r.package_id
     WHERE r.id = ANY(:ids) AND r.state = 'active' AND p.state = 'active' AND NOT p.private
""")


def follow_visibility() -> tuple[int, int]:
    """Take out the rows of hidden datasets, bring back those of datasets that are shown again;
    answer how many resources of each. Asked as often as one likes."""
    published.follow_datasets()
    to_hide, to_show = _late()
    if to_hide:
        _mark(to_hide, "now()")
        harvest.forget(to_hide)
    for resource_id in to_show:
        _bring_back(resource_id)
    return len(to_hide), len(to_show)


def is_late() -> bool:
    """Say whether any row, or table, is to be taken out or brought back."""
    return any(_late()) or bool(published.late_tables())


def _late() -> tuple[list[str], list[str]]:
    """Resources whose rows are shown and must not be, and those of the other way round."""
    shown = [row["resource_id"] for row in read(SHOWN)]
    away = [row["resource_id"] for row in read(AWAY)]
    public = _public([*shown, *away])
    hide = [each for each in shown if each not in public]
    return hide, [each for each in away if each in public]


def _public(ids: list[str]) -> frozenset[str]:
    if not ids:
        return frozenset()
    with model.meta.engine.connect() as connection:
        return frozenset(connection.execute(PUBLIC, {"ids": ids}).scalars())


def _mark(resource_ids: list[str], value: str) -> None:
    with transaction() as cursor:
        cursor.execute(
            f"UPDATE territoire.feed SET hidden_at = {value} WHERE resource_id = ANY(%s)",
            (resource_ids,),
        )


def _bring_back(resource_id: str) -> None:
    """Deliver again the last file of each feed, unless another has come meanwhile."""
    for feed in store.feeds_of(resource_id):
        if store.live_delivery(feed.id):
            continue
        past = [each for each in store.deliveries_of(feed.id) if each.state is State.REPLACED]
        if past:
            last = past[0]
            file = publish.File(last.sha256, last.file_name, last.choice)
            try:
                publish.deliver(feed, file, By(last.by_id, last.by_way), last.schema_id)
            except Refused as fault:
                log.warning("the rows of %s do not come back: %s", resource_id, fault)
    _mark([resource_id], "NULL")
