"""Actions on the keys of developers: made, listed, revoked by their owner; larger quotas given by
the officers who administer the EPCI.

A key is a token of CKAN that only reads what is public (`developers.scope`); it is shown once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import config
from ckanext.territoire.api.quota import by_key, left_of
from ckanext.territoire.developers import key_letter, keys, uses
from ckanext.territoire.developers.keys import Key
from ckanext.territoire.developers.scope import READ
from ckanext.territoire.territory import officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
DAYS_SHOWN = 30


@toolkit.side_effect_free
def territoire_key_list(context: Context, data_dict: Data) -> list[Data]:
    """List the caller's keys, the newest first: `name`, `made_at`, `used_at`, `expires_at`,
    `is_expired`, `per_minute` (its quota), `left` (this minute, null when nothing is counted),
    `wish` (a larger quota that was asked for), `calls` of the last 30 days (day, calls)."""
    toolkit.check_access("territoire_key_list", context, data_dict)
    listed = keys.keys_of(_user(context).id)
    return [_key_to_dict(each) | _calls(each) for each in reversed(listed)]


@toolkit.side_effect_free
def territoire_key_all(context: Context, data_dict: Data) -> list[Data]:
    """List the keys of all, with the account and the address of mail of their owner: those whose
    owner asks for a larger quota first."""
    toolkit.check_access("territoire_key_all", context, data_dict)
    found = [each for each in keys.all_keys() if not each.is_expired(datetime.now(UTC))]
    by_id = {user.id: user for user in _users({each.user_id for each in found})}
    ordered = sorted(found, key=lambda each: (each.wish is None, each.made_at))
    return [_key_to_dict(each) | _owner(by_id[each.user_id]) | _calls(each) for each in ordered]


def territoire_key_create(context: Context, data_dict: Data) -> Data:
    """Make a key `name` for the caller, which reads for `days` days (those of the settings when
    absent). Answers it with `token`, which is never shown again."""
    toolkit.check_access("territoire_key_create", context, data_dict)
    user, most = _user(context), config.key_days()
    name = _text(data_dict, ("name", "nom", keys.MAX_NAME))
    days = _number(data_dict.get("days") or most, ("days", "durée en jours", most))
    running = [k for k in keys.keys_of(user.id) if not k.is_expired(datetime.now(UTC))]
    if len(running) >= config.keys_each():
        raise _refused(Issue("TER-API-228", found=str(len(running))), "name")
    asked = {"user": user.name, "name": name, "territoire_scope": READ, "territoire_days": days}
    made = toolkit.get_action("api_token_create")(Context(user=user.name), asked)
    return _key_to_dict(_found(made["id"])) | {"token": made["token"]}


def territoire_key_revoke(context: Context, data_dict: Data) -> Data:
    """Revoke the key `id`: one of the caller's, or any for who administers the EPCI."""
    toolkit.check_access("territoire_key_revoke", context, data_dict)
    key = _own(context, data_dict, is_officer_too=True)
    asked = {"jti": key.id}
    toolkit.get_action("api_token_revoke")(
        Context(user=_user(context).name, ignore_auth=True), asked
    )
    return {"id": key.id, "name": key.name}


def territoire_key_ask(context: Context, data_dict: Data) -> Data:
    """Ask that the caller's key `id` may call `per_minute` times a minute: `why`."""
    toolkit.check_access("territoire_key_ask", context, data_dict)
    key = _own(context, data_dict)
    why = _text(data_dict, ("why", "raison", keys.MAX_WHY))
    keys.set_wish(key.id, _per_minute(data_dict), why)
    return _key_to_dict(_found(key.id))


def territoire_key_answer(context: Context, data_dict: Data) -> Data:
    """Give the key `id` a quota of `per_minute` calls, or that of all with 0; its owner is told by
    mail, with `remark`."""
    toolkit.check_access("territoire_key_answer", context, data_dict)
    key = _found(str(toolkit.get_or_bust(data_dict, "id")))
    is_default = str(data_dict.get("per_minute")) == "0"
    per_minute = 0 if is_default else _per_minute(data_dict)
    keys.set_quota(key.id, per_minute)
    done = _found(key.id)
    remark = " ".join(str(data_dict.get("remark") or "").split())[: keys.MAX_WHY]
    issue = key_letter.send_answer(done, by_key(done.id, done.per_minute).limit, remark)
    return _key_to_dict(done) | {"issue": sentence(issue) if issue else ""}


