"""What every answer of the API has around it: quota, CORS, compression."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, request

from ckanext.territoire.api.caller import Caller, caller
from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.api.quota import WINDOW_S, Quota, Taken, by_address, by_key, take
from ckanext.territoire.developers.announced import of_address
from ckanext.territoire.developers.announced_headers import add_notices
from ckanext.territoire.developers.calls import count_call
from ckanext.territoire.portal.typography import day
from ckanext.territoire.usage.agent import Agent, agent_of
from harvesters.model import Issue

READ = "GET, HEAD, OPTIONS"
SHOWN = (
    "Content-Disposition, Deprecation, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Sunset"
)
DAY_S = 86_400
COMPRESSED = ("application/json", "application/geo+json", "text/csv")
MIN_BYTES = 1_000
LEVEL = 6


def guard(blueprint: Blueprint) -> Blueprint:
    """Put a blueprint of the API behind the quotas, open it to all sites, compress what it says."""
    blueprint.before_request(_enter)
    blueprint.after_request(_leave)
    return blueprint


def accepts_gzip() -> bool:
    """Say whether the reader takes a compressed answer."""
    return request.accept_encodings["gzip"] > 0


def _enter() -> Response | None:
    """Count the call; refuse a key that is not ours, and who calls too often."""
    if request.method == "OPTIONS":
        return None
    who = caller()
    g.territoire_caller = who
    quota = by_key(who.key_id, who.per_minute) if who.key_id else by_address(who.address)
    taken = take(quota, time.time())
    if taken:
        g.territoire_quota = (quota, taken)
    if taken and taken.wait_s:
        issue = Issue("TER-API-179", found=str(quota.limit), expected=str(taken.wait_s))
        return refuse(429, issue)
    if who.is_refused:
        answer = refuse(401, Issue("TER-API-178"), "Authorization")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="territoire", error="invalid_token"'
        return answer
    return _gone()


def _gone() -> Response | None:
    """Say of an address that was announced to go, and has gone, since when."""
    today = datetime.now(UTC).date()
    for each in of_address(request.path):
        if each.is_gone(today):
            near = (each.becomes,) if each.becomes else ()
            issue = Issue("TER-API-222", each.address, day(each.at), each.becomes or "rien")
            return refuse(410, issue, "", near)
    return None


def _leave(answer: Any) -> Response:
    counted: tuple[Quota, Taken] | None = g.get("territoire_quota")
    if counted:
        _tell(answer, *counted)
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = READ
        answer.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, If-None-Match"
        answer.headers["Access-Control-Max-Age"] = str(DAY_S)
    else:
        _count(answer)
        add_notices(answer)
    answer.headers["Access-Control-Expose-Headers"] = SHOWN
    _compress(answer)
    return open_to_all(answer)


def _count(answer: Any) -> None:
    """Count the call under its key, and the columns that it used."""
    who: Caller = g.get("territoire_caller") or Caller("")
    is_robot = agent_of(request.headers.get("User-Agent", "")) is Agent.ROBOT
    count_call(who.key_id, answer.status_code, is_robot)


def _tell(answer: Response, quota: Quota, taken: Taken) -> None:
    """Say the quota and what is left of it (IETF draft, RateLimit header fields for HTTP)."""
    answer.headers["RateLimit-Policy"] = f'"{quota.label}";q={quota.limit};w={WINDOW_S}'
    answer.headers["RateLimit"] = f'"{quota.label}";r={taken.left};t={taken.reset_s}'
    if taken.wait_s:
        answer.headers["Retry-After"] = str(taken.wait_s)


def _compress(answer: Any) -> None:
    """Compress a text of some length; files that are streamed have their own twin."""
    if answer.mimetype not in COMPRESSED:
        return
    answer.vary.add("Accept-Encoding")
    is_whole = not answer.direct_passthrough and not answer.is_streamed
    if not is_whole or "Content-Encoding" in answer.headers or not accepts_gzip():
        return
    body = answer.get_data()
    if len(body) >= MIN_BYTES:
        answer.set_data(gzip.compress(body, LEVEL, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
