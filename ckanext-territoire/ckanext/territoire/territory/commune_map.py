"""The map of the communes: their outlines, simplified together so that neighbours still touch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.territory import members
from ckanext.territoire.territory.members import Commune

MAX_BYTES = 300_000
# Room for the properties of the features, which are added later
BYTES_PER_COMMUNE = 400
TOLERANCES_DEGREES = (0.0, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
GRID_DEGREES = 0.00001
OUTLINES = """
    SELECT insee, ST_AsBinary(outline) AS outline FROM territoire_commune
     WHERE outline IS NOT NULL AND insee = ANY(:codes) ORDER BY insee
"""
COUNTS = """
    SELECT owner_org, count(*) AS n FROM package
     WHERE state = 'active' AND NOT private AND type = 'dataset' GROUP BY owner_org
"""
ABOUT = """
    SELECT insee, count(DISTINCT id) AS n FROM package,
           jsonb_array_elements_text(cast(extras ->> 'communes' AS jsonb)) AS insee
     WHERE state = 'active' AND NOT private AND type = 'dataset'
       AND extras ->> 'communes' LIKE '[%]' GROUP BY insee
"""


def territory_map() -> dict[str, Any]:
    """Answer the members as a GeoJSON FeatureCollection under 300 KB, at most a minute old."""
    return dict(json.loads(_map()))


@kept_a_minute
def _map() -> str:
    communes = members.members()
    drawn = _outlines(tuple(commune.insee for commune in communes))
    owned, about = _owned_counts(), _about_counts()
    features = [
        {
            "type": "Feature",
            "id": commune.insee,
            "properties": _properties(commune)
            | {
                "dataset_count": owned.get(commune.organization_id, 0),
                "about_count": about.get(commune.insee, 0),
            },
            "geometry": drawn.get(commune.insee),
        }
        for commune in communes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _properties(commune: Commune) -> dict[str, Any]:
    return {
        "name": commune.name,
        "insee": commune.insee,
        "slug": commune.slug,
        "population": commune.population,
    }


@lru_cache(maxsize=4)
def _simplified(outlines: tuple[bytes, ...], room: int) -> tuple[str, ...]:
    """Simplify just enough to fit in this many bytes; the same outlines are drawn once."""
    shapes = shapely.make_valid(shapely.from_wkb(list(outlines)))
    texts: Sequence[str] = ()
    for tolerance in TOLERANCES_DEGREES:
        lighter = shapely.coverage_simplify(shapes, tolerance) if tolerance else shapes
        texts = list(shapely.to_geojson(shapely.set_precision(lighter, GRID_DEGREES)))
        if sum(map(len, texts)) <= room:
            break
    return tuple(texts)


def _outlines(codes: tuple[str, ...]) -> dict[str, Any]:
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(OUTLINES), {"codes": list(codes)}).all()
    if not rows:
        return {}
    room = MAX_BYTES - BYTES_PER_COMMUNE * len(codes)
    texts = _simplified(tuple(bytes(row.outline) for row in rows), room)
    return {row.insee: json.loads(text) for row, text in zip(rows, texts, strict=True)}


def _owned_counts() -> dict[str, int]:
    with model.meta.engine.connect() as connection:
        return {row.owner_org: row.n for row in connection.execute(sa.text(COUNTS))}


def _about_counts() -> dict[str, int]:
    """Count the public datasets about each commune, whoever publishes them."""
    with model.meta.engine.connect() as connection:
        return {row.insee: row.n for row in connection.execute(sa.text(ABOUT))}
