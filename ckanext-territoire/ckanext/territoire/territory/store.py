"""The territory in PostgreSQL: our two tables, and CKAN's organisations read in one query."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.territory.facts import CommuneFacts
from ckanext.territoire.territory.plan import Membership, MembershipChange, StoredOrganization

ORGANIZATIONS = """
    SELECT g.id, g.name, g.title, g.state, g.is_organization,
           coalesce(g.extras::jsonb, '{}') AS extras, p.parents
      FROM "group" g LEFT JOIN LATERAL (
           SELECT array_agg(m.table_id ORDER BY m.table_id) AS parents FROM member m
            WHERE m.group_id = g.id AND m.table_name = 'group' AND m.state = 'active') p ON true
"""
# ST_AsBinary gives back, byte for byte, what was written
KNOWN_FACTS = """
    SELECT insee, name, ST_AsBinary(outline, 'NDR') AS outline, town_hall
      FROM territoire_commune WHERE insee = ANY(:codes)
"""
WRITE_FACTS = """
    INSERT INTO territoire_commune (insee, name, outline, town_hall)
    VALUES (:insee, :name, ST_GeomFromWKB(:outline, 4326), cast(:town_hall AS jsonb))
    ON CONFLICT (insee) DO UPDATE SET name = excluded.name, outline = excluded.outline,
           town_hall = excluded.town_hall
"""
OPEN = """
    INSERT INTO territoire_membership (insee, epci_siren, since) VALUES (:insee, :siren, :since)
    ON CONFLICT (insee, epci_siren, since) DO UPDATE SET until = NULL, heir_insee = NULL
"""
CLOSE = """
    UPDATE territoire_membership SET until = :until, heir_insee = nullif(:heir, '')
     WHERE insee = :insee AND epci_siren = :siren AND since = :since
"""
LOCK = "SELECT pg_advisory_lock(hashtext('territoire_territory'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('territoire_territory'))"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another set-up of the territory to end."""
    with model.meta.engine.connect() as connection:
        connection.execute(sa.text(LOCK))
        try:
            yield
        finally:
            connection.execute(sa.text(UNLOCK))


def read_organizations() -> tuple[list[StoredOrganization], set[str]]:
    """Read every organisation, deleted ones too, and all taken page addresses."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(ORGANIZATIONS)).all()
    organizations = [
        StoredOrganization(
            id=row.id,
            name=row.name,
            title=row.title or "",
            fields={key: str(value or "") for key, value in row.extras.items()},
            parents=tuple(row.parents or ()),
            is_active=row.state == "active",
        )
        for row in rows
        if row.is_organization
    ]
    return organizations, {row.name for row in rows}


def read_memberships(epci_siren: str) -> list[Membership]:
    """Read the dated membership of an EPCI, oldest first."""
    query = "SELECT * FROM territoire_membership WHERE epci_siren = :siren ORDER BY since, insee"
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), {"siren": epci_siren}).all()
    return [Membership(row.insee, row.since, row.until, row.heir_insee or "") for row in rows]


def changed_facts(wanted: Sequence[CommuneFacts]) -> list[CommuneFacts]:
    """Keep the facts that are not stored as they should be."""
    codes = [facts.insee for facts in wanted]
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(KNOWN_FACTS), {"codes": codes}).all()
    known = {
        row.insee: CommuneFacts(
            row.insee, row.name, bytes(row.outline) if row.outline else None, row.town_hall
        )
        for row in rows
    }
    return [facts for facts in wanted if known.get(facts.insee) != facts]


def write_territory(
    siren: str, facts: Sequence[CommuneFacts], membership: MembershipChange
) -> None:
    """Write facts and membership in one transaction; nothing to write opens none."""
    statements: list[tuple[str, list[dict[str, Any]]]] = [
        (WRITE_FACTS, [_facts_row(each) for each in facts]),
        (OPEN, [_row(siren, each) for each in membership.opened]),
        (CLOSE, [_row(siren, each) for each in membership.closed]),
    ]
    if not any(rows for _, rows in statements):
        return
    with model.meta.engine.begin() as connection:
        for statement, rows in statements:
            if rows:
                connection.execute(sa.text(statement), rows)


def _facts_row(facts: CommuneFacts) -> dict[str, Any]:
    town_hall = json.dumps(facts.town_hall, ensure_ascii=False)
    return {
        "insee": facts.insee,
        "name": facts.name,
        "outline": facts.outline,
        "town_hall": town_hall,
    }


def _row(siren: str, row: Membership) -> dict[str, Any]:
    return {
        "siren": siren,
        "insee": row.insee,
        "since": row.since,
        "until": row.until,
        "heir": row.heir_insee,
    }
