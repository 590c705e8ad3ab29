"""API tokens of CKAN: each has an end, is kept as a hash, and reaches no log.

A token is signed and carries an id drawn by chance. The database keeps the sha256 of this id: who
has read it cannot write a token, not even with the secret of the site. The end stands in the token
and beside its hash. A token of which the database tells no end opens nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from ckan import model
from ckan.lib import api_token
from ckan.plugins import toolkit

from ckanext.territoire import config
from ckanext.territoire.developers.scope import EXTRA, READ, signs_in
from harvesters.errors import sentence
from harvesters.model import Issue

BEARER = "bearer "
DAYS = 365  # of a token for which no end was asked
TOLD_BY = ("ckan.config.middleware.flask_app", "ckan.views.api")
TOLD = ("Received API Token", "Request data extracted")  # how the lines begin that tell a secret
REFUSED = {"is_refused": True}  # truthy: CKAN asks no further, and logs nothing
EXPIRED = sa.text(f"""
    DELETE FROM api_token
     WHERE (plugin_extras->'{EXTRA}'->>'expires_at')::timestamp
            < timezone('utc', now()) - make_interval(days => :days)
        OR user_id IN (SELECT id FROM "user" WHERE state <> 'active')
""")
Data = dict[str, Any]


def add_fields(schema: Data) -> Data:
    """Let `api_token_create` take a scope and a number of days."""
    optional = toolkit.get_validator("ignore_missing")
    schema["territoire_scope"] = [optional, toolkit.get_validator("one_of")([READ])]
    schema["territoire_days"] = [optional, _check_days]
    return schema


def seal(data: Data, token_id: str, asked: Mapping[str, Any]) -> Data:
    """Write the end, and the scope of a key, into a new token; keep its id as a hash."""
    scope = {"scope": READ} if asked.get("territoire_scope") == READ else {}
    ends = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    ends += timedelta(days=int(asked.get("territoire_days") or _days_of(scope)[0]))
    token = model.ApiToken.get(token_id)
    assert token is not None
    token.set_extra(EXTRA, {**scope, "expires_at": ends.isoformat()})
    token.id = hashed(token_id)
    model.Session.commit()
    return data | scope | {"exp": api_token.into_seconds(ends)}


def add_end(made: Data) -> Data:
    """Say beside a new token when it ends (`expires_at`, UTC)."""
    ends = end_of(model.ApiToken.get(made["id"]))
    return made | {"expires_at": ends.replace(tzinfo=None).isoformat() if ends else None}


def read(encoded: str, **kwargs: Any) -> Data:
    """Read a token, alone or after `Bearer`; `jti` is the hash under which it is kept."""
    told = encoded.strip()
    if told.lower().startswith(BEARER):
        told = told[len(BEARER) :].strip()
    try:
        facts = api_token.decode_token(told, **kwargs)
    except jwt.InvalidTokenError:
        return REFUSED
    return {**facts, "jti": hashed(str(facts.get("jti") or ""))}


def running(facts: Mapping[str, Any]) -> Any:
    """Find the token that was read, while it has not ended and its owner is active."""
    token = model.ApiToken.get(str(facts.get("jti") or ""))
    ends = end_of(token)
    is_owned = token is not None and token.owner is not None and token.owner.is_active
    return token if is_owned and ends and datetime.now(UTC) < ends else None


def keep_out(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hide from CKAN a token that has ended, or only reads: who sends it is a visitor there."""
    return facts if signs_in(facts) and running(facts) is not None else {}


def end_of(token: Any) -> datetime | None:
    """The end of a token as the database tells it; `None` for one that has none, or is none."""
    told = ((token and token.plugin_extras) or {}).get(EXTRA) or {}
    return datetime.fromisoformat(told["expires_at"]).replace(tzinfo=UTC) if told else None


def hashed(token_id: str) -> str:
    """The hash under which a token is kept; migration 0016 writes the same."""
    return hashlib.sha256(token_id.encode()).hexdigest()


def forget_expired(days: int) -> int:
    """Erase the tokens and keys that ended so many days ago, and those of closed accounts."""
    with model.meta.engine.begin() as connection:
        return int(connection.execute(EXPIRED, {"days": days}).rowcount)


def lasts() -> list[int]:
    """The days that the page of tokens offers."""
    most = config.token_days()
    return sorted({min(each, most) for each in (30, 90, DAYS, 2 * DAYS)})


def hush() -> None:
    """Keep CKAN from writing what is sent in `Authorization`, or asked of an action (passwords
    too), into a debug log."""
    for name in TOLD_BY:
        logging.getLogger(name).addFilter(_says_no_secret)


def _says_no_secret(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(TOLD)


def _check_days(key: Any, data: Data, errors: Data, context: Any) -> None:
    most = _days_of({"scope": data.get(("territoire_scope",))})[1]
    text = str(data[key]).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 0 < int(text) <= most):
        issue = Issue("TER-API-230", "durée en jours", text[:40], str(most))
        errors[key].append(sentence(issue))


def _days_of(scope: Mapping[str, Any]) -> tuple[int, int]:
    """The days of a key or a token: when none are asked, and at most."""
    most = config.key_days() if scope.get("scope") == READ else config.token_days()
    return min(DAYS, most), most
