"""What the archive holds: the catalogue, each merged table, the files that we keep of the rest.

Only what everybody may see, read with nobody's rights. A file that we do not hold is listed with
its address, and not fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.uploader import get_resource_uploader
from ckan.plugins import toolkit

from ckanext.territoire import files
from ckanext.territoire.api.gone_columns import open_schema
from ckanext.territoire.delivery import exports
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.merged import URL_TYPE, Merged

BATCH = 500
PUBLIC = "p.state = 'active' AND NOT p.private AND p.type = 'dataset'"
STATE = sa.text(f"""
    SELECT count(*) AS datasets, coalesce(max(p.metadata_modified)::text, '') AS changed,
           coalesce(md5(string_agg(p.id, ',' ORDER BY p.id)), '') AS ids,
           (SELECT coalesce(max(checked_at)::text, '') FROM territoire_table) AS tables
      FROM package p WHERE {PUBLIC}
""")
KEPT = sa.text("SELECT resource_id, sha256 FROM territoire_table WHERE sha256 <> ''")
TABLES = """
    SELECT slug, schema_id, dataset_id, resource_id, cursor FROM territoire.merged ORDER BY slug
"""
UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
TABLE_ENDINGS = ("csv", "parquet")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: where it goes, where its bytes are (`None`: not held here), and what
    the list says of it."""

    name: str
    path: Path | None
    dataset: str
    title: str
    publisher: str
    licence: str
    url: str


def state() -> str:
    """A text that changes when anything that the archive holds may have changed."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(STATE).one()
    columns = [open_schema(each["schema_id"]).field_names for each in read(TABLES)]
    told = f"{row.datasets} {row.changed} {row.ids} {row.tables} {columns}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def packages() -> Iterator[dict[str, Any]]:
    """Every public dataset, in batches."""
    start = 0
    while True:
        found = toolkit.get_action("package_search")({"user": ""}, {
            "fq": "dataset_type:dataset", "sort": "id asc", "rows": BATCH, "start": start,
            "include_private": False,
        })["results"]  # fmt: skip
        yield from found
        if len(found) < BATCH:
            return
        start += BATCH


def entries(package: Mapping[str, Any], kept: Mapping[str, str]) -> Iterator[Entry]:
    """The files of a dataset. A merged table is there once, whatever formats its page lists."""
    owner = package.get("organization") or {}
    for number, resource in enumerate(package.get("resources") or (), 1):
        if resource.get("url_type") == URL_TYPE:
            continue
        name = _file_name(resource, number)
        yield Entry(
            f"jeux/{package['name']}/{name}", _path(resource, kept), package["name"],
            package.get("title") or package["name"], owner.get("title") or "",
            package.get("license_id") or "", str(resource.get("url") or ""),
        )  # fmt: skip


def tables(public_ids: frozenset[str]) -> Iterator[Entry]:
    """The merged tables whose dataset is public."""
    for row in read(TABLES):
        if row["dataset_id"] not in public_ids:
            continue
        merged, schema = Merged(**row), open_schema(row["schema_id"])
        for ending in TABLE_ENDINGS:
            yield Entry(
                f"tables/{schema.slug}.{ending}", exports.export(schema, merged, ending),
                schema.slug, schema.title, "", "lov2", "",
            )  # fmt: skip


def kept_files() -> dict[str, str]:
    """The last good copy of each table by resource: its sha256."""
    with model.meta.engine.connect() as connection:
        return {row.resource_id: row.sha256 for row in connection.execute(KEPT)}


def _path(resource: Mapping[str, Any], kept: Mapping[str, str]) -> Path | None:
    """Where the bytes are: sent here, made by a source, or the copy of a table."""
    if resource.get("url_type") == "upload":
        sent = Path(get_resource_uploader(dict(resource)).get_path(resource["id"]))
        return sent if sent.is_file() else None
    for sha256 in (str(resource.get("hash") or ""), kept.get(resource["id"], "")):
        if files.is_hash(sha256) and files.path_of(sha256).is_file():
            return files.path_of(sha256)
    return None


def _file_name(resource: Mapping[str, Any], number: int) -> str:
    """A name that is safe in any folder and alone in its own."""
    last = str(resource.get("url") or "").split("?")[0].split("#")[0].rsplit("/", 1)[-1]
    wanted = UNSAFE.sub("-", last).strip(".-")[-80:] or "fichier"
    ending = str(resource.get("format") or "").lower()
    if "." not in wanted and ending.isalnum():
        wanted = f"{wanted}.{ending}"
    return f"{number:02d}-{wanted}"
