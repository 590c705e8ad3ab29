"""How many calls an address or a key may make: a sliding minute, counted in Redis.

The count of this minute and that of the one before, weighted by how much of it still counts: no
burst at the turn of a minute. A call that is refused is not counted. Redis keeps no address and no
key, only a keyed hash of them, for two minutes. Redis away: everybody is let through.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire.redis_names import hidden, redis_key

log = logging.getLogger(__name__)
WINDOW_S = 60
REST_S = 30  # after a failure Redis is left alone for a while: no call waits for it
_LEFT_ALONE = {"until": 0.0}
# KEYS: this minute, the one before. ARGV: limit, weight of the one before, seconds to keep.
TAKE = """
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
if now + before * tonumber(ARGV[2]) + 1 > tonumber(ARGV[1]) then return {0, now, before} end
now = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {1, now, before}
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota: how it is named in headers, whom it counts, how many calls a minute."""

    label: str
    whom: str
    limit: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a call leaves: how many more, in how many seconds all are back; `wait_s` above 0 says
    that this one is refused until then."""

    left: int
    reset_s: int
    wait_s: int = 0


def by_address(address: str) -> Quota:
    """The quota of a visitor without key; a network of IPv6 is one visitor."""
    limit = int(toolkit.config["ckanext.territoire.api.anonymous_per_minute"])
    return Quota("adresse", f"address {network(address)}", limit)


def by_key(key_id: str, per_minute: int = 0) -> Quota:
    """The quota of a key: that of all keys, unless it has one of its own."""
    limit = per_minute or int(toolkit.config["ckanext.territoire.api.key_per_minute"])
    return Quota("cle", f"key {key_id}", limit)


def take(quota: Quota, now_s: float) -> Taken | None:
    """Count a call; `None` when nothing is counted: no limit is set, or Redis is away."""
    if quota.limit <= 0 or time.monotonic() < _LEFT_ALONE["until"]:
        return None
    window, elapsed = divmod(now_s, WINDOW_S)
    weight = 1 - elapsed / WINDOW_S
    keys = [_key(quota, int(window)), _key(quota, int(window) - 1)]
    try:
        redis: Any = connect_to_redis()
        told = redis.eval(TAKE, 2, *keys, quota.limit, f"{weight:.6f}", 2 * WINDOW_S)
    except (RedisError, OSError) as fault:
        _LEFT_ALONE["until"] = time.monotonic() + REST_S
        log.warning("calls are not counted for %s s: %s", REST_S, type(fault).__name__)
        return None
    return to_taken(quota.limit, bool(told[0]), (int(told[1]), int(told[2])), elapsed)


def left_of(quota: Quota, now_s: float) -> int | None:
    """Say how many calls are left now, without counting one; `None` when nothing is counted."""
    if quota.limit <= 0:
        return None
    window, elapsed = divmod(now_s, WINDOW_S)
    try:
        redis: Any = connect_to_redis()
        told = redis.mget(_key(quota, int(window)), _key(quota, int(window) - 1))
    except (RedisError, OSError):
        return None
    now, before = (int(each or 0) for each in told)
    return to_taken(quota.limit, True, (now, before), elapsed).left


def to_taken(limit: int, is_taken: bool, counts: tuple[int, int], elapsed: float) -> Taken:
    """Say what is left of a limit, from the counts of this minute and of the one before.

    >>> to_taken(10, True, (4, 6), 30)
    Taken(left=3, reset_s=90, wait_s=0)
    >>> to_taken(10, False, (10, 0), 30)
    Taken(left=0, reset_s=90, wait_s=36)
    """
    now, before = counts
    left = limit - now - before * (1 - elapsed / WINDOW_S)
    reset_s = math.ceil((2 if now else 1) * WINDOW_S - elapsed)
    wait_s = 0 if is_taken else _wait(limit, counts, elapsed)
    return Taken(max(math.floor(left), 0), reset_s, wait_s)


def _wait(limit: int, counts: tuple[int, int], elapsed: float) -> int:
    """When one more call fits: in this minute as the one before fades, else in the next."""
    now, before = counts
    if before and now < limit:
        fading = WINDOW_S * (1 - (limit - 1 - now) / before) - elapsed
        if fading <= WINDOW_S - elapsed:
            return max(math.ceil(fading), 1)
    return max(math.ceil(WINDOW_S - elapsed + WINDOW_S * (1 - (limit - 1) / max(now, 1))), 1)


def network(address: str) -> str:
    """Reduce an address to what one visitor holds.

    >>> network("192.0.2.7"), network("2001:db8:1:2:3::4"), network("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address[:100]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


def _key(quota: Quota, window: int) -> str:
    return redis_key("quota", hidden(quota.whom), str(window))
