"""Slow down who asks too fast: one counter a minute for each link and each address, in Redis."""

from __future__ import annotations

import hashlib

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

LIMIT, WINDOW_S = 60, 60


def wait_s(names: tuple[str, ...], now_s: float) -> int:
    """Count one request under each name; answer after how many seconds to come back, 0 for now.

    Names are hashed: Redis keeps no link and no address. Without Redis everybody is let through.
    """
    window = int(now_s // WINDOW_S)
    try:
        with connect_to_redis().pipeline() as pipe:
            for name in names:
                key = _key(name, window)
                pipe.incr(key)
                pipe.expire(key, 2 * WINDOW_S)
            counts = pipe.execute()[::2]
    except (RedisError, OSError):
        return 0
    return WINDOW_S - int(now_s % WINDOW_S) if max(counts) > LIMIT else 0


def _key(name: str, window: int) -> str:
    hashed = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:32]
    return f"territoire:{toolkit.config['ckan.site_id']}:link:{hashed}:{window}"
