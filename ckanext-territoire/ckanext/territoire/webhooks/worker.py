"""Sending, left to the job worker every minute; the rows are the truth."""

from __future__ import annotations

import logging

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire import config
from ckanext.territoire.only_one import only_one
from ckanext.territoire.redis_names import redis_key
from ckanext.territoire.webhooks import store
from ckanext.territoire.webhooks.deliver import deliver
from ckanext.territoire.webhooks.letter import tell_owners

log = logging.getLogger(__name__)
LOST_S = 600  # a job that was lost with Redis is asked for again
ROUND_S = 40.0  # then other jobs have their turn


def deliver_later() -> None:
    """Ask the job worker for a round, when anybody has subscribed; one waits at most. Without
    Redis what is due waits."""
    if not store.is_any():
        return
    try:
        if connect_to_redis().set(redis_key("webhooks"), 1, nx=True, ex=LOST_S):
            toolkit.enqueue_job(deliver_now, title="territoire: abonnements")
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, webhooks wait: %s", type(fault).__name__)


def deliver_now() -> None:
    """The job: send what is due, tell the owners of what was paused, forget what is old."""
    connect_to_redis().delete(redis_key("webhooks"))
    deliver_round()


def deliver_round(for_s: float = ROUND_S) -> int:
    """Do it in this process unless another one is at it; answer how many were accepted."""
    with only_one("webhooks") as is_mine:
        if not is_mine:
            return 0
        accepted = deliver(for_s)
        tell_owners()
        store.forget_old(config.webhook_log_days())
        return accepted
