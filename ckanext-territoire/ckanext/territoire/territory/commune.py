"""All that is public about one commune: official facts, outline, town hall."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.territory import members
from ckanext.territoire.territory.members import Commune
from ckanext.territoire.territory.names import spelling
from ckanext.territoire.territory.opening_hours import to_french
from harvesters.errors import Refused
from harvesters.model import Issue

FACTS = """
    SELECT c.town_hall, ST_XMin(c.outline) AS west, ST_YMin(c.outline) AS south,
           ST_XMax(c.outline) AS east, ST_YMax(c.outline) AS north,
           (SELECT min(since) FROM territoire_membership m
             WHERE m.insee = c.insee AND m.until IS NULL) AS since,
           (SELECT count(*) FROM package WHERE owner_org = :owner AND state = 'active'
               AND NOT private AND type = 'dataset') AS dataset_count
      FROM territoire_commune c WHERE c.insee = :insee
"""


def read_commune(text: str) -> dict[str, Any]:
    """Find a member and all its facts; an unknown one is refused with near names (TER-CFG-007)."""
    commune = members.find_commune(text) or _by_slug(text)
    if commune is None:
        raise Refused(
            Issue("TER-CFG-007", found=text, expected=" ; ".join(_near(text)) or "aucune")
        )
    with model.meta.engine.connect() as connection:
        asked = {"insee": commune.insee, "owner": commune.organization_id}
        row = connection.execute(sa.text(FACTS), asked).one()
    box = None if row.west is None else [row.west, row.south, row.east, row.north]
    return to_dict(commune) | {
        "outline": members.outline(commune.insee),
        "bbox": box,
        "town_hall": row.town_hall | {"hours_text": to_french(row.town_hall.get("hours", []))},
        "member_since": row.since.isoformat(),
        "dataset_count": row.dataset_count,
    }


def to_dict(commune: Commune) -> dict[str, Any]:
    """Convert a commune for the API."""
    return asdict(commune) | {"postcodes": list(commune.postcodes)}


def _by_slug(text: str) -> Commune | None:
    return next((each for each in members.members() if each.slug == text), None)


def _near(text: str) -> list[str]:
    names = {spelling(each.name): each for each in members.members()}
    close = difflib.get_close_matches(spelling(text), names, n=3, cutoff=0.5)
    return [f"{names[name].name} ({names[name].insee})" for name in close]
