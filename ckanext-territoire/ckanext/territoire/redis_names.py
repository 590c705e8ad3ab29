"""How what we keep in Redis is named: by site, and without the address or the name of anybody.

And the client that what every answer asks goes by: CKAN makes a new one at each question.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from ckan.lib import redis as lines
from ckan.plugins import toolkit
from redis import Redis

SECRET_BYTES = 64  # what blake2b takes of a key


def redis_key(*parts: str) -> str:
    """Name a value of this site; portals may share one Redis."""
    return ":".join(("territoire", str(toolkit.config["ckan.site_id"]), *parts))


def hidden(text: str) -> str:
    """Reduce an address or a name to a mark that counts it and cannot be turned back: all IPv4
    addresses can be tried against a plain hash, not against one keyed with the secret of the site.
    """
    secret = str(toolkit.config["SECRET_KEY"]).encode()[:SECRET_BYTES]
    return hashlib.blake2b(text.encode(errors="replace"), key=secret, digest_size=12).hexdigest()


def redis_line() -> Redis:
    """Answer one client, over the connections that CKAN keeps; it may be used by all threads."""
    return _client(lines._connection_pool)


@lru_cache(maxsize=1)
def _client(_pool: Any) -> Redis:
    return lines.connect_to_redis()
