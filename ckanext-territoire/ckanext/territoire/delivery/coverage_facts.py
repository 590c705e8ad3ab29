"""What each commune has delivered for each theme, in two queries whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.matrix import NOTHING, Known, Matrix, Town, to_matrix
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.territory import members
from schemas.load import latest, slugs
from schemas.model import Schema
from schemas.vocabulary import plain

FEEDS = """
    SELECT f.insee, f.slug, sum(d.good) FILTER (WHERE d.state = 'live') AS good,
           sum(d.bad) FILTER (WHERE d.state = 'live') AS bad,
           max(d.published_at) FILTER (WHERE d.state = 'live') AS published_at,
           max(d.id::text) FILTER (WHERE d.state = 'live') AS live_id,
           (array_agg(d.state ORDER BY d.received_at DESC))[1] AS last_state,
           (array_agg(d.id::text ORDER BY d.received_at DESC))[1] AS last_id
      FROM territoire.feed f JOIN territoire.delivery d ON d.feed_id = f.id
     WHERE f.insee <> '' GROUP BY f.insee, f.slug
"""
ROWS = """
    SELECT {slug} AS slug, territoire_commune AS insee, count(*) AS rows,
           max(territoire_maj) AS changed FROM {table}
     WHERE territoire_commune IS NOT NULL AND territoire_doublon IS NULL
     GROUP BY territoire_commune
"""
TABLES = "SELECT slug, resource_id FROM territoire.merged"


def expected_schemas() -> list[Schema]:
    """The tables that are expected of every commune, by title."""
    found = [latest(slug) for slug in slugs()]
    return sorted((each for each in found if each.is_expected), key=lambda each: plain(each.title))


def read_matrix(schemas: Sequence[Schema] | None = None) -> Matrix:
    """Judge every member on every expected table, today."""
    towns = [
        Town(each.insee, each.name, each.slug, each.organization_id, each.population)
        for each in members.members()
    ]
    today = datetime.now(PARIS).date()
    return to_matrix(towns, schemas or expected_schemas(), read_known(), today)


def read_known() -> Mapping[tuple[str, str], Known]:
    """Read what was delivered, by INSEE code and slug."""
    known = {(row["insee"], row["slug"]): _to_known(row) for row in read(FEEDS)}
    tables = read(TABLES)
    if not tables:
        return known
    parts = [
        ROWS.format(slug="'" + each["slug"] + "'", table=quoted(each["resource_id"]))
        for each in tables
    ]
    for row in read(" UNION ALL ".join(parts)):
        at = (row["insee"], row["slug"])
        before = known.get(at, NOTHING)
        changed = before.published_at or row["changed"].astimezone(UTC)
        known[at] = replace(before, rows=int(row["rows"]), published_at=changed)
    return known


def _to_known(row: Mapping[str, object]) -> Known:
    is_waiting = row["last_state"] in ("held", "failed")
    published = row["published_at"]
    return Known(
        good=int(str(row["good"] or 0)),
        bad=int(str(row["bad"] or 0)),
        published_at=published if isinstance(published, datetime) else None,
        waiting_state=str(row["last_state"]) if is_waiting else "",
        waiting_id=str(row["last_id"]) if is_waiting else "",
        live_id=str(row["live_id"] or ""),
    )
