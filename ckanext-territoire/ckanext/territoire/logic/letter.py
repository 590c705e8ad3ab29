"""Actions on the monthly letters, for the officers of the EPCI: which communes have one, what it
says, send nobody the letter of a commune."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import config
from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import subject_of, to_fragment, to_text
from ckanext.territoire.notices import choices, month_send, month_store, people
from ckanext.territoire.notices.month import LATE, Month, leaves_on, read_month, shown_month
from ckanext.territoire.notices.month_letter import to_letter
from ckanext.territoire.notices.month_model import Told, Written, told_to_dict
from ckanext.territoire.notices.month_words import say_task
from ckanext.territoire.notices.post import frame_of
from ckanext.territoire.territory import members, officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_letter_list(context: Context, data_dict: Data) -> Data:
    """List the letters of a `month` (YYYY-MM, else the one to look at now), commune by commune.

    `is_made`: they are fixed and leave, or have left (`sent`: how many people, when); else they are
    told as they would be today. `people` counts who gets a letter; `is_silent` has none.
    """
    toolkit.check_access("territoire_letter_list", context, data_dict)
    month, now = _month(data_dict), utc_now()
    kept = month_store.made(month)
    letters = month_send.letters_of(month, now)
    full = {each.organization_id: letters.get(each.organization_id, Told()) for each in _towns()}
    mutes, left = choices.read_mutes(), month_store.left(month)
    listed = month_send.written(full, people.reachable(), mutes)
    return _month_to_dict(month) | {
        "is_made": kept is not None,
        "officers": _left(left.get(month_store.ALL)),
        "communes": [
            _to_dict(each) | {
                "is_quiet": each.org_id in mutes.letter_ids,
                "sent": _left(left.get(each.org_id)),
            }
            for each in listed
        ],
        "may_act": _may_act(context),
    }  # fmt: skip


@toolkit.side_effect_free
def territoire_letter_show(context: Context, data_dict: Data) -> Data:
    """Show the letter of a `commune` (INSEE code, name or address) for a `month`: as it left, else
    as it would be today. `text` and `html` are what people read, `facts` what they rest on."""
    toolkit.check_access("territoire_letter_list", context, data_dict)
    month, town = _month(data_dict), _commune(data_dict)
    told = month_send.letters_of(month, utc_now()).get(town.organization_id, Told())
    letter = to_letter(month, town.title, told, frame_of(None))
    return _month_to_dict(month) | {
        "commune": {"insee": town.insee, "name": town.title, "slug": town.slug},
        "is_made": month_store.made(month) is not None,
        "is_silent": told.is_silent,
        "sent": _left(month_store.left(month).get(town.organization_id)),
        "subject": subject_of(letter),
        "text": to_text(letter),
        "html": to_fragment(letter),
        "facts": told_to_dict(told),
    }


def territoire_letter_mute(context: Context, data_dict: Data) -> Data:
    """Send nobody the letter of a `commune`, or send it again: `is_quiet` (boolean)."""
    toolkit.check_access("territoire_letter_mute", context, data_dict)
    town = _commune(data_dict)
    is_quiet = toolkit.asbool(toolkit.get_or_bust(data_dict, "is_quiet"))
    choices.set_quiet_letter(town.organization_id, is_quiet, str(context.get("user") or ""))
    return {"commune": town.insee, "is_quiet": is_quiet}


def _month(data_dict: Data) -> Month:
    told = str(data_dict.get("month") or "")
    found = read_month(told) if told else shown_month(utc_now(), config.letter_day())
    if found is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-160", found=told)))
    return found


def _month_to_dict(month: Month) -> Data:
    now, day = utc_now(), leaves_on(month, config.letter_day())
    return {
        "month": month.key,
        "name": month.name,
        "of": month.of,
        "before": month.before.key,
        "after": month.after.key if month.end <= now else "",
        "leaves_on": day.isoformat(),
        "is_past": now.date() >= day + LATE,
        "is_wanted": config.mail_letter(),
        "is_configured": mail.is_configured(),
    }


def _towns() -> tuple[members.Commune, ...]:
    return members.members()


def _commune(data_dict: Data) -> members.Commune:
    asked = str(toolkit.get_or_bust(data_dict, "commune"))
    by_address = (each for each in _towns() if each.slug == asked)
    found = next(by_address, None) or members.find_commune(asked)
    if found is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-140", found=asked)))
    return found


def _to_dict(each: Written) -> Data:
    return {
        "name": each.name,
        "slug": each.slug,
        "entered": len(each.told.entered),
        "aside": len(each.told.aside),
        "tasks": [say_task(task)[0] for task in each.told.tasks],
        "more": each.told.more,
        "is_silent": each.told.is_silent,
        "people": each.people,
    }


def _left(found: Data | None) -> Data | None:
    return found and {"people": found["people"], "at": found["at"].isoformat(timespec="seconds")}


def _may_act(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or officers.may_act(str(context.get("user") or ""))


def _officers(context: Context, data_dict: Data) -> AuthResult:
    is_officer = officers.is_officer(str(context.get("user") or ""))
    return {"success": is_officer, "msg": "Réservé aux agents de l’intercommunalité."}


def _administrators(context: Context, data_dict: Data) -> AuthResult:
    told = "Réservé aux administrateurs de l’intercommunalité."
    return {"success": officers.may_act(str(context.get("user") or "")), "msg": told}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_letter_list": territoire_letter_list,
    "territoire_letter_show": territoire_letter_show,
    "territoire_letter_mute": territoire_letter_mute,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_letter_list": _officers,
    "territoire_letter_mute": _administrators,
}
