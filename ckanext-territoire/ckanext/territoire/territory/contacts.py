"""Whom to ask in each member commune: its town hall, for everyone who meets one of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.territory import members

HALLS = "SELECT insee, town_hall FROM territoire_commune WHERE insee = ANY(:codes)"


@dataclass(frozen=True, slots=True)
class Contact:
    """A town hall: `slug` is the page of the commune; a telephone number or a site may be `""`."""

    commune: str
    slug: str
    phone: str
    site: str


@kept_a_minute
def contacts() -> Mapping[str, Contact]:
    """Answer the town halls of the members by INSEE code, at most a minute old."""
    towns = {each.insee: each for each in members.members()}
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(HALLS), {"codes": list(towns)}).all()
    halls = {row.insee: row.town_hall or {} for row in rows}
    return {
        insee: Contact(
            commune=town.name,
            slug=town.slug,
            phone=str(halls.get(insee, {}).get("phone") or ""),
            site=str(halls.get(insee, {}).get("website") or halls.get(insee, {}).get("site") or ""),
        )
        for insee, town in towns.items()
    }
