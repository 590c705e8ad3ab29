"""Who calls: a visitor, or a key (a token of CKAN) in `Authorization`, alone or after `Bearer`.

CKAN signs in the owner of a token by itself; the owner of a key of the portal stays a visitor.
"""

from __future__ import annotations

from dataclasses import dataclass

from ckan.lib import api_token
from ckan.plugins import toolkit
from flask import request

from ckanext.territoire.developers.keys import quota_of
from ckanext.territoire.portal.visitor import visitor
from ckanext.territoire.security import tokens

BASIC = "basic "  # of a server in front of a site that is being prepared: it is no key of ours


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a call comes from; `key_id` is `""` without key, `per_minute` the quota that an officer
    gave to this key, 0 for that of all. A key that is not (or no longer) one of ours makes
    `is_refused`."""

    address: str
    key_id: str = ""
    is_refused: bool = False
    per_minute: int = 0


def caller() -> Caller:
    """Recognise the caller."""
    told = request.headers.get(toolkit.config["apitoken_header_name"], "").strip()
    if not told or told.lower().startswith(BASIC):
        return Caller(visitor())
    found = tokens.running(api_token.decode(told) or {})
    if found is None:
        return Caller(visitor(), is_refused=True)
    return Caller(visitor(), str(found.id), per_minute=quota_of(found))
