"""Which states stand, from what is known of sources, runs and deliveries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ckanext.territoire.harvest_adapter import health
from ckanext.territoire.harvest_adapter.health import Overview
from ckanext.territoire.notices.model import Kind, Standing
from harvesters.registry import SOURCES

SILENT_AFTER = timedelta(days=180)
Facts = Mapping[str, Any]


def of_sources(listed: Iterable[Overview], now: datetime) -> list[Standing]:
    """Say what stands for each source that is harvested."""
    return [
        standing
        for each in listed
        if is_served(each)
        for standing in (_standing(kind, each, facts) for kind, facts in _states(each, now))
    ]


def is_served(each: Overview) -> bool:
    """Whether anything is told of a source: not of a draft, nor of one that is stopped."""
    return each.source.is_active and not each.source.is_draft


def is_well(each: Overview) -> bool:
    """Whether the last run read all of the source, and something: « works again » is then true."""
    is_finished = each.ended is not None and each.ended["state"] == "finished"
    return is_finished and not health.is_partial(each) and not health.is_empty(each)


def of_runs(rows: Iterable[Facts]) -> list[Standing]:
    """Say what runs have retired: `job_id`, `source_id`, `org_id`, `name`, `title`, `retired`."""
    return [
        Standing(
            Kind.RETIRED,
            f"source:{row['source_id']}",
            row["org_id"],
            row["source_id"],
            row["job_id"],
            {
                "title": row["title"],
                "path": f"/moissons/{row['name']}/{row['job_id']}",
                "count": row["retired"],
            },
        )
        for row in rows
    ]


def of_deliveries(rows: Iterable[Facts]) -> list[Standing]:
    """Say which deliveries wait (`state` held), and which harvested feeds have rows set aside:
    `id`, `feed_id`, `org_id`, `theme`, `state`, `bad`, `good`."""
    return [_of_delivery(row) for row in rows]


def of_flags(rows: Iterable[Facts]) -> list[Standing]:
    """Say who has flags to answer: `org_id`, `name` and `title` of the organisation, `count`, and
    `newest`, which tells apart what comes after what was told."""
    return [_to_read(Kind.FLAG, "flags", "/signalements", row) for row in rows]


def of_contributions(rows: Iterable[Facts]) -> list[Standing]:
    """Say who has contributions to read: the same facts as those of flags."""
    path = "/pilotage/contributions"
    return [_to_read(Kind.CONTRIBUTION, "contributions", path, row) for row in rows]


def _to_read(kind: Kind, about: str, path: str, row: Facts) -> Standing:
    facts = {"title": row["title"], "path": f"{path}?pour={row['name']}", "count": row["count"]}
    key = f"{about}:{row['org_id']}"
    return Standing(kind, key, row["org_id"], change=row["newest"], facts=facts)


def _of_delivery(row: Facts) -> Standing:
    facts = {"title": row["theme"], "path": f"/depots/{row['id']}"}
    if row["state"] == "held":
        return Standing(Kind.DECISION, f"delivery:{row['id']}", row["org_id"], facts=facts)
    counts = {"count": row["bad"], "good": row["good"]}
    return Standing(Kind.ASIDE, f"feed:{row['feed_id']}", row["org_id"], facts=facts | counts)


def _states(each: Overview, now: datetime) -> Iterator[tuple[Kind, dict[str, Any]]]:
    if health.is_held(each):
        yield Kind.HELD, {"sentence": each.report.get("sentence", ""), "path": _report(each)}
    if health.is_failing(each):
        since = each.failing_since or now
        code = str((each.ended or {}).get("stop_code") or "")
        yield Kind.FAILING, {"since": since.isoformat(), "code": code, "path": _report(each)}
    if health.is_empty(each):
        yield Kind.EMPTY, {"path": _report(each)}
    if health.is_partial(each):
        yield Kind.PARTIAL, {"path": _report(each)}
    if health.is_late(each, now):
        due = min(moment for moment in (each.next_run, each.waits_since) if moment)
        yield Kind.LATE, {"since": due.isoformat()}
    if each.choices:
        yield Kind.DECISION, {"count": each.choices}
    if each.reviews:
        yield Kind.REVIEW, {"count": each.reviews}
    if _is_silent(each, now):
        yield Kind.SILENT, {"since": each.changed_at.isoformat() if each.changed_at else ""}


def _is_silent(each: Overview, now: datetime) -> bool:
    """Whether a source answers and has given nothing new for long; sensors are judged elsewhere."""
    if SOURCES[each.source.kind].to_observations or not is_well(each) or not each.live:
        return False
    return each.changed_at is not None and each.changed_at + SILENT_AFTER < now


def _report(each: Overview) -> str:
    job = each.ended["job_id"] if each.ended else ""
    return f"/moissons/{each.source.name}/{job}" if job else f"/moissons/{each.source.name}"


def _standing(kind: Kind, each: Overview, facts: Mapping[str, Any]) -> Standing:
    source = each.source
    told = {"title": source.title or source.name, "path": f"/moissons/{source.name}", **facts}
    return Standing(kind, f"source:{source.id}", source.organization_id, source.id, facts=told)
