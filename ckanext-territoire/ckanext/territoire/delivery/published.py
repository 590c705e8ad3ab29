"""What maps and GIS may read of the merged tables: their views, and what is told of each (ADR 13).

A view stands in the schema `published` and is written by `territoire.publish` (migration 0006) from
the columns that the table has, but for those that have ended. The catalogue is in another database:
whether the dataset of a table is public, its licence, its page, its publisher and its columns that
have ended are copied from there, as often as one likes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.developers.announced import gone_columns

TOLD = """
    SELECT slug, dataset_id, is_shown, licence, page, publisher, gone FROM territoire.merged
"""
DATASETS = sa.text("""
    SELECT p.id, p.state = 'active' AND NOT p.private AS is_shown,
           coalesce(p.license_id, '') AS licence, p.name AS page,
           coalesce(nullif(g.title, ''), g.name, '') AS publisher
      FROM package p LEFT JOIN "group" g ON g.id = p.owner_org WHERE p.id = ANY(:ids)
""")
TELL = """
    UPDATE territoire.merged SET is_shown = %(is_shown)s, licence = %(licence)s, page = %(page)s,
           publisher = %(publisher)s, gone = %(gone)s WHERE slug = %(slug)s
"""
FACTS = ("is_shown", "licence", "page", "publisher")
NOWHERE = {"is_shown": False, "licence": "", "page": "", "publisher": ""}


def withdraw(cursor: Any, slug: str) -> None:
    """Drop the view of a table whose columns are about to change, in the caller's transaction."""
    cursor.execute(f"DROP VIEW IF EXISTS published.{quoted(slug)}")


def publish(cursor: Any, slug: str) -> None:
    """Make the view of a table anew, in the caller's transaction."""
    cursor.execute("SELECT territoire.publish(%s)", (slug,))


def late_tables() -> list[dict[str, Any]]:
    """List the tables of which something else is told than what the catalogue says, with what it
    says; a dataset that is gone shows nothing."""
    tables = read(TOLD)
    ids = [each["dataset_id"] for each in tables]
    with model.meta.engine.connect() as connection:
        found = connection.execute(DATASETS, {"ids": ids}).mappings()
        known = {row["id"]: {name: row[name] for name in FACTS} for row in found}
    late = []
    for each in tables:
        gone = sorted(gone_columns(each["slug"], datetime.now(UTC).date()))
        said = known.get(each["dataset_id"], NOWHERE) | {"gone": gone}
        if said != {name: each[name] for name in (*FACTS, "gone")}:
            late.append({"slug": each["slug"], **said})
    return late


def follow_datasets() -> int:
    """Tell of each table what the catalogue says of its dataset; answer how many were late."""
    late = late_tables()
    if late:
        with transaction() as cursor:
            cursor.executemany(TELL, late)
            for each in late:
                publish(cursor, each["slug"])
    return len(late)
