"""All sources with how they go, in two statements whatever their number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.harvest_adapter.health import Overview, Week
from ckanext.territoire.harvest_adapter.sources import StoredSource, list_sources

RUN = """job_id, state, started_at, finished_at, progress,
                  report - 'issues' - 'risky' AS report,
                  jsonb_path_query_first(report, '$.issues[*] ? (@.consequence == "stop").code')
                  #>> '{}' AS stop_code"""
ENDED = "'running', 'interrupted', 'preview'"  # what is no end of a run
OVERVIEW = text(f"""
    SELECT s.id, s.created, to_jsonb(last) AS last_run,
           to_jsonb(ended) AS ended_run, failed.since AS failing_since, runs.*,
           coalesce(records.live, 0) AS live, coalesce(records.missing, 0) AS missing,
           records.changed_at, coalesce(reviews.n, 0) AS reviews, coalesce(choices.n, 0) AS choices,
           coalesce(rhythm.next_run, nullif(s.next_run, '9999-01-01')) AS next_run,
           jobs.waits_since
      FROM harvest_source s
      LEFT JOIN LATERAL (
           SELECT {RUN} FROM territoire_run WHERE source_id = s.id AND state <> 'preview'
            ORDER BY started_at DESC LIMIT 1) last ON true
      LEFT JOIN LATERAL (
           SELECT {RUN} FROM territoire_run WHERE source_id = s.id AND state NOT IN ({ENDED})
            ORDER BY started_at DESC LIMIT 1) ended ON true
      LEFT JOIN LATERAL (
           SELECT max(started_at) FILTER (WHERE state NOT IN ('failed', {ENDED})) AS answered_at,
                  count(*) FILTER (WHERE is_recent) AS week_runs,
                  coalesce(sum(created) FILTER (WHERE is_recent), 0)::bigint AS week_new,
                  coalesce(sum(updated) FILTER (WHERE is_recent), 0)::bigint AS week_updated,
                  coalesce(sum(retired) FILTER (WHERE is_recent), 0)::bigint AS week_retired
             FROM (SELECT state, started_at,
                          started_at > :week AND state IN ('finished', 'accepted') AS is_recent,
                          (report->>'created')::bigint + (report->>'reactivated')::bigint
                              AS created,
                          (report->>'updated')::bigint + (report->>'renamed')::bigint AS updated,
                          (report->>'retired')::bigint AS retired
                     FROM territoire_run WHERE source_id = s.id) r) runs ON true
      LEFT JOIN LATERAL (
           SELECT min(started_at) AS since FROM territoire_run
            WHERE source_id = s.id AND state = 'failed'
              AND started_at > coalesce(runs.answered_at, '-infinity')) failed ON true
      LEFT JOIN (
           SELECT source_id, count(*) FILTER (WHERE state = 'live') AS live,
                  count(*) FILTER (WHERE state = 'missing') AS missing,
                  max(changed_at) AS changed_at
             FROM territoire_source_record WHERE state <> 'retired' GROUP BY source_id
           ) records ON records.source_id = s.id
      LEFT JOIN (SELECT source_id, count(*) AS n FROM territoire_review GROUP BY source_id) reviews
             ON reviews.source_id = s.id
      LEFT JOIN (
           SELECT r.source_id, count(*) AS n FROM territoire_overlay o
             JOIN territoire_source_record r ON r.dataset_id = o.dataset_id
            WHERE o.says IS NOT NULL GROUP BY r.source_id) choices ON choices.source_id = s.id
      LEFT JOIN territoire_source_rhythm rhythm ON rhythm.source_id = s.id
      LEFT JOIN (SELECT source_id, min(created) AS waits_since FROM harvest_job
                  WHERE status = 'New' GROUP BY source_id) jobs ON jobs.source_id = s.id
""")


def read_overview(week: datetime) -> list[Overview]:
    """Read every source of our kinds, by title; what changed is counted from `week` on (UTC)."""
    rows = model.Session.execute(OVERVIEW, {"week": week.astimezone(UTC).replace(tzinfo=None)})
    known = {row["id"]: row for row in rows.mappings()}
    return [_to_overview(each, known[each.id]) for each in list_sources() if each.id in known]


def _to_overview(source: StoredSource, row: Mapping[str, Any]) -> Overview:
    moments = ("answered_at", "failing_since", "next_run", "waits_since", "changed_at")
    return Overview(
        source=source,
        created_at=_aware(row["created"]) or datetime.now(UTC),
        last=_run(row["last_run"]),
        ended=_run(row["ended_run"]),
        **{name: _aware(row[name]) for name in moments},
        **{name: int(row[name]) for name in ("live", "missing", "reviews", "choices")},
        week=Week(
            *(int(row[f"week_{name}"] or 0) for name in ("runs", "new", "updated", "retired"))
        ),
    )


def _run(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A run as `jobs.last_runs` gives it: moments again, which JSON has as text."""
    if row is None or row["job_id"] is None:
        return None
    ends = row["finished_at"]
    return {
        **row,
        "started_at": datetime.fromisoformat(row["started_at"]),
        "finished_at": datetime.fromisoformat(ends) if ends else None,
    }


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
