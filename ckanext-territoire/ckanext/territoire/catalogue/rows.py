"""From a validated package to the rows that CKAN 2.12 stores. Pure, but for the models' columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model

Row = dict[str, Any]
PACKAGE_TEXTS = "version url author author_email maintainer maintainer_email notes".split()
RESOURCE_TEXTS = "format description hash name resource_type mimetype mimetype_inner size".split()
RESOURCE_LATER = "last_modified cache_url cache_last_updated url_type".split()
RESOURCE_CORE = frozenset([*RESOURCE_TEXTS, *RESOURCE_LATER, "id", "url", "package_id", "position",
                           "created", "metadata_modified", "state"])  # fmt: skip


def with_millisecond(moment: datetime) -> datetime:
    """Give a moment a millisecond that is not 000: CKAN never matches such a one with Solr."""
    return moment if moment.microsecond >= 1000 else moment.replace(microsecond=1000)


def package_row(data: Row, user_id: str, now: datetime) -> Row:
    """The row of `package`; extras are sorted as PostgreSQL sorts the keys of JSONB."""
    extras = {extra["key"]: extra["value"] for extra in data.get("extras", ())}
    return {
        "id": data["id"],
        "name": data["name"],
        "title": data.get("title"),
        **{key: data.get(key) for key in PACKAGE_TEXTS},
        "license_id": data.get("license_id"),
        "type": "dataset",
        "owner_org": data["owner_org"],
        "creator_user_id": user_id,
        "metadata_created": now,
        "metadata_modified": now,
        "private": False,
        "state": "active",
        "plugin_data": None,
        "extras": dict(sorted(extras.items(), key=lambda e: (len(e[0].encode()), e[0].encode()))),
    }


def resource_rows(data: Row, now: datetime) -> list[Row]:
    """The rows of `resource`, in their order; what is no column goes to its extras."""
    return [
        {
            "id": resource["id"],
            "package_id": data["id"],
            "url": resource.get("url", ""),
            "position": position,
            **{key: resource.get(key) for key in RESOURCE_TEXTS},
            **{key: resource.get(key) for key in RESOURCE_LATER},
            "format": resource.get("format") or "",
            "hash": resource.get("hash") or "",
            "created": now,
            "metadata_modified": now,
            "extras": {k: resource[k] for k in sorted(resource) if k not in RESOURCE_CORE},
            "state": "active",
        }
        for position, resource in enumerate(data.get("resources", ()))
    ]


def keep_ids(new: list[Row], old: list[Row]) -> None:
    """Give changed resources the id they had: same address, else same name, else same place.

    Completes `new` in place: an unchanged resource keeps its dates, a kept one its creation.
    """
    free = {row["id"]: row for row in old}
    waiting = [row for row in new if not free.get(row["id"])]
    taken = {row["id"] for row in new if row["id"] in free}
    left = [row for row in old if row["id"] not in taken]
    for same in (lambda r: r["url"], lambda r: r["name"], lambda r: (r["position"], r["format"])):
        for row in list(waiting):
            match = next((o for o in left if same(row) and same(o) == same(row)), None)
            if match:
                row["id"] = match["id"]
                left.remove(match)
                waiting.remove(row)
    for row in new:
        before = free.get(row["id"])
        if before:
            row["created"] = before["created"]
            if (before["extras"] or {}).get("datastore_active"):
                row["extras"]["datastore_active"] = True
            changing = [k for k in row if k not in ("metadata_modified", "created", "state")]
            if before["state"] == "active" and all(row[k] == before[k] for k in changing):
                row["metadata_modified"] = before["metadata_modified"]


def organization_dict(organization_id: str) -> Row:
    """An organisation as CKAN puts it into its datasets."""
    group = model.Group.get(organization_id)
    assert group
    return {
        "id": group.id,
        "name": group.name,
        "title": group.title,
        "type": group.type,
        "description": group.description,
        "image_url": group.image_url,
        "created": group.created.isoformat(),
        "is_organization": group.is_organization,
        "approval_status": group.approval_status,
        "state": group.state,
    }
