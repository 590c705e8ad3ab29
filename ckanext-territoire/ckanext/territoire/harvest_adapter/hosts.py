"""The way out of this process: one set of doors for all its requests, rests kept in PostgreSQL.

Paces and places are of one process (harvests run in one, ADR 8); rests are of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import cache

from ckan import model
from sqlalchemy import text

from ckanext.territoire import config
from harvesters.fetch import Fetcher, Hosts, Limits, Pace, Rest

LOAD = text("SELECT failures, until, is_asked FROM territoire_host WHERE host = :host")
SAVE = text("""
    INSERT INTO territoire_host (host, failures, until, is_asked)
    VALUES (:host, :failures, :until, :is_asked)
    ON CONFLICT (host) DO UPDATE SET failures = excluded.failures, until = excluded.until,
                                     is_asked = excluded.is_asked
""")
FAILING = text("SELECT host FROM territoire_host WHERE failures > 0")
FORGET = text("DELETE FROM territoire_host WHERE host = :host")


@dataclass(frozen=True, slots=True)
class StoredRests:
    """The memory of rests. Its own connections: a fetch never ends a transaction of its caller."""

    def load(self, host: str) -> Rest:
        with model.meta.engine.connect() as connection:
            row = connection.execute(LOAD, {"host": host}).first()
        if row is None:
            return Rest()
        until = row.until.replace(tzinfo=UTC) if row.until else None
        return Rest(row.failures, until, row.is_asked)

    def save(self, host: str, rest: Rest) -> None:
        until = rest.until.astimezone(UTC).replace(tzinfo=None) if rest.until else None
        values = {"failures": rest.failures, "until": until, "is_asked": rest.is_asked}
        with model.meta.engine.begin() as connection:
            if rest == Rest():
                connection.execute(FORGET, {"host": host})
            else:
                connection.execute(SAVE, {"host": host} | values)


@cache
def _hosts(pace: Pace, unpaced: frozenset[str]) -> Hosts:
    return Hosts(pace, StoredRests(), unpaced)


def hosts() -> Hosts:
    """The doors of this process, as they are set. The servers an operator allowed are not paced."""
    pace = Pace(config.requests_per_s(), config.requests_at_once())
    return _hosts(pace, config.allowed_private_hosts())


def failing() -> frozenset[str]:
    """Read the servers whose last tries failed, in this process or another."""
    found = frozenset(row.host for row in model.Session.execute(FAILING))
    model.Session.rollback()
    return found


def way_out(limits: Limits | None = None) -> Fetcher:
    """Make a fetcher with the settings of this site, within these limits."""
    return Fetcher(config.allowed_private_hosts(), limits, config.user_agent(), hosts=hosts())
