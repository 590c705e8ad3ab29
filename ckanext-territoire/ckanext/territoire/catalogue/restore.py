"""Write datasets as they stood, or as they waited: their rows are put in place as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import tables
from ckanext.territoire.catalogue.content import Former, active_tags
from ckanext.territoire.catalogue.documents import show_dicts
from ckanext.territoire.catalogue.rows import organization_dict, with_millisecond

Row = dict[str, Any]
CURRENT_OBJECT = """
    UPDATE harvest_object SET current = true WHERE id IN (
        SELECT DISTINCT ON (package_id) id FROM harvest_object
         WHERE package_id = ANY(:ids) AND state = 'COMPLETE' AND report_status <> 'deleted'
         ORDER BY package_id, import_finished DESC)
"""


def moment() -> datetime:
    """The moment of a change, as CKAN stores it."""
    return with_millisecond(datetime.now(UTC).replace(tzinfo=None))


def actor(name: str) -> model.User:
    """The person who decides, or the site itself."""
    user = model.User.get(name) if name else None
    if user is None:
        site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
        user = model.User.get(site["name"])
    assert user
    return user


def as_it_stands(dataset_ids: Sequence[str]) -> dict[str, Former]:
    """Read the rows of datasets as they stand."""
    return {
        dataset_id: Former(
            before.package,
            [r for r in before.resources if r["state"] == "active"],
            active_tags(before),
            {},
        )
        for dataset_id, before in tables.existing(list(dataset_ids)).items()
    }


def write_back(formers: Mapping[str, Former], user: model.User, now: datetime) -> None:
    """Put these rows in place, tell the activity, mark search as late. Does not commit."""
    if not formers:
        return
    ids = list(formers)
    existing = tables.existing(ids)
    names = _free_names(formers)
    packages = [
        {**former.package, "name": names[i], "state": "active", "metadata_modified": now}
        for i, former in formers.items()
    ]
    tables.write_packages(packages, existing)
    tables.write_resources([r for f in formers.values() for r in f.resources], existing)
    tags = tables.write_tags({i: f.tags for i, f in formers.items()}, existing)
    owners: dict[str, list[str]] = {}
    for package in packages:
        owners.setdefault(package["owner_org"], []).append(package["id"])
    for owner, owned in owners.items():
        tables.write_members(owned, owner)
    organizations = {owner: organization_dict(owner) for owner in owners}
    shown = []
    for package in packages:
        rows = formers[package["id"]].resources
        organization = organizations[package["owner_org"]]
        _, ours = show_dicts(package, rows, tags[package["id"]], organization)
        shown.append((package["id"], True, ours))
    tables.write_activities(shown, user, now)
    index_outbox.queue(ids)


def _free_names(formers: Mapping[str, Former]) -> dict[str, str]:
    """Give each dataset its former address, unless another has taken it since."""
    wanted = {former.package["name"]: i for i, former in formers.items()}
    query = sa.text("SELECT id, name FROM package WHERE name = ANY(:names) OR id = ANY(:ids)")
    values = {"names": list(wanted), "ids": list(formers)}
    rows = model.Session.execute(query, values).all()
    taken = {row.name for row in rows if row.name in wanted and row.id != wanted[row.name]}
    today = {row.id: row.name for row in rows}
    return {
        i: today.get(i, name) if name in taken else name
        for i, name in ((i, f.package["name"]) for i, f in formers.items())
    }


def bring_back(dataset_ids: Sequence[str], user: model.User, now: datetime) -> None:
    """Publish again datasets that were softly deleted, as they were. Does not commit."""
    write_back(as_it_stands(dataset_ids), user, now)
    if dataset_ids:
        model.Session.execute(sa.text(CURRENT_OBJECT), {"ids": list(dataset_ids)})


def set_private(dataset_ids: Sequence[str], is_private: bool, user: model.User) -> None:
    """Show datasets to the public, or hide them. Does not commit."""
    formers = as_it_stands(dataset_ids)
    for former in formers.values():
        former.package["private"] = is_private
    write_back(formers, user, moment())
