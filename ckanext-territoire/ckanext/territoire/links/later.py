"""Letters are left to the job worker; when its queue is away they leave now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from ckan.plugins import toolkit
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
# what a letter that waits is refused with: no server of mail yet, or one that is away
WAITS = frozenset({"TER-CFG-130", "TER-CFG-131"})


def leave(send: Callable[..., Any], title: str, args: Sequence[Any] = ()) -> None:
    """Leave the sending of letters to the job worker, under a title that its operator reads."""
    try:
        toolkit.enqueue_job(send, list(args), title=f"territoire: {title}")
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, letters leave now: %s", type(fault).__name__)
        send(*args)
