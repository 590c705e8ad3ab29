"""The officer's screens before a source exists: an address, what it is, a trial, the addition.

They join the addresses of `source_pages`, with which they share the frame of a page on sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Response, request

from ckanext.territoire.portal.refused import refusals
from ckanext.territoire.portal.source_list import sources
from ckanext.territoire.portal.source_pages import back_to, call, sentences, show_page
from ckanext.territoire.portal.typography import count

__all__ = ["sources"]
TYPED = ("kind", "url", "organization", "title", "frequency", "quiet_hours")
Kinds = list[dict[str, Any]]


@sources.route("/ajouter", methods=["GET", "POST"])
def add() -> str | Response:
    """Give an address, see its kind and its settings, try it, add it; a refusal keeps what was
    typed and says why."""
    kinds: Kinds = call("territoire_source_kinds")
    if request.method == "GET":
        return _form(kinds, {"url": request.args.get("url", ""), "kind": ""})
    typed = _typed(request.form, kinds)
    if request.form.get("step") == "recognise" or not typed["kind"]:
        return _recognised(kinds, typed)
    try:
        if request.form.get("step") == "preview":
            found = call("territoire_source_preview", **typed)
            return _form(kinds, typed, preview=found)
        made = toolkit.get_action("territoire_source_create")({"user": toolkit.g.user}, typed)
    except toolkit.ValidationError as fault:
        return _form(kinds, typed, errors=refusals(fault, source="url"))
    except toolkit.NotAuthorized:
        return _form(
            kinds,
            typed,
            errors={"organization": "Vous n’êtes pas responsable de cette organisation."},
        )
    _tell_added(made)
    return back_to(made["name"])


def _tell_added(made: Mapping[str, Any]) -> None:
    if made["is_draft"]:
        toolkit.h.flash_notice(f"Source gardée en brouillon. {made['issue']}")
    elif made["frequency"] == "MANUAL":
        toolkit.h.flash_success("Source ajoutée. Lancez sa première moisson quand vous voulez.")
    else:
        toolkit.h.flash_success("Source ajoutée. Sa première moisson commence bientôt.")


def _typed(form: Mapping[str, str], kinds: Kinds) -> dict[str, Any]:
    """Keep of the form the settings of the chosen kind, and the address that was found for it."""
    kind, url = form.get("kind", ""), form.get("url", "").strip()
    names = [s["name"] for k in kinds if k["kind"] == kind for s in k["settings"]]
    settings = {n: form[f"{kind}.{n}"].strip() for n in names if form.get(f"{kind}.{n}")}
    if form.get("asked") == url:  # the address was not changed since the kinds were found
        url = form.get(f"address.{kind}") or url
    kept = {name: form.get(name, "").strip() for name in TYPED}
    return {**kept, "url": url, "settings": settings}


def _recognised(kinds: Kinds, typed: dict[str, Any]) -> str:
    """Ask the address what it is and propose the kinds that fit, the surest chosen."""
    if not typed["url"]:
        return _form(kinds, typed, errors={"url": "Donnez d’abord une adresse."})
    found = call("territoire_source_recognise", url=typed["url"])
    if not found["candidates"]:
        return _form(kinds, typed, errors={"url": found["issue"]}, found=found)
    return _form(kinds, {**typed, "kind": found["best"] or ""}, found=found)


def _form(kinds: Kinds, typed: dict[str, Any], **values: Any) -> str:
    """Show the form: the kinds that were found or chosen first, each with its settings."""
    found = {c["kind"]: c for c in (values.get("found") or {}).get("candidates", ())}
    proposed = [
        k | {"found": found[k["kind"]]} for kind in found for k in kinds if k["kind"] == kind
    ]
    if not proposed:
        proposed = [k for k in kinds if k["kind"] == typed["kind"]]
    names = {k["kind"] for k in proposed}
    organizations = toolkit.get_action("organization_list_for_user")(
        {"user": toolkit.g.user}, {"permission": "create_dataset"}
    )
    return show_page(
        "source_form.html",
        proposed=proposed,
        others=[k for k in kinds if k["kind"] not in names],
        typed=typed,
        organizations=organizations,
        **values,
    )


@sources.route("/<name>/apercu", methods=["POST"])
def preview(name: str) -> str:
    """What a run would give and change; nothing is written."""
    source = call("territoire_source_show", id=name)
    return show_page(
        "source_preview.html", source=source, preview=call("territoire_source_preview", id=name)
    )


@sources.route("/decouvrir", methods=["GET", "POST"])
def discover() -> str | Response:
    """Find the sources that the territory already has elsewhere, and add those that are ticked."""
    here = toolkit.url_for("territoire_sources.discover")
    try:
        search = call("territoire_source_discovery_show")
        if request.method == "GET":
            return show_page("source_discover.html", search=search)
        if request.form.get("step") == "search":
            call("territoire_source_discovery_start")
            return toolkit.redirect_to(here)
        wanted = _ticked(search)
        done = call("territoire_source_create_many", sources=wanted) if wanted else None
    except toolkit.ValidationError as fault:
        told = {"state": "failed", "issue": " ".join(sentences(fault))}
        return show_page("source_discover.html", search=told)
    if done is None:
        toolkit.h.flash_notice("Aucune source n’était cochée : rien n’a été ajouté.")
        return toolkit.redirect_to(here)
    for each in done["refused"]:
        toolkit.h.flash_error(f"{each['title']} : {each['told']}")
    if done["added"]:
        told = count(len(done["added"]), "source ajoutée", "sources ajoutées")
        toolkit.h.flash_success(f"{told}. Elles seront moissonnées dans les minutes qui suivent.")
    return toolkit.redirect_to("territoire_sources.index")


def _ticked(search: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answer the proposals that were ticked, as they were found: nothing else comes of the form."""
    keys, frequency = set(request.form.getlist("key")), request.form.get("frequency", "WEEKLY")
    return [
        {name: each[name] for name in ("kind", "url", "title", "organization")}
        | {"frequency": frequency}
        for each in (search.get("found") or {}).get("proposals", ())
        if each["key"] in keys and not each["here"]
    ]
