"""The changes of the catalogue, numbered: which datasets changed since a number.

A trigger marks what a transaction changes. Here one process at a time numbers the marks of
transactions that have ended, so that a number is never seen after a greater one. As in the changes
of a merged table, a dataset stands once, at its last change; who follows a publisher that it left
is told that it is removed. What was never public is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import publishers

PUBLIC = "p.type = 'dataset' AND p.state = 'active' AND NOT p.private"
NUMBER = text(f"""
    WITH marked AS (
        SELECT dataset_id FROM territoire_dataset_change WHERE is_marked
         ORDER BY dataset_id FOR UPDATE SKIP LOCKED),
    numbered AS (
        SELECT m.dataset_id, p.owner_org, p.id IS NOT NULL AS is_shown,
               nextval('territoire_dataset_change_number') AS number
          FROM marked m LEFT JOIN package p ON p.id = m.dataset_id AND {PUBLIC}),
    gone AS (
        UPDATE territoire_dataset_left l SET number = n.number FROM numbered n
         WHERE l.dataset_id = n.dataset_id AND l.number = 0)
    UPDATE territoire_dataset_change c
       SET is_marked = false,
           number = CASE WHEN n.is_shown OR c.is_shown THEN n.number ELSE c.number END,
           shown_from = CASE WHEN NOT n.is_shown THEN 0 WHEN c.is_shown THEN c.shown_from
                             ELSE n.number END,
           org_id = CASE WHEN n.is_shown THEN coalesce(n.owner_org, '') ELSE c.org_id END,
           is_shown = n.is_shown
      FROM numbered n WHERE n.dataset_id = c.dataset_id
""")
FORGET = text("DELETE FROM territoire_dataset_change WHERE number = 0 AND NOT is_marked")
LAST = text("SELECT coalesce(max(number), 0) FROM territoire_dataset_change")
SINCE = """
    SELECT c.dataset_id, c.number, c.shown_from, c.org_id, p.name, p.title, p.owner_org,
           p.metadata_created, p.metadata_modified, p.id IS NOT NULL AS is_shown
      FROM territoire_dataset_change c LEFT JOIN package p ON p.id = c.dataset_id AND {public}
     WHERE c.number > :since {only}
"""
# of a publisher: what came to it from another is new, what left it for another is removed
OF_ORG = """
    SELECT dataset_id, number, greatest(shown_from, (
               SELECT max(l.number) FROM territoire_dataset_left l
                WHERE l.dataset_id = told.dataset_id)) AS shown_from, org_id, name, title,
           owner_org, metadata_created, metadata_modified, is_shown
      FROM ({since}) AS told
     UNION ALL
    SELECT l.dataset_id, l.number, 0, l.org_id, NULL, NULL, NULL, NULL, NULL, false
      FROM territoire_dataset_left l JOIN territoire_dataset_change c USING (dataset_id)
     WHERE l.org_id = :org_id AND c.org_id <> :org_id AND l.number > :since
"""
LEFT = text(f"""
    SELECT l.dataset_id, l.at, p.name, coalesce(nullif(p.title, ''), p.name) AS title,
           coalesce(nullif(g.title, ''), g.name) AS publisher, p.metadata_created
      FROM territoire_dataset_left l JOIN package p ON p.id = l.dataset_id AND {PUBLIC}
      JOIN "group" g ON g.id = p.owner_org
     WHERE l.org_id = :org AND p.owner_org <> :org ORDER BY l.at DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Changed:
    """A page of changes: those that are told, the number they end at, whether more follow."""

    changes: tuple[dict[str, Any], ...]
    until: int
    has_more: bool


def number_marks() -> int:
    """Number what has changed; answer the number of the last change. Commits."""
    model.Session.execute(NUMBER)
    model.Session.execute(FORGET)
    last = int(model.Session.execute(LAST).scalar_one())
    model.Session.commit()
    return last


def last_number() -> int:
    """Answer the number of the last change."""
    return int(model.Session.execute(LAST).scalar_one())


def read_since(since: int, limit: int, dataset_id: str = "", org_id: str = "") -> Changed:
    """Read what changed since a number, of one dataset or of one publisher when they are given.
    What is not public now is told as removed, by its id alone."""
    given = {"c.dataset_id": dataset_id, "c.org_id": org_id}
    only = "".join(f" AND {name} = :{name[2:]}" for name, value in given.items() if value)
    values = {name[2:]: value for name, value in given.items() if value}
    told = SINCE.format(public=PUBLIC, only=only)
    query = text(f"{OF_ORG.format(since=told) if org_id else told} ORDER BY number LIMIT :limit")
    rows = model.Session.execute(query, values | {"since": since, "limit": limit + 1}).all()
    shown = rows[:limit]
    changes = (_tell(row, since) for row in shown)
    until = shown[-1].number if len(rows) > limit else last_number()
    return Changed(tuple(each for each in changes if each), max(until, since), len(rows) > limit)


def left_lately(org_id: str, limit: int) -> list[dict[str, Any]]:
    """Read the public datasets that left a publisher for another, the last one first."""
    rows = model.Session.execute(LEFT, {"org": org_id, "limit": limit}).mappings()
    return [dict(row) for row in rows]


def _tell(row: Any, since: int) -> dict[str, Any] | None:
    """A change as it is told; `None`: it came and went since."""
    is_new = row.shown_from > since
    if not row.is_shown:
        return None if is_new else {"op": "removed", "id": row.dataset_id, "dataset": None}
    owner = publishers.find(row.owner_org)
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    dataset = {
        "id": row.dataset_id,
        "name": row.name,
        "title": row.title or row.name,
        "url": f"{site}/dataset/{row.name}",
        "organization": owner.name if owner else None,
        "metadata_created": _moment(row.metadata_created),
        "metadata_modified": _moment(row.metadata_modified),
    }
    return {"op": "added" if is_new else "changed", "id": row.dataset_id, "dataset": dataset}


def _moment(value: datetime) -> str:
    return f"{value.isoformat(timespec='milliseconds')}Z"
