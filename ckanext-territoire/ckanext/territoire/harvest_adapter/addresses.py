"""The addresses of datasets that were merged into others, given back when they are separated.

`territoire_merged_dataset` remembers whose record a dataset was, and the older addresses that led
to it. Nothing commits here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckan import model
from sqlalchemy import text

LEAD = (
    """INSERT INTO territoire_merged_dataset
              (former_id, dataset_id, source_id, remote_id, addresses)
       SELECT w.former, w.dataset, w.source, w.remote,
              ARRAY(SELECT a.old_name FROM territoire_old_address a WHERE a.dataset_id = w.former)
         FROM {wanted}
       ON CONFLICT (former_id) DO UPDATE SET dataset_id = excluded.dataset_id""",
    """UPDATE territoire_merged_dataset m SET dataset_id = w.dataset FROM {wanted}
        WHERE m.dataset_id = w.former""",
    """UPDATE territoire_old_address a SET dataset_id = w.dataset FROM {wanted}
        WHERE a.dataset_id = w.former""",
    """INSERT INTO territoire_old_address (old_name, dataset_id)
       SELECT unnest(ARRAY[p.id, p.name]), w.dataset FROM {wanted} JOIN package p ON p.id = w.former
       ON CONFLICT (old_name) DO UPDATE SET dataset_id = excluded.dataset_id""",
)
WANTED = """unnest(cast(:formers AS text[]), cast(:datasets AS text[]), cast(:sources AS text[]),
    cast(:remotes AS text[])) AS w (former, dataset, source, remote)"""
GIVE_BACK = (
    """DELETE FROM territoire_old_address a USING package p
        WHERE p.id = :former AND a.old_name IN (p.id, p.name)""",
    """UPDATE territoire_old_address a SET dataset_id = :former FROM territoire_merged_dataset m
        WHERE m.former_id = :former AND a.old_name = ANY(m.addresses)""",
    "DELETE FROM territoire_merged_dataset WHERE former_id = :former",
    "UPDATE package SET state = 'active', metadata_modified = :now WHERE id = :former",
    """UPDATE member SET state = 'active'
        WHERE table_id = :former AND capacity = 'organization' AND table_name = 'package'""",
)


def lead(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Lead the addresses of former datasets: (former, dataset of today, source, remote id)."""
    names = ("formers", "datasets", "sources", "remotes")
    values = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    for query in LEAD if rows else ():
        model.Session.execute(text(query.format(wanted=WANTED)), values)


def former_of(source_id: str, remote_id: str) -> str:
    """Answer the dataset that was the one of this record before it was merged, `""` if none."""
    query = text("""SELECT m.former_id FROM territoire_merged_dataset m
                      JOIN package p ON p.id = m.former_id
                     WHERE m.source_id = :source AND m.remote_id = :remote
                     ORDER BY m.former_id LIMIT 1""")
    found = model.Session.execute(query, {"source": source_id, "remote": remote_id}).scalar()
    return str(found or "")


def give_back(former_id: str, now: object) -> None:
    """Publish a former dataset again at its own addresses."""
    for query in GIVE_BACK:
        model.Session.execute(text(query), {"former": former_id, "now": now})


def rename(source_id: str, renamed: Sequence[tuple[str, str]]) -> None:
    """Follow records whose id changed at their source: (old, new)."""
    query = text("""
        UPDATE territoire_merged_dataset m SET remote_id = w.new
          FROM unnest(cast(:old AS text[]), cast(:new AS text[])) AS w (old, new)
         WHERE m.source_id = :source AND m.remote_id = w.old
    """)
    if renamed:
        values = {"old": [old for old, _ in renamed], "new": [new for _, new in renamed]}
        model.Session.execute(query, values | {"source": source_id})