def _key_to_dict(key: Key) -> Data:
    wish = key.wish
    return {
        "id": key.id,
        "name": key.name,
        "made_at": key.made_at.isoformat(timespec="seconds"),
        "used_at": key.used_at.isoformat(timespec="seconds") if key.used_at else None,
        "expires_at": key.expires_at.isoformat(timespec="seconds"),
        "is_expired": key.is_expired(datetime.now(UTC)),
        "per_minute": by_key(key.id, key.per_minute).limit,
        "has_own_quota": bool(key.per_minute),
        "wish": {"per_minute": wish.per_minute, "why": wish.why, "at": wish.at} if wish else None,
    }


def _calls(key: Key) -> Data:
    told = uses.calls_of_key(key.id, DAYS_SHOWN)
    return {
        "left": left_of(by_key(key.id, key.per_minute), time.time()),
        "calls": [{"day": day.isoformat(), "calls": number} for day, number in told],
        "total": sum(number for _, number in told),
    }


def _owner(user: Any) -> Data:
    return {"owner": user.display_name, "email": user.email or ""}


def _users(ids: set[str]) -> list[Any]:
    found = model.Session.query(model.User).filter(model.User.id.in_(ids))
    return list(found)


def _own(context: Context, data_dict: Data, is_officer_too: bool = False) -> Key:
    """The caller's key; that of somebody else is as absent."""
    key = keys.find_key(str(toolkit.get_or_bust(data_dict, "id")))
    user = _user(context)
    is_theirs = key is not None and key.user_id == user.id
    if key is None or not (is_theirs or (is_officer_too and officers.may_act(user.name))):
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-227")))
    return key


def _found(key_id: str) -> Key:
    key = keys.find_key(key_id)
    if key is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-227")))
    return key


def _per_minute(data_dict: Data) -> int:
    told = ("per_minute", "appels par minute", keys.MAX_PER_MINUTE)
    return _number(data_dict.get("per_minute"), told)


def _text(data_dict: Data, told: tuple[str, str, int]) -> str:
    field, label, most = told
    text = " ".join(str(data_dict.get(field) or "").split())
    if not 0 < len(text) <= most or not text.isprintable():
        raise _refused(Issue("TER-API-229", where=label, expected=str(most)), field)
    return text


def _number(value: object, told: tuple[str, str, int]) -> int:
    field, label, most = told
    text = str(value if value is not None else "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= most):
        issue = Issue("TER-API-230", where=label, found=text[:40], expected=str(most))
        raise _refused(issue, field)
    return int(text)


def _refused(issue: Issue, field: str) -> toolkit.ValidationError:
    return toolkit.ValidationError({field: [sentence(issue)]})


def _user(context: Context) -> Any:
    return model.User.get(context.get("user"))


def _somebody(context: Context, data_dict: Data) -> AuthResult:
    return {"success": _user(context) is not None, "msg": "Connectez-vous pour avoir des clés."}


def _officer(context: Context, data_dict: Data) -> AuthResult:
    told = "Réservé aux personnes qui administrent l’intercommunalité."
    return {"success": officers.may_act(str(context.get("user") or "")), "msg": told}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_key_list": territoire_key_list,
    "territoire_key_all": territoire_key_all,
    "territoire_key_create": territoire_key_create,
    "territoire_key_revoke": territoire_key_revoke,
    "territoire_key_ask": territoire_key_ask,
    "territoire_key_answer": territoire_key_answer,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_key_list": _somebody,
    "territoire_key_all": _officer,
    "territoire_key_create": _somebody,
    "territoire_key_revoke": _somebody,
    "territoire_key_ask": _somebody,
    "territoire_key_answer": _officer,
}
