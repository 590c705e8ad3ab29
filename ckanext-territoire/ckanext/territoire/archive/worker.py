"""The archive follows what changes: at most once in a while, in the job worker."""

from __future__ import annotations

import logging

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire import config
from ckanext.territoire.archive.build import build
from ckanext.territoire.redis_names import redis_key

log = logging.getLogger(__name__)


def build_later() -> None:
    """Ask the job worker for a look; not more often than the setting says."""
    try:
        if connect_to_redis().set(redis_key("archive"), 1, nx=True, ex=config.archive_every_s()):
            toolkit.enqueue_job(build_now, title="territoire: archive")
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, the archive waits: %s", type(fault).__name__)


def build_now() -> None:
    """The job."""
    build()
