"""Actions on notices: what a person wants to hear, sources of which nobody is told, and addresses
of mail that no longer answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.harvest_adapter import sources
from ckanext.territoire.links import addresses, mail
from ckanext.territoire.logic.named_source import named_source
from ckanext.territoire.notices import choices, people
from ckanext.territoire.notices.offers import offers_to, set_wanted
from ckanext.territoire.territory import officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_notice_show(context: Context, data_dict: Data) -> Data:
    """Show what the caller wants to hear: `kinds` (kind, label, `is_letter`, `is_wanted`),
    and whether anything is sent to them at all (`is_told`: they edit data and have an address); for
    the officer who administers the EPCI also `quiet_sources`, of which nobody is told."""
    toolkit.check_access("territoire_notice_show", context, data_dict)
    return kinds_of(_user(context).id) | {
        "quiet_sources": _quiet_sources() if _may_act(context) else [],
        "may_act": _may_act(context),
    }


def territoire_notice_update(context: Context, data_dict: Data) -> Data:
    """Say what the caller wants to hear: `wanted`, a list of kinds; the others are muted."""
    toolkit.check_access("territoire_notice_update", context, data_dict)
    person = _user(context).id
    set_wanted(person, data_dict.get("wanted") or [])
    return kinds_of(person)


def territoire_notice_mute_source(context: Context, data_dict: Data) -> Data:
    """Tell nobody of a source (`id`), or tell of it again: `is_quiet` (boolean)."""
    toolkit.check_access("territoire_notice_mute_source", context, data_dict)
    source = named_source(data_dict)
    is_quiet = toolkit.asbool(toolkit.get_or_bust(data_dict, "is_quiet"))
    choices.set_quiet(source.id, is_quiet, str(context.get("user") or ""))
    return {"id": source.id, "name": source.name, "is_quiet": is_quiet}


@toolkit.side_effect_free
def territoire_address_list(context: Context, data_dict: Data) -> list[Data]:
    """List the addresses of mail that no longer answer, the oldest first: each is a task."""
    toolkit.check_access("territoire_address_list", context, data_dict)
    return [_dead_to_dict(each) for each in addresses.paused()]


def territoire_address_pause(context: Context, data_dict: Data) -> Data:
    """Mark an `address` that no longer answers: nothing is sent to it until the task is done."""
    toolkit.check_access("territoire_address_pause", context, data_dict)
    address = _address(data_dict)
    is_new = addresses.pause(address, addresses.Why.BOUNCED, str(context.get("user") or ""))
    return {"address": address, "is_new": is_new}


def territoire_address_resume(context: Context, data_dict: Data) -> Data:
    """End the task of an `address`: it is written to again."""
    toolkit.check_access("territoire_address_resume", context, data_dict)
    address = str(toolkit.get_or_bust(data_dict, "address"))
    return {"address": address, "is_done": addresses.resume(address, context.get("user") or "")}


def kinds_of(person: str) -> Data:
    """What a person wants to hear, kind by kind."""
    muted = choices.mutes_of(person)
    return {
        "is_told": people.find(person) is not None,
        "kinds": [
            {
                "kind": each.kind,
                "label": each.label,
                "is_letter": each.is_letter,
                "is_wanted": not each.mutes & muted,
            }
            for each in offers_to(person)
        ],
    }


def _dead_to_dict(each: addresses.Dead) -> Data:
    owners = [publishers.find(org_id) for org_id in each.org_ids]
    known = [owner for owner in owners if owner]
    return {
        "address": each.address,
        "why": each.why.value,
        "since": each.since.isoformat(timespec="seconds"),
        "user": each.user_name,
        "organizations": [
            {"name": o.name, "title": o.title, "kind": o.kind, "insee": o.insee} for o in known
        ],
    }


def _quiet_sources() -> list[Data]:
    quiet = choices.read_mutes().source_ids
    listed = sources.list_sources() if quiet else []
    return [{"id": s.id, "name": s.name, "title": s.title} for s in listed if s.id in quiet]


def _address(data_dict: Data) -> str:
    told = str(toolkit.get_or_bust(data_dict, "address"))
    try:
        return mail.to_address(told)
    except toolkit.Invalid as fault:
        problem = sentence(Issue("TER-CFG-153", found=told))
        raise toolkit.ValidationError({"address": [problem]}) from fault


def _user(context: Context) -> Any:
    found = model.User.get(context.get("user"))
    return found or toolkit.abort(403)


def _may_act(context: Context) -> bool:
    return officers.may_act(str(context.get("user") or ""))


def _logged_in(context: Context, data_dict: Data) -> AuthResult:
    return {"success": bool(context.get("user"))}


def _officer(context: Context, data_dict: Data) -> AuthResult:
    told = "Réservé aux administrateurs de l’intercommunalité."
    return {"success": _may_act(context), "msg": told}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_notice_show": territoire_notice_show,
    "territoire_notice_update": territoire_notice_update,
    "territoire_notice_mute_source": territoire_notice_mute_source,
    "territoire_address_list": territoire_address_list,
    "territoire_address_pause": territoire_address_pause,
    "territoire_address_resume": territoire_address_resume,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_notice_show": _logged_in,
    "territoire_notice_update": _logged_in,
    "territoire_notice_mute_source": _officer,
    "territoire_address_list": _officer,
    "territoire_address_pause": _officer,
    "territoire_address_resume": _officer,
}
