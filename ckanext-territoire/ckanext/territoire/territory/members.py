"""The member communes, for everyone who meets a commune's name: dictionary and outlines.

Read at most once a minute in each process, on its own connection: a batch costs one query.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.territory.names import spelling

QUERY = """
    SELECT m.insee, c.name, m.epci_siren, g.id AS organization_id, g.name AS slug, g.title,
           g.extras ->> 'siren' AS siren, g.extras ->> 'population' AS population,
           g.extras ->> 'postcodes' AS postcodes
      FROM territoire_membership m JOIN territoire_commune c USING (insee)
      JOIN "group" g ON g.is_organization AND g.extras ->> 'insee' = m.insee
     WHERE m.until IS NULL
"""
OUTLINE = """
    SELECT ST_AsGeoJSON(outline, 6) FROM territoire_commune
     WHERE insee = :insee AND outline IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Commune:
    """A member commune and its organisation: `slug` is the address of its page."""

    insee: str
    name: str
    slug: str
    organization_id: str
    title: str
    siren: str
    population: int | None
    postcodes: tuple[str, ...]
    epci_siren: str


@kept_a_minute
def members() -> tuple[Commune, ...]:
    """Answer the member communes in alphabetical order, at most a minute old."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(QUERY)).all()
    communes = (
        Commune(
            insee=row.insee,
            name=row.name,
            slug=row.slug,
            organization_id=row.organization_id,
            title=row.title or row.name,
            siren=row.siren or "",
            population=int(row.population) if row.population else None,
            postcodes=tuple((row.postcodes or "").split()),
            epci_siren=row.epci_siren,
        )
        for row in rows
    )
    return tuple(sorted(communes, key=lambda each: (spelling(each.name), each.insee)))


def find_commune(text: str) -> Commune | None:
    """Find a member by its INSEE code or its name, however it is written; homonyms find none."""
    found = _index().get(spelling(text), ())
    return found[0] if len(found) == 1 else None


@kept_a_minute
def _index() -> Mapping[str, tuple[Commune, ...]]:
    index: dict[str, tuple[Commune, ...]] = {}
    for commune in members():
        for way in {commune.insee.casefold(), spelling(commune.name), spelling(commune.title)}:
            index[way] = (*index.get(way, ()), commune)
    return index


@kept_a_minute
def outline(insee: str) -> dict[str, Any] | None:
    """Answer the outline of a commune as a GeoJSON geometry, WGS 84; `None` when unknown."""
    with model.meta.engine.connect() as connection:
        found = connection.execute(sa.text(OUTLINE), {"insee": insee}).scalar()
    return None if found is None else dict(json.loads(str(found)))
