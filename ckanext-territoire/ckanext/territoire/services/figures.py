"""Key figures from the merged tables, of a commune or of the whole territory: one statement for all
tables. Each has its unit, its date and where to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.services.public_tables import PublicTable
from ckanext.territoire.services.units import UNITS, Unit

MAX_POINTS = 300  # of a table, on the drawing of a commune
COUNT = """
    SELECT %s AS slug, count(*) AS rows, {total} AS total, max(territoire_maj) AS changed_at,
           count(DISTINCT territoire_commune) AS communes, array_agg(DISTINCT _feed::text) AS feeds
      FROM {table} WHERE {condition}
"""
KEPT = "territoire_doublon IS NULL AND NOT coalesce(territoire_hors_epci, false)"
OWNERS = "SELECT id::text, org_id FROM territoire.feed WHERE id::text = ANY(%s)"
POINTS = """
    (SELECT ST_X(ST_PointOnSurface(_geom)) AS x, ST_Y(ST_PointOnSurface(_geom)) AS y FROM {table}
      WHERE {condition} AND _geom IS NOT NULL LIMIT {most})
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: `value` of `unit`, from `rows` rows; `owners` are the organisations that bring
    them, `communes` how many communes have some."""

    slug: str
    unit: Unit
    value: int
    rows: int
    communes: int
    changed_at: datetime
    owners: tuple[str, ...]


def count_tables(tables: Mapping[str, PublicTable], insee: str = "") -> dict[str, Figure]:
    """Count the public tables, in one commune when it is given; tables without a row are left out.

    Two statements, whatever their number.
    """
    wanted = [table for slug, table in tables.items() if slug in UNITS]
    if not wanted:
        return {}
    parts, values = [], []
    for table in wanted:
        parts.append(COUNT.format(
            table=table.table, total=_total(table), condition=_condition(insee)
        ))  # fmt: skip
        values += [table.schema.slug, *([insee] if insee else [])]
    rows = [row for row in read(" UNION ALL ".join(parts), values) if row["rows"]]
    feeds = sorted({feed for row in rows for feed in row["feeds"]})
    owners = {row["id"]: row["org_id"] for row in read(OWNERS, (feeds,))}
    return {row["slug"]: _figure(row, owners) for row in rows}


def read_points(tables: Mapping[str, PublicTable], insee: str) -> list[tuple[float, float]]:
    """Read where the rows of a commune stand, some hundreds of each table at most."""
    placed = [table for table in tables.values() if table.schema.position]
    if not placed:
        return []
    parts = [
        POINTS.format(table=t.table, condition=_condition(insee), most=MAX_POINTS) for t in placed
    ]
    rows = read(" UNION ALL ".join(parts), [insee] * len(placed))
    return [(row["x"], row["y"]) for row in rows]


def _condition(insee: str) -> str:
    return f"{KEPT} AND territoire_commune = %s" if insee else KEPT


def _total(table: PublicTable) -> str:
    column = UNITS[table.schema.slug].total
    is_there = column and table.has(column)
    return f"coalesce(sum({quoted(column)}), 0)::bigint" if is_there else "count(*)"


def _figure(row: Mapping[str, Any], owners: Mapping[str, str]) -> Figure:
    told: Sequence[str] = sorted({owners[feed] for feed in row["feeds"] if feed in owners})
    return Figure(
        row["slug"], UNITS[row["slug"]], row["total"], row["rows"], row["communes"],
        row["changed_at"], tuple(told),
    )  # fmt: skip
