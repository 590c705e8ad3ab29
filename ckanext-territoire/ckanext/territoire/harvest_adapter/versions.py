"""What runs changed, read again: counts, pages of changes, and what was changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model
from sqlalchemy import text

Row = dict[str, Any]
MAX_PAGE = 1_000

# Whether a dataset was changed since a run wrote it: '' no; 'run' by a later run, 'person' by
# somebody, 'elsewhere' another source publishes it now, 'gone' there is nothing to undo.
# What was written since and undone since does not count.
SINCE = """
    CASE WHEN c.state <> 'done' THEN ''
         WHEN p.id IS NULL OR r.dataset_id IS NULL THEN 'gone'
         WHEN r.source_id <> c.source_id THEN 'elsewhere'
         WHEN c.action = 'mark_missing' THEN CASE r.state WHEN 'missing' THEN '' ELSE 'gone' END
         WHEN c.action = 'retire' THEN CASE p.state WHEN 'deleted' THEN '' ELSE 'gone' END
         WHEN c.action IN ('create', 'reactivate') AND p.state = 'deleted' THEN 'gone'
         WHEN p.metadata_modified = c.written_at THEN ''
         WHEN EXISTS (SELECT 1 FROM territoire_change u
                       WHERE u.dataset_id = c.dataset_id AND u.id > c.id
                         AND u.undone_at = p.metadata_modified)
          AND NOT EXISTS (SELECT 1 FROM territoire_change v
                           WHERE v.dataset_id = c.dataset_id AND v.id > c.id
                             AND v.state = 'done') THEN ''
         WHEN p.metadata_modified = r.changed_at THEN 'run'
         ELSE 'person' END
"""
FROM = """
      FROM territoire_change c
      LEFT JOIN package p ON p.id = c.dataset_id
      LEFT JOIN territoire_source_record r ON r.dataset_id = c.dataset_id
     WHERE c.job_id = :job AND c.source_id = :source
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes of a run: an action, words of the title or the identifier, a page."""

    action: str = ""
    q: str = ""
    limit: int = 50
    offset: int = 0


def count_changes(source_id: str, job_id: str) -> dict[str, int]:
    """Count the changes of a run by action."""
    query = text("""SELECT action, count(*) AS n FROM territoire_change
                     WHERE job_id = :job AND source_id = :source GROUP BY action""")
    rows = model.Session.execute(query, {"job": job_id, "source": source_id})
    return {row.action: int(row.n) for row in rows}


def list_changes(source_id: str, job_id: str, asked: Asked) -> tuple[list[Row], int]:
    """Read one page of the changes of a run, in the order of its plan, and how many there are."""
    query = text(f"""
        SELECT c.id, c.dataset_id, c.remote_id, c.action, c.title, c.details, c.state,
               coalesce(p.name, '') AS name, ({SINCE}) AS since, count(*) OVER () AS total
        {FROM} AND (:action = '' OR c.action = :action)
           AND (:q = '' OR c.title ILIKE :like OR c.remote_id ILIKE :like)
         ORDER BY c.id LIMIT :limit OFFSET :offset
    """)
    values = {
        "job": job_id,
        "source": source_id,
        "action": asked.action,
        "q": asked.q,
        "like": f"%{_escaped(asked.q)}%",
        "limit": min(max(asked.limit, 1), MAX_PAGE),
        "offset": max(asked.offset, 0),
    }
    rows = [dict(row) for row in model.Session.execute(query, values).mappings()]
    total = int(rows[0]["total"]) if rows else 0
    return [{k: v for k, v in row.items() if k != "total"} for row in rows], total


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def changed_since(source_id: str, job_id: str, limit: int = 200) -> list[Row]:
    """List the datasets of a run that somebody has changed since: by whom, when."""
    query = text(f"""
        SELECT * FROM (
          SELECT c.dataset_id, c.title, coalesce(p.name, '') AS name, p.metadata_modified AS at,
                 ({SINCE}) AS since,
                 (SELECT coalesce(nullif(u.fullname, ''), u.name) FROM activity a
                    JOIN "user" u ON u.id = a.user_id WHERE a.object_id = c.dataset_id
                   ORDER BY a.timestamp DESC LIMIT 1) AS by
          {FROM} AND c.state = 'done'
        ) AS found WHERE since IN ('run', 'person', 'elsewhere') ORDER BY title LIMIT :limit
    """)
    values = {"job": job_id, "source": source_id, "limit": limit}
    return [dict(row) for row in model.Session.execute(query, values).mappings()]


def is_undoable(source_id: str, job_id: str) -> bool:
    """Whether something of a run is left to undo."""
    query = text("""SELECT EXISTS (SELECT FROM territoire_change WHERE job_id = :job
                                      AND source_id = :source AND state = 'done')""")
    values = {"job": job_id, "source": source_id}
    return bool(model.Session.execute(query, values).scalar())


def count_undone(source_id: str, job_id: str) -> int:
    """Count what was undone of a run since the last roll-back that was told to its end."""
    query = text("""
        SELECT count(*) FROM territoire_change
         WHERE job_id = :job AND source_id = :source AND state = 'undone'
           AND undone_at > coalesce((SELECT max(decided_at) FROM territoire_source_decision
                WHERE job_id = :job AND kind = 'rollback'), '-infinity')
    """)
    values = {"job": job_id, "source": source_id}
    return int(model.Session.execute(query, values).scalar_one())


def undoable(source_id: str, job_id: str) -> list[Row]:
    """Read what may be undone of a run, the first change of each dataset, without its rows."""
    query = text(f"""
        SELECT DISTINCT ON (c.dataset_id) c.id, c.dataset_id, c.remote_id, c.action, c.title,
               ({SINCE}) AS since
        {FROM} AND c.state = 'done' ORDER BY c.dataset_id, c.id
    """)
    rows = model.Session.execute(query, {"job": job_id, "source": source_id}).mappings()
    return [dict(row) for row in rows]


def rows_before(change_ids: list[int]) -> Mapping[int, bytes]:
    """Read the rows that stood before these changes, packed."""
    query = text("SELECT id, before FROM territoire_change WHERE id = ANY(:ids)")
    found = model.Session.execute(query, {"ids": change_ids})
    return {row.id: bytes(row.before) for row in found if row.before is not None}


FORGET = text("""
    WITH run AS (
        SELECT source_id, job_id,
               row_number() OVER (PARTITION BY source_id ORDER BY max(id) DESC) AS rank
          FROM territoire_change GROUP BY source_id, job_id
    )
    DELETE FROM territoire_change c USING run
     WHERE c.source_id = run.source_id AND c.job_id = run.job_id
       AND (c.written_at < (now() AT TIME ZONE 'utc') - make_interval(days => :days)
            OR run.rank > :runs)
       AND NOT EXISTS (SELECT 1 FROM territoire_run t WHERE t.job_id = c.job_id
                          AND t.state = 'held')
""")


def forget_old(days: int, runs: int) -> None:
    """Drop what may no longer be undone: older than some days, or before the last runs of its
    source. Commits."""
    model.Session.execute(FORGET, {"days": days, "runs": runs})
    model.Session.commit()
