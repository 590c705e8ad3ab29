"""Where « autour de » is: a commune, a postcode, a position, an address of the territory's own
address table, a place of the table that is looked at. Nobody else is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ckanext.territoire.delivery.database import read
from ckanext.territoire.portal.outlines import rings
from ckanext.territoire.services.asked import Place
from ckanext.territoire.services.public_tables import PublicTable
from ckanext.territoire.services.row import label_column
from ckanext.territoire.territory import members

ADDRESSES = "base-adresse-locale"
POSITION = re.compile(r"(-?\d{1,3}[.,]\d+)\s*[;,/ ]\s*(-?\d{1,3}[.,]\d+)")
IN_TABLE = """
    SELECT {label} AS label, ST_X(ST_PointOnSurface(_geom)) AS x,
           ST_Y(ST_PointOnSurface(_geom)) AS y
      FROM {table} WHERE _full_text @@ plainto_tsquery(%s) AND territoire_doublon IS NULL
       AND _geom IS NOT NULL ORDER BY ts_rank(_full_text, plainto_tsquery(%s)) DESC, _id LIMIT 1
"""


def to_place(text: str, table: PublicTable, tables: Mapping[str, PublicTable]) -> Place | None:
    """Understand what a visitor wrote; `None` when it is nowhere that is known here."""
    return _position(text) or _commune(text) or _address(text, tables) or _named(text, table)


def _position(text: str) -> Place | None:
    """Read « latitude, longitude », as maps give it."""
    found = POSITION.fullmatch(text.strip())
    if not found:
        return None
    latitude, longitude = (float(part.replace(",", ".")) for part in found.groups())
    is_here = abs(latitude) <= 90 and abs(longitude) <= 180
    return Place(longitude, latitude, text) if is_here else None


def _commune(text: str) -> Place | None:
    """Find a commune by its name, its code or its postcode, and take the middle of its outline."""
    found = members.find_commune(text) or next(
        (each for each in members.members() if text in each.postcodes), None
    )
    outline: dict[str, Any] | None = members.outline(found.insee) if found else None
    if found is None or outline is None:
        return None
    points = [point for ring in rings(outline) for point in ring]
    longitudes, latitudes = [p[0] for p in points], [p[1] for p in points]
    middle = (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2
    return Place(*middle, found.name)


def _address(text: str, tables: Mapping[str, PublicTable]) -> Place | None:
    """Look in the addresses that the communes publish, when they do."""
    table = tables.get(ADDRESSES)
    if table is None or not table.has("numero", "voie_nom", "commune_nom"):
        return None
    label = "concat_ws(' ', numero, voie_nom, commune_nom)"
    return _first(IN_TABLE.format(label=label, table=table.table), text)


def _named(text: str, table: PublicTable) -> Place | None:
    """Look for a row of the table itself, by any of its words."""
    return _first(IN_TABLE.format(label=label_column(table.schema), table=table.table), text)


def _first(query: str, text: str) -> Place | None:
    rows = read(query, (text, text))
    return Place(rows[0]["x"], rows[0]["y"], str(rows[0]["label"])) if rows else None
