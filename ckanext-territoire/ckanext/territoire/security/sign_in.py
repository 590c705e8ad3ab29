"""Slow down who guesses passwords: failures are counted by account and address, in Redis.

An account is never closed by the failures of somebody else: the tight limit is on the pair of an
account and an address. The two others stop one address that tries every account, and many
addresses that try one. Names and addresses are hashed, and forgotten after the window. Without
Redis everybody may try.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from flask import Blueprint, request
from redis.exceptions import RedisError

from ckanext.territoire.portal.visitor import visitor
from ckanext.territoire.redis_names import hidden, redis_key

sign_in = Blueprint("territoire_sign_in", __name__)
GUARDED = frozenset({"user.login", "user.request_reset", "user.perform_reset"})


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` failures within `window_s`."""

    name: str
    tries: int
    window_s: int


PAIR = Limit("pair", 5, 15 * 60)
ADDRESS = Limit("address", 30, 15 * 60)
ACCOUNT = Limit("account", 100, 60 * 60)


@sign_in.before_app_request
def refuse_too_many() -> Any:
    """Answer 429 to who has failed too often; a right password does not help any more then."""
    if request.method != "POST" or request.endpoint not in GUARDED:
        return None
    wait = wait_s(_told_account(), visitor())
    if request.endpoint != "user.login":
        count_failure(_told_account())  # each letter asked for counts, right or not
    if not wait:
        return None
    page = toolkit.render("territoire/too_many.html", {"minutes": max(-(-wait // 60), 1)})
    return page, 429, {"Retry-After": str(wait), "Cache-Control": "no-store"}


def count_failure(account: object) -> None:
    """Count a failed sign-in; told by CKAN with the name that was given."""
    told = str(account or "")
    with_window = [(_key(limit, names), limit) for limit, names in _keys(told, visitor())]
    try:
        with connect_to_redis().pipeline() as pipe:
            for key, limit in with_window:
                pipe.incr(key)
                pipe.expire(key, limit.window_s, nx=True)
            pipe.execute()
    except (RedisError, OSError):
        return


def wait_s(account: str, address: str) -> int:
    """Answer after how many seconds a sign-in may be tried, 0 for now."""
    keys = [(_key(limit, names), limit) for limit, names in _keys(account, address)]
    try:
        with connect_to_redis().pipeline() as pipe:
            for key, _ in keys:
                pipe.get(key)
                pipe.ttl(key)
            found = pipe.execute()
    except (RedisError, OSError):
        return 0
    told = zip(found[::2], found[1::2], keys, strict=True)
    return max(
        (ttl for count, ttl, (_, limit) in told if int(count or 0) >= limit.tries), default=0
    )


def _keys(account: str, address: str) -> list[tuple[Limit, str]]:
    name = account.strip().casefold()
    return [(PAIR, f"{name}|{address}"), (ADDRESS, address), (ACCOUNT, name)]


def _key(limit: Limit, names: str) -> str:
    return redis_key("signin", limit.name, hidden(names))


def _told_account() -> str:
    return request.form.get("login") or request.form.get("user") or ""
