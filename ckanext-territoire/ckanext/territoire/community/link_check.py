"""Ask the addresses of accepted reuses, each once a month: the officer is told of those that fail.

An address is dead after two failures in a row, three days apart. What refuses a program (401, 403,
405, 429) or is too large is there. Everything leaves by the one way out, a few addresses a pass.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire.community.post import forget_old
from ckanext.territoire.harvest_adapter.hosts import way_out
from harvesters.errors import catalogue
from harvesters.fetch import Limits
from harvesters.model import Issue, Request, Response, Role

log = logging.getLogger(__name__)
DEAD = 2  # failures in a row
PER_PASS = 20
LIMITS = Limits(
    {Role.PAGE: 300_000, Role.DETAIL: 300_000, Role.FILE: 300_000},
    connect_s=5, read_s=10, total_s=15, run_s=180, tries=1,
)  # fmt: skip
# it refuses programs, asks them to wait, is large, or is packed in a way of its own: it is there
THERE = frozenset({"TER-FET-008", "TER-FET-010", "TER-FET-011", "TER-FET-016"})
OUT_OF_TIME = "TER-FET-018"  # the pass is over: nothing is known of the address
DUE = sa.text("""
    SELECT c.id::text AS id, c.url FROM territoire_reuse r
      JOIN territoire_contribution c ON c.id = r.contribution_id AND c.state = 'accepted'
     WHERE r.link_asked_at IS NULL OR r.link_asked_at < timezone('utc', now())
           - make_interval(days => CASE WHEN r.link_failures = 1 THEN 3 ELSE 30 END)
     ORDER BY r.link_asked_at NULLS FIRST LIMIT :limit
""")
NOTE = sa.text("""
    UPDATE territoire_reuse
       SET link_asked_at = timezone('utc', now()), link_fault = :fault,
           link_failures = CASE WHEN :fault = '' THEN 0 ELSE link_failures + 1 END
     WHERE contribution_id = cast(:id AS uuid)
""")


def check_links(limit: int = PER_PASS) -> tuple[int, int]:
    """Ask the addresses that are due; answer how many were asked, and how many failed."""
    with model.meta.engine.connect() as connection:
        due = connection.execute(DUE, {"limit": limit}).all()
    fetcher = way_out(LIMITS)
    asked = failed = 0
    try:
        for row in due:
            answer = fetcher.fetch(Request(row.url, role=Role.PAGE))
            if isinstance(answer, Issue) and answer.code == OUT_OF_TIME:
                break
            fault = fault_of(answer)
            asked, failed = asked + 1, failed + bool(fault)
            with model.meta.engine.begin() as connection:
                connection.execute(NOTE, {"id": row.id, "fault": fault})
    finally:
        fetcher.close()
    return asked, failed


def house_later() -> None:
    """Leave to the job worker what is done once a day; without it, it waits for the next day."""
    try:
        toolkit.enqueue_job(keep_house, title="territoire: liens et retraits des contributions")
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, links are not asked today: %s", type(fault).__name__)


def keep_house() -> None:
    """The job: erase what is not to be kept, ask the addresses that are due."""
    forget_old()
    asked, failed = check_links()
    if failed:
        log.info("%s of %s addresses of reuses do not answer", failed, asked)


def fault_of(answer: Response | Issue) -> str:
    """Say in French why an address does not answer; `""` when it does."""
    if isinstance(answer, Response) or answer.code in THERE:
        return ""
    said = catalogue()[answer.code].template.format(
        where=answer.where, found=answer.found, expected=answer.expected
    )
    return str(said)[:300]
