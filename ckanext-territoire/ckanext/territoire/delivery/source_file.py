"""The dataset of a commune that shows its good rows as a clean file, beside the merged table."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import coverage, files, publishers
from ckanext.territoire.delivery import store
from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.inspect_file import Look
from ckanext.territoire.delivery.model import Feed
from ckanext.territoire.territory.names import of
from harvesters.table.defuse import defused
from harvesters.table.received import column
from schemas.model import Schema
from schemas.to_columns import to_columns


def write_clean(look: Look, schema: Schema, hidden: frozenset[str]) -> str:
    """Keep the good rows as UTF-8 CSV, formulas defused; answer its sha256."""
    path = look.folder / "clean.csv"
    cells = []
    for stored in to_columns(schema):
        value = "NULL" if stored.name in hidden else quoted(column(stored.name))
        is_text = stored.type == "text" and stored.name not in hidden
        cells.append(f"{defused(value) if is_text else value} AS {quoted(stored.name)}")
    look.base.execute(
        f"COPY (SELECT {', '.join(cells)} FROM good ORDER BY line) TO '{path}' "
        "(FORMAT csv, HEADER true)"
    )
    return files.keep_file(Path(path))


def ensure_source(feed: Feed, schema: Schema) -> Feed:
    """Give the feed a dataset of its organisation with a resource for the clean file."""
    if feed.resource_id and _is_active(feed.resource_id):
        return feed
    owner = publishers.find(feed.org_id)
    title = owner.title if owner else feed.org_id
    name = f"{schema.slug}-{owner.name if owner else feed.org_id}"[:90]
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = Context(user=user["name"], ignore_auth=True)
    made = _dataset(context, name) or toolkit.get_action("package_create")(
        Context(user=user["name"], ignore_auth=True),
        {
            "name": name,
            "title": f"{schema.title} {of(title)}",
            "notes": f"{schema.description}\n\nCes lignes font partie de la table commune à tout "
            f"le territoire\u00a0: [{schema.title}](/dataset/{schema.slug}).",
            "owner_org": feed.org_id,
            "license_id": "lov2",
            "frequency": schema.frequency,
            "theme": [schema.theme],
            "communes": [feed.insee] if feed.insee in coverage.communes().names else [],
            "language": "fr",
            "resources": [],
        },
    )
    file_name = f"{name}.csv"
    url = f"{toolkit.config['ckan.site_url']}/dataset/{made['id']}/fichier/{quote(file_name)}"
    resource = toolkit.get_action("resource_create")(
        Context(user=user["name"], ignore_auth=True),
        {"package_id": made["id"], "name": schema.title, "format": "CSV", "url": url,
         "table_schema": schema.id},
    )  # fmt: skip
    store.set_source(feed.id, made["id"], resource["id"])
    found = store.load_feed(feed.id)
    assert found is not None
    return found


def show_file(feed: Feed, sha256: str) -> None:
    """Make the resource serve this file; the DataStore follows by the job worker."""
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    toolkit.get_action("resource_patch")(
        Context(user=user["name"], ignore_auth=True),
        {
            "id": feed.resource_id,
            "hash": sha256,
            "size": files.path_of(sha256).stat().st_size,
            "mimetype": "text/csv",
        },
    )


def _dataset(context: Context, name: str) -> dict[str, Any] | None:
    try:
        found = toolkit.get_action("package_show")(context, {"id": name})
    except toolkit.ObjectNotFound:
        return None
    return dict(found) if found["state"] == "active" else None


def _is_active(resource_id: str) -> bool:
    found: Any = model.Resource.get(resource_id)
    is_there = found is not None and found.state == "active" and found.package.state == "active"
    model.Session.rollback()
    return is_there
