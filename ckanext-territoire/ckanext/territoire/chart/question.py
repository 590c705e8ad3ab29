"""Ask the DataStore for the figures of a chart: one statement, bounded in time and in rows.

What is known of the columns comes from PostgreSQL's own statistics, which each load refreshes; the
read-only role asks. Beyond `MAX_READ` rows a sample is read, and said to be one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2
from ckanext.datastore.backend import postgres
from psycopg2.extras import RealDictCursor

from ckanext.territoire.chart.plan import DATES, PLACE_OF_ROW, Facts, Kind, Plan
from ckanext.territoire.delivery.columns import quoted

MAX_READ = 400_000
TIMEOUT_S = 4
SHOWN, SHOWN_COMMUNES, BINS = 20, 60, 12
FIRST_DAY, LAST_DAY = "1800-01-01", "2200-01-01"
LABEL_CHARS = 60

COLUMNS = """
    SELECT a.attname AS name, t.typname AS type, s.n_distinct AS distinct, c.reltuples AS rows
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = c.relname
                          AND s.attname = a.attname
     WHERE c.oid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
       AND left(a.attname, 1) <> '_' ORDER BY a.attnum
"""
ROWS = """
    WITH t AS MATERIALIZED (
        SELECT {x} AS x, CASE WHEN {y}::float8 BETWEEN -1e15 AND 1e15 THEN {y}::numeric END AS y
          FROM {table} {sample} WHERE {rows})
"""
# hours, days, months or years: whatever lets a line have some hundred points at most
TIME = """,
    span AS (SELECT max(x) - min(x) AS told FROM t),
    step AS (SELECT CASE WHEN %(least)s = 'year' THEN 'year'
                         WHEN %(least)s = 'hour' AND told <= interval '3 days' THEN 'hour'
                         WHEN told <= interval '93 days' THEN 'day'
                         WHEN told <= interval '10 years' THEN 'month' ELSE 'year' END AS unit
               FROM span)
    SELECT to_char(date_trunc(unit, x), 'YYYY-MM-DD"T"HH24:MI') AS x, unit, false AS is_rest,
           1 AS values, count(*) AS n, count(y) AS filled, sum(y)::float8 AS total
      FROM t CROSS JOIN step GROUP BY 1, 2 ORDER BY 1 NULLS LAST LIMIT 2000
"""
VALUES = """,
    value AS (SELECT x, count(*) AS n, count(y) AS filled, sum(y) AS total FROM t GROUP BY x),
    ranked AS (SELECT *, row_number() OVER (ORDER BY (x IS NULL), {order} DESC NULLS LAST, x)
                      AS place FROM value)
    SELECT CASE WHEN place <= %(shown)s THEN x END AS x, '' AS unit,
           place > %(shown)s AND x IS NOT NULL AS is_rest, count(*) AS values, sum(n)::bigint AS n,
           sum(filled)::bigint AS filled, sum(total)::float8 AS total, min(place) AS place
      FROM ranked GROUP BY 1, 2, 3 ORDER BY place
"""
# bins of 1, 2 or 5 times a power of ten; the rare values far away go to the first and last bin
BINNED = """,
    far AS (SELECT percentile_cont(0.01) WITHIN GROUP (ORDER BY x) AS low,
                   percentile_cont(0.99) WITHIN GROUP (ORDER BY x) AS high,
                   min(x) AS least, max(x) AS most FROM t),
    edge AS (SELECT *, CASE WHEN high - low > (most - least) * 0.5 THEN least ELSE low END AS a,
                       CASE WHEN high - low > (most - least) * 0.5 THEN most ELSE high END AS b
               FROM far),
    raw AS (SELECT *, greatest((b - a) / %(bins)s, {least_step}) AS wide FROM edge),
    power AS (SELECT *, 10 ^ floor(log(wide::numeric)) AS tens FROM raw WHERE wide > 0),
    step AS (SELECT *, (CASE WHEN wide <= tens THEN 1 WHEN wide <= 2 * tens THEN 2
                             WHEN wide <= 5 * tens THEN 5 ELSE 10 END * tens)::float8 AS step
               FROM power),
    placed AS (SELECT step, a, b, least, most, floor(a / step) AS first, floor(b / step) AS last
                 FROM step)
    SELECT (CASE WHEN t.x IS NULL THEN NULL ELSE
             greatest(first, least(last, floor(t.x / step))) * step END)::text AS x,
           step::text AS unit, false AS is_rest, 1 AS values, count(*) AS n, 0 AS filled,
           NULL::float8 AS total, min(t.x) < first * step AS is_open_below,
           max(t.x) >= (last + 1) * step AS is_open_above
      FROM t CROSS JOIN (SELECT step, first, last::float8 AS last FROM placed) p
     GROUP BY p.step, p.first, p.last, 1 ORDER BY min(t.x) NULLS LAST LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of a table without reading it."""

    columns: tuple[Facts, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The lines of the statement; `share` is the part of the table that was read, at most 1."""

    lines: tuple[dict[str, Any], ...]
    share: float


