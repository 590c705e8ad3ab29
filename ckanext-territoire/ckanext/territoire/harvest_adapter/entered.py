"""What entered in a run: the harvest objects of a job, with their datasets."""

from __future__ import annotations

from typing import Any

from ckan import model
from sqlalchemy import text

STATUSES = {"added": "nouveau", "updated": "mis à jour", "deleted": "retiré"}


def entered_datasets(job_id: str, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """Read one page of the datasets that a job wrote, by title, and how many there are."""
    query = text("""
        SELECT p.name, p.title, o.guid, o.report_status, count(*) OVER () AS total
          FROM harvest_object o JOIN package p ON p.id = o.package_id
         WHERE o.harvest_job_id = :id AND o.state = 'COMPLETE'
         ORDER BY p.title, p.name LIMIT :limit OFFSET :offset
    """)
    values = {"id": job_id, "limit": limit, "offset": offset}
    rows = [dict(row) for row in model.Session.execute(query, values).mappings()]
    found = [
        {"name": r["name"], "title": r["title"], "guid": r["guid"],
         "status": STATUSES.get(str(r["report_status"]), str(r["report_status"]))}
        for r in rows
    ]  # fmt: skip
    return found, int(rows[0]["total"]) if rows else 0
