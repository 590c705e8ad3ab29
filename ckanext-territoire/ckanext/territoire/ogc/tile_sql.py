"""The three ways to draw a tile, each one statement. Pure.

From the zoom where a table is sparse enough, each row is a feature with its key, its name and what
a map colours by. Below it, rows that are close are one point that says how many they are
(`nombre`), and lines or areas wide enough to be seen are drawn: each row is one or the other. Far
tiles of a table of many rows are made from the squares in which they were counted (`density.py`)
and from the tracings that are kept for far maps (`_far`, migration 0008): no other row is read.

Parameters: $1 zoom, $2 column, $3 row of the tile, $4 the name of its layer; $5 the zoom from which
the lines and areas that are drawn are wide enough (`Measure.drawn_at`).
"""

from __future__ import annotations

from functools import cache

from schemas.model import FieldType, Schema

MAX_ALONE = 5_000
MAX_SHAPES = 2_000  # lines and areas of a far tile
UNITS = 4_096  # the grid of a tile
MARGIN = 64  # around it, in the same units
CELLS = 128  # squares a side in which close rows are one
MAX_COLOURS = 6
EDGE = "ST_TileEnvelope($1::int, $2::int, $3::int)"
WIDER = f"ST_TileEnvelope($1::int, $2::int, $3::int, margin => {MARGIN / UNITS})"
NEAR = f"geom && ST_Transform({WIDER}, 4326)"
INSIDE = f"geom && ST_Transform({EDGE}, 4326)"
DRAWN = f"{EDGE}, {UNITS}, {MARGIN}, true"
ALONE = """
    SELECT count(*) AS found, ST_AsMVT(t, $4::text, {units}, 'geom') AS tile
      FROM (SELECT {columns}, 1 AS nombre,
                   ST_AsMVTGeom(ST_Transform({shape}, 3857), {drawn}) AS geom
              FROM (SELECT * FROM published.{view} WHERE {near} LIMIT {most} + 1) n) t
"""
# places of the rows are reckoned in degrees: a grid needs no exact projection
CLOSE = """
    WITH side AS (
        SELECT ST_XMin(e) AS west, ST_YMin(e) AS south, (ST_XMax(e) - ST_XMin(e)) / {cells} AS wide,
               (ST_YMax(e) - ST_YMin(e)) / {cells} AS high
          FROM (SELECT ST_Transform({edge}, 4326) AS e) t),
    close AS (
        SELECT count(*)::int AS nombre, avg(x) AS x, avg(y) AS y
          FROM (SELECT (ST_XMin(geom) + ST_XMax(geom)) / 2 AS x,
                       (ST_YMin(geom) + ST_YMax(geom)) / 2 AS y
                  FROM published.{view} WHERE {inside}{small}) p, side
         GROUP BY floor((x - west) / wide), floor((y - south) / high)),
    drawn AS (
        SELECT NULL::text AS territoire_cle, nombre, ST_AsMVTGeom(ST_Transform(ST_SetSRID(
               ST_MakePoint(x, y), 4326), 3857), {drawn}) AS geom FROM close{shapes})
    SELECT count(*) AS found, ST_AsMVT(drawn, $4::text, {units}, 'geom') AS tile FROM drawn
"""
SHAPES = """
         UNION ALL
        SELECT territoire_cle, 1, ST_AsMVTGeom(ST_Transform(ST_Simplify({shape},
               360 / 2 ^ $1::int / 2048, true), 3857), {drawn})
          FROM published.{view} WHERE {near} AND _wide <= $5::int"""
SMALL = " AND coalesce(_wide > $5::int, true)"
# squares that were counted with the table: no row is read but what is kept for far maps
FAR = f"""
    WITH drawn AS (
        SELECT NULL::text AS territoire_cle, rows AS nombre, ST_AsMVTGeom(ST_Transform(ST_SetSRID(
               ST_MakePoint(x, y), 4326), 3857), {DRAWN}) AS geom
          FROM unnest($6::float8[], $7::float8[], $8::int[]) u(x, y, rows)
         WHERE $5::int IS NOT NULL{{shapes}})
    SELECT count(*) AS found, ST_AsMVT(drawn, $4::text, {UNITS}, 'geom') AS tile FROM drawn
"""


@cache
def to_alone(view: str, names: tuple[str, ...], is_far: bool) -> str:
    """Compile the tile that shows each row, with these of its columns (`shown`); its `found` says
    when there were too many."""
    columns = ", ".join(map(_quoted, ("territoire_cle", *names, "territoire_commune")))
    shape = "coalesce(_far, geom)" if is_far else "geom"
    return ALONE.format(
        columns=columns, shape=shape, drawn=DRAWN, view=view, near=NEAR, most=MAX_ALONE,
        units=UNITS,
    )  # fmt: skip


@cache
def to_close(view: str, is_far: bool) -> str:
    """Compile the tile that shows close rows as one."""
    return CLOSE.format(
        view=view, edge=EDGE, inside=INSIDE, drawn=DRAWN, small=SMALL, cells=CELLS, units=UNITS,
        shapes=_shapes(view, is_far),
    )  # fmt: skip


@cache
def to_far(view: str, has_shapes: bool) -> str:
    """Compile the tile of rows that were counted ($6 longitudes, $7 latitudes, $8 how many)."""
    return FAR.format(shapes=_shapes(view, is_far=True) if has_shapes else "")


def _shapes(view: str, is_far: bool) -> str:
    """What draws the wide lines and areas; from afar their kept tracing, which has an index."""
    shape = "_far" if is_far else "geom"
    near = f"{shape} && ST_Transform({WIDER}, 4326)"
    return SHAPES.format(shape=shape, drawn=DRAWN, view=view, near=near)


def shown(schema: Schema) -> tuple[str, ...]:
    """The columns of a tile: how people name a row, and what a map colours by (closed lists, yes
    or no). All the others are read by the key."""
    coloured = [each.name for each in schema.fields if each.enum or each.type is FieldType.BOOLEAN]
    names = [schema.label] if schema.label else []
    return (*names, *[name for name in coloured if name != schema.label][:MAX_COLOURS])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
