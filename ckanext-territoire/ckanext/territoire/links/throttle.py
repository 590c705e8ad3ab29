"""Slow down who asks too fast: one counter a minute for each link and each address, in Redis."""

from __future__ import annotations

from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

from ckanext.territoire.redis_names import hidden, redis_key

LIMIT, WINDOW_S = 60, 60


def wait_s(
    names: tuple[str, ...], now_s: float, limit: int | None = None, window_s: int = WINDOW_S
) -> int:
    """Count one request under each name; answer after how many seconds to come back, 0 for now.

    Names are hashed: Redis keeps no link and no address. Without Redis everybody is let through.
    """
    most = LIMIT if limit is None else limit
    window = int(now_s // window_s)
    try:
        with connect_to_redis().pipeline() as pipe:
            for name in names:
                key = _key(name, window)
                pipe.incr(key)
                pipe.expire(key, 2 * window_s)
            counts = pipe.execute()[::2]
    except (RedisError, OSError):
        return 0
    return window_s - int(now_s % window_s) if max(counts) > most else 0


def _key(name: str, window: int) -> str:
    return redis_key("link", hidden(name), str(window))
