"""Actions and authorisations before a source exists: recognise an address, preview, discover."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ckan import authz
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.harvest_adapter import add, discover, preview
from ckanext.territoire.logic.named_source import checked_source
from ckanext.territoire.territory.officers import is_officer
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from harvesters.recognise import Recognition


def territoire_source_recognise(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask the address `url` which kind of source it is; takes some seconds.

    Answers `candidates` (the surest first: `kind`, `label`, `url`, `sureness`, `count`,
    `evidence`), `best` (the kind to take, or `null` when a person must choose), `tried`, `issue`.
    """
    toolkit.check_access("territoire_source_recognise", context, data_dict)
    url = str(toolkit.get_or_bust(data_dict, "url")).strip()
    return recognition_to_dict(add.recognise_address(url))


def territoire_source_preview(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Read the first pages of a source and write nothing: the source `id`, or an address that is
    no source yet (`kind`, `url`, `organization`, `settings`). Answers what a run would do, the
    first records mapped, licences, formats, fields nobody reads, issues by code, doubles."""
    if data_dict.get("id"):
        return preview.preview_stored(checked_source(context, data_dict))
    toolkit.check_access("territoire_source_recognise", context, data_dict)
    kind, url = toolkit.get_or_bust(data_dict, ["kind", "url"])
    settings = data_dict.get("settings") or {}
    owner = data_dict.get("organization")
    with _refusals():
        owner_id = add.organization_named(owner).id if owner else ""
        return preview.preview_address(kind, str(url).strip(), settings, owner_id)


def territoire_source_discover(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask the national catalogue which sources the territory already has; takes a minute.

    `epci` (SIREN; the one that is installed else), `url` (another catalogue made with udata).
    Answers `proposals`: each a source to add (`kind`, `url`, `title`, `organization`), with
    `count`, `double_count` out of `read_count`, `reason`, `here` (the source that is it already)
    and `is_chosen`. Adds nothing.
    """
    toolkit.check_access("territoire_source_discover", context, data_dict)
    tell: Any = context.get("progress") or (lambda _: None)
    epci, url = str(data_dict.get("epci") or ""), str(data_dict.get("url") or "")
    with _refusals():
        return discover.find_sources(epci, url, tell)


def territoire_source_discovery_start(
    context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Have the job worker search; `territoire_source_discovery_show` follows it."""
    toolkit.check_access("territoire_source_discover", context, data_dict)
    with _refusals():
        discover.start_search(str(data_dict.get("epci") or ""))
    return {"state": "running"}


@toolkit.side_effect_free
def territoire_source_discovery_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show the last search: `state` (none, running, finished, failed), its `progress`, what was
    `found` (see `territoire_source_discover`) or the `issue`."""
    toolkit.check_access("territoire_source_discover", context, data_dict)
    with _refusals():
        return discover.load_search(str(data_dict.get("epci") or ""))


def territoire_source_create_many(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add several `sources`, each as `territoire_source_create` takes it; one that is refused
    leaves the others. Answers `added` (the sources) and `refused` (`title`, `told`)."""
    added: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    create = toolkit.get_action("territoire_source_create")
    for each in toolkit.get_or_bust(data_dict, "sources"):
        try:
            added.append(create(Context(user=context.get("user", "")), dict(each)))
        except toolkit.ValidationError as fault:
            errors: dict[str, Any] = fault.error_dict
            told = " ".join(str(text) for texts in errors.values() for text in texts)
            refused.append({"title": str(each.get("title") or each.get("url")), "told": told})
    return {"added": added, "refused": refused}


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal into the error of an action."""
    try:
        yield
    except Refused as fault:
        raise toolkit.ValidationError({"source": [str(fault)]}) from fault


def recognition_to_dict(found: Recognition) -> dict[str, Any]:
    """Give a recognition as JSON; `issue` says in French why a person must choose."""
    best = found.best
    return {
        "url": found.url,
        "candidates": [
            {
                "kind": each.kind,
                "label": each.label_fr,
                "url": each.url,
                "sureness": each.sureness.value,
                "count": each.count,
                "evidence": each.evidence,
            }
            for each in found.candidates
        ],
        "best": best.kind if best else None,
        "tried": [{"url": each.url, "found": each.found} for each in found.tried],
        "issue": "" if best else sentence(_why_choose(found)),
    }


def _why_choose(found: Recognition) -> Issue:
    if found.issue:
        return found.issue
    first, *others = found.surest
    if others:
        kinds = ", ".join(f"« {each.label_fr} » ({each.kind})" for each in found.surest)
        return Issue("TER-SRC-072", found.url, kinds)
    return Issue("TER-SRC-073", found.url, first.evidence, first.kind)


def _publishers(context: Context, data_dict: Mapping[str, Any]) -> AuthResult:
    """Whoever may publish for one organisation may ask an address what it is."""
    user = context.get("user", "")
    is_allowed = authz.has_user_permission_for_some_org(user, "create_dataset") if user else False
    return {"success": is_allowed, "msg": "Réservé aux responsables des données."}


def _officers(context: Context, data_dict: Mapping[str, Any]) -> AuthResult:
    """Whoever publishes for the EPCI may look for the sources of all of its communes."""
    return {"success": is_officer(context.get("user", "")), "msg": "Réservé à l’EPCI."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_source_recognise": territoire_source_recognise,
    "territoire_source_preview": territoire_source_preview,
    "territoire_source_discover": territoire_source_discover,
    "territoire_source_discovery_start": territoire_source_discovery_start,
    "territoire_source_discovery_show": territoire_source_discovery_show,
    "territoire_source_create_many": territoire_source_create_many,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_source_recognise": _publishers,
    "territoire_source_discover": _officers,
}
