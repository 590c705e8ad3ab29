"""Actions and authorisations on sources: what the API, the screens and the commands call."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.harvest_adapter import add, decisions, jobs, remove, sources
from ckanext.territoire.harvest_adapter.chained import CHAINED, CHAINED_AUTH
from ckanext.territoire.harvest_adapter.rhythm_told import coming_runs, rhythm_of
from ckanext.territoire.logic.named_source import checked_source
from ckanext.territoire.logic.run import run_facts
from harvesters.errors import Refused, sentence
from harvesters.registry import SOURCES
from harvesters.setting_words import say_settings

# what the form of a source calls what a refusal is about; the source itself else
FIELDS = {
    "TER-SRC-067": "kind",
    "TER-SRC-068": "organization",
    "TER-SRC-080": "quiet_hours",
    "TER-SRC-081": "frequency",
}


def _refuse(fault: Refused) -> toolkit.ValidationError:
    return toolkit.ValidationError({FIELDS.get(fault.issue.code, "source"): [str(fault)]})


@toolkit.side_effect_free
def territoire_source_kinds(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the kinds of sources with their settings and an example address."""
    toolkit.check_access("territoire_source_kinds", context, data_dict)
    return [
        {
            "kind": kind.kind,
            "label": kind.label_fr,
            "description": kind.description_fr,
            "example": kind.example_url,
            "settings": [
                {
                    "name": s.name,
                    "label": s.label_fr,
                    "help": s.help_fr,
                    "choices": [{"value": v, "label": told} for v, told in s.choices],
                    "default": s.default,
                    "required": s.is_required,
                    "secret": s.is_secret,
                }
                for s in kind.settings
            ],
        }
        for kind in SOURCES.values()
    ]


def territoire_source_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add a source: `kind`, `url`, `organization`, and optionally `name`, `title`, `frequency`,
    `quiet_hours`, `settings` (object). Answers the source; `is_draft` and `issue` tell an address
    that is away."""
    new = add.NewSource(
        kind=toolkit.get_or_bust(data_dict, "kind"),
        url=str(toolkit.get_or_bust(data_dict, "url")).strip(),
        organization=toolkit.get_or_bust(data_dict, "organization"),
        name=data_dict.get("name") or "",
        title=data_dict.get("title") or "",
        frequency=data_dict.get("frequency") or "AUTO",
        quiet=str(data_dict.get("quiet_hours") or "").strip(),
        settings=data_dict.get("settings") or {},
    )
    try:
        source, issue = add.add_source(context, new)
    except Refused as fault:
        raise _refuse(fault) from fault
    return source_to_dict(source) | {"issue": sentence(issue) if issue else ""}


@toolkit.side_effect_free
def territoire_source_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a source, its last runs, in `rhythm` when it is read next and why, and in `said` its
    settings in the words of the form."""
    source = checked_source(context, data_dict)
    return source_to_dict(source) | {
        "runs": [run_to_dict(run) for run in jobs.last_runs(source.id)],
        "rhythm": rhythm_of(source, jobs.utc_now()),
        "said": [asdict(each) for each in say_settings(sources.kind_of(source), source.settings)],
    }


@toolkit.side_effect_free
def territoire_source_schedule(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the coming runs of the sources that the caller may change, soonest first."""
    listed = toolkit.get_action("territoire_source_list")(Context(user=context["user"]), {})
    mine = {source["id"] for source in listed}
    return coming_runs(mine, jobs.utc_now())


def territoire_source_run(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask for a run; the runner does it. A draft source is tried first."""
    source = checked_source(context, data_dict)
    try:
        issue = add.check_draft(source) if source.is_draft else None
    except Refused as fault:
        raise _refuse(fault) from fault
    if issue:
        raise toolkit.ValidationError({"source": [sentence(issue)]})
    return {"job_id": jobs.open_job(sources.load_source(source.id))}


@toolkit.side_effect_free
def territoire_source_report(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show the report of the last run of a source, or of the run `job_id`."""
    source = checked_source(context, data_dict)
    wanted = data_dict.get("job_id")
    for run in jobs.last_runs(source.id, limit=200):
        if not wanted or run["job_id"] == wanted:
            return run_to_dict(run) | {"report": run["report"]}
    raise toolkit.ObjectNotFound("Cette source n’a pas encore été moissonnée.")


def territoire_source_decide(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accept or refuse a held run: `job_id`, `accept` (boolean). Accepting asks for a new run;
    refusing freezes each record of the plan until its source says something else."""
    source = checked_source(context, data_dict)
    is_accepted = toolkit.asbool(toolkit.get_or_bust(data_dict, "accept"))
    job_id, user = str(toolkit.get_or_bust(data_dict, "job_id")), str(context.get("user") or "")
    if is_accepted:
        return {"job_id": decisions.accept_held(source.id, job_id, user)}
    return {"job_id": None, "frozen": decisions.refuse_held(source.id, job_id, user)}


def territoire_source_remove(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Remove a source; `keep_datasets` says whether its datasets stay."""
    source = checked_source(context, data_dict)
    keep = toolkit.asbool(toolkit.get_or_bust(data_dict, "keep_datasets"))
    try:
        return {"retired": remove.remove_source(context, source, keep)}
    except Refused as fault:
        raise _refuse(fault) from fault


def source_to_dict(source: sources.StoredSource) -> dict[str, Any]:
    """Give a source as JSON, without any secret."""
    return {
        "id": source.id,
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "kind_label": sources.kind_of(source).label_fr,
        "url": source.url,
        "organization": sources.organization_of(source),
        "settings": dict(source.settings),
        "frequency": source.frequency,
        "is_active": source.is_active,
        "is_draft": source.is_draft,
    }


def run_to_dict(run: dict[str, Any]) -> dict[str, Any]:
    """Give a run as JSON, without its issues."""
    report = run["report"] or {}
    return run_facts(run) | {
        "sentence": report.get("sentence", ""),
        "issue_count": report.get("issue_count", 0),
        "digest": report.get("digest", ""),
    }


def _logged_in(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": bool(context.get("user"))}


ACTIONS = {
    **CHAINED,
    "territoire_source_kinds": territoire_source_kinds,
    "territoire_source_create": territoire_source_create,
    "territoire_source_show": territoire_source_show,
    "territoire_source_schedule": territoire_source_schedule,
    "territoire_source_run": territoire_source_run,
    "territoire_source_report": territoire_source_report,
    "territoire_source_decide": territoire_source_decide,
    "territoire_source_remove": territoire_source_remove,
}
AUTH = {
    **CHAINED_AUTH,
    "territoire_source_kinds": _logged_in,
}
