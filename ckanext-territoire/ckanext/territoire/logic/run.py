"""Actions on the runs of a source: what they change, undo them, release what was frozen, rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.harvest_adapter import (
    decisions,
    moderation,
    rollback,
    runner,
    sources,
    versions,
)
from ckanext.territoire.harvest_adapter.rhythm_told import change_rhythm
from ckanext.territoire.logic.named_source import checked_source
from harvesters.errors import Refused
from harvesters.table.defuse import defuse

Data = dict[str, Any]
MAX_GRACE_DAYS = 365
COLUMNS = ("action", "title", "remote_id", "kind", "file", "field", "old", "new")


def whole(data_dict: Data, key: str, default: int) -> int:
    """Read a whole number that is not below zero."""
    value = str(data_dict.get(key, ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default


def _asked(data_dict: Data) -> versions.Asked:
    return versions.Asked(
        action=str(data_dict.get("only") or ""),
        q=str(data_dict.get("q") or "").strip()[:100],
        limit=whole(data_dict, "limit", 50),
        offset=whole(data_dict, "offset", 0),
    )


def _user(context: Context) -> str:
    return str(context.get("user") or "")


@toolkit.side_effect_free
def territoire_run_show(context: Context, data_dict: Data) -> Data:
    """Show the run `job_id` of the source `id`: its state, its report, whether it can be undone."""
    source = checked_source(context, data_dict)
    run = _run(source, data_dict)
    return run_facts(run) | {
        "report": run["report"],
        "undoable": versions.is_undoable(source.id, run["job_id"]),
    }


def run_facts(run: Data) -> Data:
    """Give what every answer on a run says: which, its state, when, how far."""
    return {
        "job_id": run["job_id"],
        "state": run["state"],
        "started_at": run["started_at"].isoformat(),
        "finished_at": run["finished_at"].isoformat() if run["finished_at"] else None,
        "progress": run["progress"],
    }


def _run(source: sources.StoredSource, data_dict: Data) -> Data:
    run = decisions.load_run(source.id, str(toolkit.get_or_bust(data_dict, "job_id")))
    if run is None:
        raise toolkit.ObjectNotFound("Cette moisson n’existe pas.")
    return run


@toolkit.side_effect_free
def territoire_run_diff(context: Context, data_dict: Data) -> Data:
    """Show what the run `job_id` of the source `id` changed, or would change: `state`, `counts` by
    action, `total`, and `changes`, at most `limit` (50, 1,000 at most) from `offset`; `only` those
    of one action, those whose title or identifier holds `q`. Each tells `details`, field by field,
    and `since`: `run` or `person` when it was changed again. `as` = `csv` answers a text."""
    source = checked_source(context, data_dict)
    run = _run(source, data_dict)
    job_id = run["job_id"]
    rows, total = versions.list_changes(source.id, job_id, _asked(data_dict))
    if data_dict.get("as") == "csv":
        return {"csv": to_csv(rows)}
    return {
        "job_id": job_id,
        "state": run["state"],
        "counts": versions.count_changes(source.id, job_id),
        "total": total,
        "changes": rows,
    }


def to_csv(rows: list[Data]) -> str:
    """Write changes as CSV, one line a changed field, formulas defused."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";")
    lines.writerow(COLUMNS)
    for row in rows:
        for detail in row["details"] or [{}]:
            told = {**{k: row[k] for k in ("action", "title", "remote_id")}, **detail}
            lines.writerow([defuse(str(told.get(name, ""))) for name in COLUMNS])
    return out.getvalue()


def territoire_run_preview(context: Context, data_dict: Data) -> Data:
    """Plan a run of the source `id` and write no dataset; `territoire_run_diff` then shows the run
    `job_id` that is answered. One is kept for each source."""
    source = checked_source(context, data_dict)
    with _said("source"):
        return {"job_id": runner.rehearse(source)}


@toolkit.side_effect_free
def territoire_run_conflicts(context: Context, data_dict: Data) -> list[Data]:
    """List the datasets of the run `job_id` that were changed since, by whom and when: a roll-back
    leaves them as they are unless it is told otherwise."""
    source = checked_source(context, data_dict)
    job_id = str(toolkit.get_or_bust(data_dict, "job_id"))
    return [
        row | {"at": row["at"].isoformat() if row["at"] else None}
        for row in versions.changed_since(source.id, job_id)
    ]


def territoire_run_rollback(context: Context, data_dict: Data) -> Data:
    """Undo the finished run `job_id` of the source `id`. Datasets changed since are left, but those
    whose ids are in `overwrite`. Answers how many were `removed`, `restored`, `returned`,
    `unmarked`, and those `left`. What was undone is not done again until the source changes it."""
    source = checked_source(context, data_dict)
    job_id = str(toolkit.get_or_bust(data_dict, "job_id"))
    overwrite = data_dict.get("overwrite") or []
    wanted = frozenset([overwrite] if isinstance(overwrite, str) else map(str, overwrite))
    with _said("job_id"):
        undone = rollback.roll_back(source, job_id, wanted, _user(context))
    runner.refresh_search()
    return undone.to_json()


