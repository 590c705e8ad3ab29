"""The look at what stands, left to the job worker every few minutes; the rows are the truth."""

from __future__ import annotations

import logging

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.redis_names import redis_key

log = logging.getLogger(__name__)
EVERY_S, LOST_S = 300, 3600


def look_later() -> None:
    """Ask the job worker for a look: not more than one every five minutes, one waiting at most.

    Without Redis there is no job worker either: what stands waits for the next time.
    """
    try:
        redis = connect_to_redis()
        if redis.set(_key("asked"), 1, nx=True, ex=EVERY_S) and redis.set(
            _key("waits"), 1, nx=True, ex=LOST_S
        ):
            toolkit.enqueue_job(look_now, title="territoire: avis")
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, notices wait: %s", type(fault).__name__)


def look_now() -> None:
    """The job: look, and tell; then the letters of the month, on their day, and the answers to
    readers and the news of contributions that have not left."""
    from ckanext.territoire.community.post import send_news
    from ckanext.territoire.developers.tell import tell_owners
    from ckanext.territoire.flags.answers import send_answers
    from ckanext.territoire.identity.store import follow
    from ckanext.territoire.notices.month_send import send_due
    from ckanext.territoire.notices.send import look
    from ckanext.territoire.security.token_ends import tell_of_ends

    connect_to_redis().delete(_key("waits"))
    follow()
    look(utc_now())
    tell_owners(utc_now())
    tell_of_ends(utc_now())
    send_due(utc_now())
    send_answers()
    send_news()


def _key(name: str) -> str:
    return redis_key("notices", name)
