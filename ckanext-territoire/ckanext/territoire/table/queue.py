"""Which resources wait to be read as tables."""

from __future__ import annotations

from collections.abc import Sequence

from ckan import model
from sqlalchemy import text

FORMATS = ("csv", "tsv", "xls", "xlsx", "ods")


def queue_tables(dataset_ids: Sequence[str]) -> int:
    """Queue every table resource of these datasets, in one statement. Commits."""
    if not dataset_ids:
        return 0
    query = text("""
        INSERT INTO territoire_table (resource_id, dataset_id, source_url, state)
        SELECT r.id, r.package_id, r.url, 'waiting' FROM resource r JOIN package p
            ON p.id = r.package_id
         WHERE r.package_id = ANY(:ids) AND r.state = 'active' AND p.state = 'active'
           AND lower(r.format) = ANY(:formats)
        ON CONFLICT (resource_id) DO UPDATE
           SET state = 'waiting', source_url = excluded.source_url,
               dataset_id = excluded.dataset_id
    """)
    done = model.Session.execute(query, {"ids": list(dataset_ids), "formats": list(FORMATS)})
    model.Session.commit()
    return done.rowcount
