"""The rows that answer a service page: one statement for the list, the points of the map, the
counts of the filters and of the communes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.services.asked import Asked, Place
from ckanext.territoire.services.model import Filter, Service
from ckanext.territoire.services.public_tables import PublicTable
from ckanext.territoire.services.row import label_column

SHOWN, MAX_POINTS = 20, 5_000
FIND = """
    WITH base AS (
        SELECT m._key AS key, {label} AS label, {address} AS address, m.territoire_commune AS insee,
               m.territoire_commune_nom AS commune, m.territoire_maj AS changed_at,
               m.territoire_jeu AS dataset, m._feed, m._id, {is_high} AS is_high,
               ST_X(ST_PointOnSurface(m._geom)) AS x, ST_Y(ST_PointOnSurface(m._geom)) AS y,
               {distance} AS distance, {fits} AS fits
          FROM {table} m
         WHERE m.territoire_doublon IS NULL AND NOT coalesce(m.territoire_hors_epci, false)),
    found AS (SELECT * FROM base WHERE {condition}),
    page AS (SELECT * FROM found ORDER BY {order} LIMIT {shown} OFFSET %(offset)s),
    said AS (
        SELECT DISTINCT ON (g.row_key) g.row_key, g.made_at, g.answered_at, g.state, g.answer
          FROM territoire.flag g JOIN page p ON p.key = g.row_key
         WHERE g.slug = %(slug)s AND g.state <> 'dropped' ORDER BY g.row_key, g.made_at DESC)
    SELECT (SELECT count(*) FROM base) AS whole, (SELECT count(*) FROM found) AS total,
           (SELECT max(changed_at) FROM found) AS changed_at,
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY {order}) FROM (
               SELECT p.*, f.org_id, s.made_at AS flagged_at, s.answered_at, s.state AS flag_state,
                      s.answer, to_jsonb(m) - '_full_text' - '_geom' AS cells
                 FROM page p JOIN {table} m USING (_id) JOIN territoire.feed f ON f.id = p._feed
                 LEFT JOIN said s ON s.row_key = p.key) t) AS rows,
           (SELECT jsonb_agg(jsonb_build_array(key, label, x, y)) FROM (
               SELECT key, label, x, y FROM found WHERE x IS NOT NULL ORDER BY {order}
                LIMIT {points}) t) AS points,
           (SELECT jsonb_object_agg(insee, n) FROM (
               SELECT insee, count(*) AS n FROM base WHERE insee IS NOT NULL GROUP BY insee) t)
               AS communes,
           (SELECT jsonb_object_agg(name, n) FROM (
               SELECT name, count(*) AS n FROM base, unnest(fits) AS name GROUP BY name) t) AS fits
"""
CONDITION_ANYWHERE = "fits @> %(filters)s::text[] AND is_high"
CONDITION = f"{CONDITION_ANYWHERE} AND insee = %(insee)s"
FAR = (
    "ST_DistanceSphere(ST_PointOnSurface(m._geom), "
    "ST_SetSRID(ST_MakePoint(%(longitude)s, %(latitude)s), 4326))"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a page shows. `whole` counts the rows of the table, `total` those that fit; a row is a
    dict of the columns of `FIND`; a point is (key, label, longitude, latitude); `communes` and
    `fits` count the whole table by INSEE code and by filter."""

    whole: int
    total: int
    changed_at: datetime | None
    rows: tuple[Mapping[str, Any], ...]
    points: tuple[tuple[str, str, float, float], ...]
    communes: Mapping[str, int]
    fits: Mapping[str, int]


def find_places(
    service: Service,
    table: PublicTable,
    asked: Asked,
    near: Place | None,
    most_points: int = MAX_POINTS,
) -> Found:
    """Find the rows that a visitor asks for, the nearest first when they look around a place."""
    filters = [each for each in service.filters if table.has(each.column)]
    parts = {
        "table": table.table,
        "label": f"m.{label_column(table.schema)}",
        "address": f"m.{quoted(service.address)}" if table.has(service.address) else "NULL::text",
        "distance": FAR if near else "NULL::float8",
        "fits": _fits(filters),
        "is_high": _is_high(service, table, asked),
        "condition": CONDITION if asked.insee else CONDITION_ANYWHERE,
        "order": "distance NULLS LAST, label, _id" if near else "commune, label, _id",
        "shown": str(SHOWN),
        "points": str(most_points),
    }
    values = {
        "slug": service.slug,
        "offset": (asked.page - 1) * SHOWN,
        "filters": sorted(asked.filters & {each.name for each in filters}),
        "insee": asked.insee,
        "height": asked.height_cm,
        "longitude": near.longitude if near else None,
        "latitude": near.latitude if near else None,
    }
    row = read(FIND.format(**parts), values)[0]
    return Found(
        row["whole"],
        row["total"],
        row["changed_at"],
        tuple(row["rows"] or ()),
        tuple((key, label, x, y) for key, label, x, y in row["points"] or ()),
        row["communes"] or {},
        row["fits"] or {},
    )


def _fits(filters: list[Filter]) -> str:
    """The names of the filters that a row passes, as an array."""
    cases = [
        f"CASE WHEN {each.condition.format(column=f'm.{quoted(each.column)}')} "
        f"THEN '{each.name}' END"
        for each in filters
    ]
    return f"array_remove(ARRAY[{', '.join(cases)}]::text[], NULL)"


def _is_high(service: Service, table: PublicTable, asked: Asked) -> str:
    """Say whether the vehicle passes; a limit that is no number is none."""
    if not asked.height_cm or not service.height or not table.has(service.height.column):
        return "true"
    cell = f"m.{quoted(service.height.column)}::text"
    return f"CASE WHEN {cell} ~ '^[0-9]{{1,5}}$' THEN ({cell})::int >= %(height)s ELSE true END"
