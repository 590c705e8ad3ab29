"""Count each answer in Redis as it leaves: one round trip, and never a page that fails for it.

What waits there is kept in PostgreSQL every minute (`store`). Redis away: uses are not counted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ckan.common import current_user
from ckan.types import Response
from flask import Blueprint, g, request
from redis.exceptions import RedisError

from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.redis_names import redis_key, redis_line
from ckanext.territoire.usage.hit import Asked, to_hit

log = logging.getLogger(__name__)
counted = Blueprint("territoire_counted", __name__)
NOTED = "territoire_counts"  # what the answer that leaves counts for
REST_S = 30  # after a failure Redis is left alone for a while: no page waits for it
_LEFT_ALONE = {"until": 0.0}


@counted.after_app_request
def count(response: Response) -> Response:
    """Count an answer; what cannot be counted is served all the same."""
    if request.endpoint:
        hit = to_hit(_asked(response))
        if hit:
            note(waiting_key(today()), (hit.key,))
    noted = g.pop(NOTED, [])
    if noted:
        _add_up(noted)
    return response


def note(key: str, names: Sequence[str]) -> None:
    """Count each name once more where they wait, with all that this answer counts for."""
    g.setdefault(NOTED, []).extend((key, name) for name in names)


def today() -> str:
    """The day that is counted, as keys end with it."""
    return datetime.now(PARIS).date().isoformat()


def waiting_key(day: str = "") -> str:
    """Where the uses of a day wait; without a day, the pattern of all."""
    return redis_key("usage", day or "*")


def _asked(response: Response) -> Asked:
    values = dict(request.view_args or {})
    return Asked(
        endpoint=str(request.endpoint),
        values=values,
        args=_args(values),
        method=request.method,
        status=response.status_code,
        headers=request.headers,
        is_signed_in=bool(current_user.is_authenticated),
    )


def _args(values: dict[str, Any]) -> dict[str, str]:
    """The parameters of a call: those of the address, else those of a JSON body."""
    told: dict[str, Any] = dict(request.args)
    if "logic_function" in values and not told and request.is_json:
        told = _body()
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _body() -> dict[str, Any]:
    """The JSON of a call, nothing when it is none: it may be nested without end."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        return {}
    return body if isinstance(body, dict) else {}


def _add_up(noted: Sequence[tuple[str, str]]) -> None:
    if time.monotonic() < _LEFT_ALONE["until"]:
        return
    try:
        redis = redis_line()
        if len(noted) == 1:  # most answers: a pipeline costs more than what it carries
            redis.hincrby(*noted[0], 1)
            return
        with redis.pipeline(transaction=False) as pipe:
            for key, name in noted:
                pipe.hincrby(key, name, 1)
            pipe.execute()
    except (RedisError, OSError) as fault:
        _LEFT_ALONE["until"] = time.monotonic() + REST_S
        log.warning("uses are not counted for %s s: %s", REST_S, type(fault).__name__)