def territoire_run_release(context: Context, data_dict: Data) -> Data:
    """Take again what the source `id` says of the records that decisions froze: all, or those of
    `datasets`. The next run does it. Answers `count`."""
    source = checked_source(context, data_dict)
    ids = data_dict.get("datasets")
    listed = None if ids is None else [str(each) for each in ids]
    return {"count": decisions.release(source.id, _user(context), listed)}


@toolkit.side_effect_free
def territoire_source_decisions(context: Context, data_dict: Data) -> list[Data]:
    """List what was decided of the source `id`, newest first: `kind`, `facts`, by whom, when."""
    source = checked_source(context, data_dict)
    return [
        row | {"decided_at": row["decided_at"].isoformat()} for row in decisions.history(source.id)
    ]


def territoire_source_update(context: Context, data_dict: Data) -> Data:
    """Set how the source `id` is harvested: `review` (`at_once`, `first`, or empty: as its
    organisation), `grace_days` (0 to 365, or empty: as everywhere), `nearness` (`producer`,
    `region`, `nation`, or empty: by its address), `frequency` (`AUTO`, `MANUAL`, `ALWAYS`, `DAILY`,
    `WEEKLY`, `BIWEEKLY`, `MONTHLY`), `quiet_hours` (« 8h-18h », or empty). Answers the rule."""
    source = checked_source(context, data_dict)
    _update_rhythm(source, data_dict)
    before = moderation.load_rule(source.id)
    review = data_dict.get("review", before.review) or ""
    days = data_dict.get("grace_days", before.grace_days)
    near = _nearness(data_dict.get("nearness", before.nearness) or "")
    rule = moderation.Rule(_review(review), None if days in ("", None) else _days(days), near)
    moderation.save_rule(source.id, rule)
    facts = {"review": rule.review, "grace_days": rule.grace_days, "nearness": rule.nearness}
    if rule != before:
        decisions.remember(source.id, "rule", _user(context), **facts)
    model.Session.commit()
    return facts


def _update_rhythm(source: sources.StoredSource, data_dict: Data) -> None:
    frequency = str(data_dict.get("frequency") or source.frequency)
    quiet = str(data_dict.get("quiet_hours", source.quiet) or "").strip()
    with _said("rhythm"):
        change_rhythm(source, frequency, quiet)


def territoire_organization_review(context: Context, data_dict: Data) -> Data:
    """Set how the sources of the organisation `id` are harvested when they do not say it
    themselves: `review` is `at_once` or `first`. For its administrators."""
    organization = toolkit.get_action("organization_show")(
        Context(**context), {"id": toolkit.get_or_bust(data_dict, "id")}
    )
    toolkit.check_access("organization_update", context, {"id": organization["id"]})
    review = _review(toolkit.get_or_bust(data_dict, "review"))
    moderation.save_rule(organization["id"], moderation.Rule(review))
    model.Session.commit()
    return {"id": organization["id"], "review": review}


@toolkit.side_effect_free
def territoire_organization_review_list(context: Context, data_dict: Data) -> dict[str, str]:
    """Tell the rule of each organisation that has one: id to `at_once` or `first`."""
    toolkit.check_access("territoire_source_list", context, data_dict)
    return moderation.organization_rules()


def _review(value: object) -> str:
    if value not in moderation.REVIEWS:
        told = "Choisissez « publié aussitôt » (at_once) ou « relu d’abord » (first)."
        raise toolkit.ValidationError({"review": [told]})
    return str(value)


def _nearness(value: object) -> str:
    if value not in moderation.NEARNESSES:
        told = "Choisissez le portail du producteur (producer), régional (region) ou national."
        raise toolkit.ValidationError({"nearness": [told]})
    return str(value)


def _days(value: object) -> float:
    told = str(value).strip().replace(",", ".")
    if not told.replace(".", "", 1).isdigit() or float(told) > MAX_GRACE_DAYS:
        raise toolkit.ValidationError({"grace_days": ["Donnez un nombre de jours, de 0 à 365."]})
    return float(told)


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Turn a refusal into an error of the field `name`."""
    try:
        yield
    except Refused as fault:
        raise toolkit.ValidationError({name: [str(fault)]}) from fault


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_run_show": territoire_run_show,
    "territoire_run_diff": territoire_run_diff,
    "territoire_run_preview": territoire_run_preview,
    "territoire_run_conflicts": territoire_run_conflicts,
    "territoire_run_rollback": territoire_run_rollback,
    "territoire_run_release": territoire_run_release,
    "territoire_source_decisions": territoire_source_decisions,
    "territoire_source_update": territoire_source_update,
    "territoire_organization_review": territoire_organization_review,
    "territoire_organization_review_list": territoire_organization_review_list,
}
# each asks `harvest_source_update` of its source, or `organization_update`
AUTH: dict[str, Callable[..., Any]] = {}
