"""What officers decide of the runs of a source, and the history of it: who, when, what."""

from __future__ import annotations

import json
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.catalogue import records
from ckanext.territoire.harvest_adapter import jobs
from harvesters.border import Border, reach
from harvesters.identity import ABSENT

Row = dict[str, Any]
GONE = frozenset({"retire", "mark_missing"})


def remember(source_id: str, kind: str, user: str, job_id: str = "", **facts: Any) -> None:
    """Add a decision to the history of a source. Does not commit."""
    model.Session.execute(
        text("""INSERT INTO territoire_source_decision (source_id, job_id, kind, facts, decided_by)
                VALUES (:source, :job, :kind, cast(:facts AS jsonb), :by)"""),
        {"source": source_id, "job": job_id, "kind": kind, "by": user,
         "facts": json.dumps(facts, ensure_ascii=False)},
    )  # fmt: skip


def history(source_id: str, limit: int = 50) -> list[Row]:
    """Read the last decisions on a source, newest first, with the name of the person."""
    query = text("""
        SELECT d.kind, d.job_id, d.facts, d.decided_at,
               coalesce(nullif(u.fullname, ''), d.decided_by) AS decided_by
          FROM territoire_source_decision d LEFT JOIN "user" u ON u.name = d.decided_by
         WHERE d.source_id = :source ORDER BY d.id DESC LIMIT :limit
    """)
    rows = model.Session.execute(query, {"source": source_id, "limit": limit}).mappings()
    return [dict(row) for row in rows]


def accept_held(source_id: str, job_id: str, user: str) -> str | None:
    """Accept a held run; answer the job that applies it, `None` when it is held no more. Commits
    both at once: what was accepted is done."""
    if not _settle(job_id, source_id, "accepted"):
        return None
    remember(source_id, "accept", user, job_id)
    again = jobs.ask_job(source_id)
    _commit()
    return again


def refuse_held(source_id: str, job_id: str, user: str) -> int | None:
    """Refuse all that a held run would do: each record is frozen as it is here, until its source
    says something else. Answers how many, `None` when the run is held no more. Commits."""
    if not _settle(job_id, source_id, "refused"):
        return None
    query = text("""SELECT action, remote_id, dataset_id, hash FROM territoire_change
                     WHERE job_id = :job AND source_id = :source AND state = 'planned'""")
    planned = model.Session.execute(query, {"job": job_id, "source": source_id}).all()
    new = {r.remote_id: (r.dataset_id, bytes(r.hash)) for r in planned if r.action == "create"}
    records.refuse_new(source_id, new)
    records.freeze(source_id, {
        r.remote_id: ABSENT if r.action in GONE else bytes(r.hash)
        for r in planned if r.action not in ("create", "mark_live")
    })  # fmt: skip
    remember(source_id, "refuse", user, job_id, count=len(planned))
    _commit()
    return len(planned)


def _commit() -> None:
    reach(Border.RUN_SETTLED)
    model.Session.commit()
    reach(Border.RUN_DECIDED)


def _settle(job_id: str, source_id: str, state: str) -> bool:
    query = text("""UPDATE territoire_run SET state = :state
                     WHERE job_id = :job AND source_id = :source AND state = 'held'""")
    values = {"job": job_id, "source": source_id, "state": state}
    done: Any = model.Session.execute(query, values)
    return bool(done.rowcount)


def release(source_id: str, user: str, dataset_ids: list[str] | None = None) -> int:
    """Take again what the source says of frozen records; the next run does it. Commits."""
    count = records.release(source_id, dataset_ids)
    if count:
        remember(source_id, "release", user, count=count)
    model.Session.commit()
    return count


def count_frozen(source_id: str) -> int:
    """Count the records that stay as they are by decision, those that wait for a reader apart."""
    query = text("""SELECT count(*) FROM territoire_source_record r
                     WHERE source_id = :source AND frozen_hash IS NOT NULL
                       AND NOT EXISTS (SELECT 1 FROM territoire_review v
                                        WHERE v.dataset_id = r.dataset_id)""")
    return int(model.Session.execute(query, {"source": source_id}).scalar_one())


def load_run(source_id: str, job_id: str) -> Row | None:
    """Read one run of a source, previews included."""
    query = text("""SELECT job_id, state, started_at, finished_at, progress, report
                      FROM territoire_run WHERE source_id = :source AND job_id = :job""")
    row = model.Session.execute(query, {"source": source_id, "job": job_id}).mappings().first()
    return dict(row) if row else None


def is_busy(source_id: str) -> bool:
    """Whether a run of this source waits or is running."""
    return any(source == source_id for _, source in jobs.waiting_jobs())