def read_known(resource_id: str, labels: Mapping[str, str]) -> Known:
    """Read the columns of a table with the number of their values."""
    found = _read(COLUMNS, (f"public.{quoted(resource_id)}",))
    rows = max(int(found[0]["rows"]), 0) if found else 0
    columns = tuple(
        Facts(number, each["name"], labels.get(each["name"]) or each["name"], each["type"],
              _distinct(each["distinct"], rows))
        for number, each in enumerate(found, start=1)
    )  # fmt: skip
    return Known(columns, rows)


def read_figures(resource_id: str, plan: Plan, known: Known) -> Counted | None:
    """Read the figures of a chart; `None` when the database gave up, or the table is gone."""
    share = min(MAX_READ / known.rows, 1.0) if known.rows else 1.0
    values: dict[str, Any] = {
        "least": _least_unit(plan),
        "shown": SHOWN_COMMUNES if plan.axis.kind is Kind.COMMUNE else SHOWN,
        "bins": BINS,
    }
    try:
        lines = _read(_statement(resource_id, plan, known, share), values)
    except psycopg2.Error:
        return None
    return Counted(tuple(lines), share)


def _statement(resource_id: str, plan: Plan, known: Known, share: float) -> str:
    names = {column.name for column in known.columns}
    sample = f"TABLESAMPLE SYSTEM ({share * 100:.4f}) REPEATABLE (1)" if share < 1 else ""
    measured = plan.measure.column
    start = ROWS.format(
        x=_along(plan),
        y=_name(measured) if measured else "NULL",
        table=quoted(resource_id),
        sample=sample,
        rows="territoire_doublon IS NULL" if PLACE_OF_ROW in names else "true",
    )
    if plan.axis.kind is Kind.TIME:
        return start + TIME
    if plan.axis.kind is Kind.HISTOGRAM:
        is_whole = plan.axis.column.type.startswith("int")
        return start + BINNED.format(least_step="1" if is_whole else "0")
    order = {"lignes": "n", "somme": "total", "moyenne": "total / nullif(filled, 0)"}
    return start + VALUES.format(order=order[plan.measure.role.value])


def _along(plan: Plan) -> str:
    """The value of a row along the axis; NULL for what no axis can show."""
    column, name = plan.axis.column, _name(plan.axis.column)
    if plan.axis.kind is Kind.HISTOGRAM:
        return f"CASE WHEN {name}::float8 BETWEEN -1e15 AND 1e15 THEN {name}::float8 END"
    if plan.axis.kind is not Kind.TIME:
        return f"left(nullif(btrim({name}::text), ''), {LABEL_CHARS})"
    if column.type not in DATES:
        year = f"make_timestamp({name}::int, 1, 1, 0, 0, 0)"
        return f"CASE WHEN {name} BETWEEN 1800 AND 2199 THEN {year} END"
    told = f"{name} AT TIME ZONE 'Europe/Paris'" if column.type == "timestamptz" else name
    return f"CASE WHEN {name} BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}' THEN ({told})::timestamp END"


def _name(column: Facts) -> str:
    """A column as PostgreSQL takes it, in a statement that has values to fill in."""
    return quoted(column.name).replace("%", "%%")


def _least_unit(plan: Plan) -> str:
    if plan.axis.column.type not in DATES:
        return "year"
    return "day" if plan.axis.column.type == "date" else "hour"


def _distinct(told: float | None, rows: int) -> float | None:
    """Read `n_distinct`: a number of values, or below zero a part of the rows."""
    if told is None or not math.isfinite(told):
        return None
    return float(told) if told >= 0 else float(round(-told * rows))


def _read(query: str, values: Any) -> Sequence[dict[str, Any]]:
    connection: Any = postgres.get_read_engine().raw_connection()
    try:
        with connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'")
            cursor.execute(query, values)
            return [dict(row) for row in cursor.fetchall()]
    finally:
        connection.rollback()
        connection.close()
