"""Actions on the identity of the EPCI: its name, words, logo and colours, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.identity import store
from ckanext.territoire.identity.colour import read_colour
from ckanext.territoire.identity.logo import Logo, to_logo
from ckanext.territoire.identity.shades import Verdict, judge, papers
from ckanext.territoire.identity.store import Identity, Past
from ckanext.territoire.picture import MAX_BYTES
from ckanext.territoire.portal.typography import number
from ckanext.territoire.territory import officers
from harvesters.errors import Refused, sentence
from harvesters.model import Issue

Data = dict[str, Any]
MAX_CHARS = {"name": 60, "text": 160, "contact": 200}
COLOURS = {"colour": "Couleur des liens et des boutons", "accent": "Seconde couleur"}
WORDS = {"name": "Nom du portail", "text": "Phrase de présentation", "contact": "Contact"}
OF_PAPER = {"colour": "action", "accent": "ink"}


@toolkit.side_effect_free
def territoire_identity_show(context: Context, data_dict: Data) -> Data:
    """Show the identity in force, what each of its colours gives, and the former ones."""
    toolkit.check_access("territoire_identity_show", context, data_dict)
    return {"identity": asdict(store.current()), "past": [_past(each) for each in store.past()]}


@toolkit.side_effect_free
def territoire_identity_try(context: Context, data_dict: Data) -> Data:
    """Say what an identity would give, and what is wrong with it, without keeping anything."""
    toolkit.check_access("territoire_identity_try", context, data_dict)
    tried, errors = _read(data_dict)
    colours = {name: _verdict(judge(value)) for name, value in colours_of(tried).items()}
    return {"identity": asdict(tried), "errors": errors, "colours": colours}


def territoire_identity_update(context: Context, data_dict: Data) -> Data:
    """Publish an identity: `name`, `text`, `contact`, `colour`, `accent` (#rrggbb, or empty for the
    look as it comes), `logo` (an uploaded PNG, JPEG or WebP), `no_logo` (boolean)."""
    toolkit.check_access("territoire_identity_update", context, data_dict)
    told, errors = _read(data_dict)
    logo, fault = _logo(data_dict)
    if fault:
        errors["logo"] = fault
    if errors:
        raise toolkit.ValidationError({name: [text] for name, text in errors.items()})
    is_off = toolkit.asbool(data_dict.get("no_logo") or False)
    kept = logo.sha256 if logo else "" if is_off else store.current().logo
    told = Identity(**{**asdict(told), "logo": kept})
    store.publish(told, _user_id(context), logo)
    return {"identity": asdict(told), "title": told.name}


def territoire_identity_restore(context: Context, data_dict: Data) -> Data:
    """Put a former identity in force again: its `id`, or 0 for the settings of the operator."""
    toolkit.check_access("territoire_identity_restore", context, data_dict)
    wanted = str(toolkit.get_or_bust(data_dict, "id"))
    found = next((each for each in store.past() if str(each.id) == wanted), None)
    if not found and wanted != "0":
        raise toolkit.ObjectNotFound(sentence(Issue("TER-CFG-174")))
    store.publish(found.identity if found else None, _user_id(context))
    now = store.current()
    return {"identity": asdict(now), "title": now.name}


def colours_of(identity: Identity) -> dict[str, str]:
    """The two colours of an identity, those of the look as it comes where it has none."""
    light, _ = papers()
    told = {"colour": identity.colour, "accent": identity.accent}
    return {name: read_colour(value) or light[OF_PAPER[name]] for name, value in told.items()}


def _read(data_dict: Data) -> tuple[Identity, Data]:
    """Read what is asked, with what is wrong with it by field."""
    told = {n: " ".join(str(data_dict.get(n) or "").split()) for n in (*WORDS, *COLOURS)}
    errors = {}
    for name, most in MAX_CHARS.items():
        if len(told[name]) > most:
            errors[name] = _said("TER-CFG-173", WORDS[name], str(len(told[name])), str(most))
    if not told["name"]:
        errors["name"] = _said("TER-CFG-172")
    usual = colours_of(Identity())
    for name, label in COLOURS.items():
        colour = read_colour(told[name]) if told[name] else ""
        if colour is None:
            errors[name] = _said("TER-CFG-170", label, told[name])
        elif colour and not (verdict := judge(colour)).is_good:
            ratio = number(verdict.contrast, 1)
            errors[name] = _said("TER-CFG-171", label, f"{colour}, {ratio}", verdict.proposed)
        told[name] = colour if colour and colour != usual[name] else ""
    return Identity(**told, logo=store.current().logo), errors


def _logo(data_dict: Data) -> tuple[Logo | None, str]:
    upload = data_dict.get("logo")
    if not hasattr(upload, "stream") or not upload.filename:
        return None, ""
    try:
        return to_logo(upload.stream.read(MAX_BYTES + 1)), ""
    except Refused as fault:
        return None, sentence(fault.issue)


def _said(code: str, where: str = "", found: str = "", expected: str = "") -> str:
    return sentence(Issue(code, where=where, found=found, expected=expected))


def _verdict(verdict: Verdict) -> Data:
    return {
        "colour": verdict.colour,
        "contrast": verdict.contrast,
        "is_good": verdict.is_good,
        "proposed": verdict.proposed,
    }


def _past(each: Past) -> Data:
    told = asdict(each.identity) if each.identity else {}
    return {"id": each.id, "at": each.at.isoformat(timespec="seconds"), "by": each.by, **told}


def _user_id(context: Context) -> str:
    found = toolkit.get_action("user_show")({"ignore_auth": True}, {"id": context.get("user")})
    return str(found["id"])


def _may_act(context: Context, data_dict: Data) -> AuthResult:
    return {
        "success": officers.may_act(str(context.get("user") or "")),
        "msg": "Seuls ceux qui administrent l’intercommunalité choisissent l’identité du portail.",
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_identity_show": territoire_identity_show,
    "territoire_identity_try": territoire_identity_try,
    "territoire_identity_update": territoire_identity_update,
    "territoire_identity_restore": territoire_identity_restore,
}
AUTH: dict[str, Callable[..., Any]] = dict.fromkeys(ACTIONS, _may_act)
