"""Read a GTFS archive into tables and shapes with DuckDB: text until valid, one scan a table.

Rows that cannot be read are counted, never silently dropped. The files made are
deterministic: the same feed gives the same bytes.
"""

from __future__ import annotations

import codecs
import csv
import io
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import orjson

from harvesters.archive import Archive, open_archive
from harvesters.map.place import to_extent
from harvesters.map.text import one_line
from harvesters.model import Issue
from schemas.values import to_web_address

TABLES = ("agency", "stops", "routes", "trips", "stop_times", "calendar", "calendar_dates",
          "feed_info", "shapes")  # fmt: skip
NEEDED = TABLES[:5]
PIECE_BYTES = 1 << 20
STOPS = """
    SELECT stop_id AS identifiant, stop_name AS nom, {desc} AS commune_ou_description,
           try_cast(stop_lon AS DOUBLE) AS longitude, try_cast(stop_lat AS DOUBLE) AS latitude,
           {wheelchair} AS acces_fauteuil, {parent} AS zone_arret
      FROM stops ORDER BY ALL
"""
ROUTES = """
    SELECT route_id AS identifiant, route_short_name AS ligne, route_long_name AS nom,
           route_type AS mode, {color} AS couleur,
           (SELECT count(*) FROM trips t WHERE t.route_id = r.route_id) AS courses
      FROM routes r ORDER BY ALL
"""
PATHS = """
    WITH sizes AS (SELECT trip_id, count(*) AS n FROM stop_times GROUP BY trip_id),
    chosen AS (
        SELECT route_id, trip_id FROM trips JOIN sizes USING (trip_id)
        QUALIFY row_number() OVER (PARTITION BY route_id ORDER BY n DESC, trip_id) = 1
    )
    SELECT route_id, list([try_cast(stop_lon AS DOUBLE), try_cast(stop_lat AS DOUBLE)]
                          ORDER BY try_cast(stop_sequence AS INTEGER))
      FROM chosen JOIN stop_times USING (trip_id) JOIN stops USING (stop_id)
     WHERE try_cast(stop_lon AS DOUBLE) IS NOT NULL AND try_cast(stop_lat AS DOUBLE) IS NOT NULL
     GROUP BY route_id
"""
SHAPES = """
    WITH chosen AS (
        SELECT route_id, shape_id FROM trips WHERE shape_id <> ''
        QUALIFY row_number() OVER (PARTITION BY route_id ORDER BY shape_id) = 1
    )
    SELECT route_id, list([try_cast(shape_pt_lon AS DOUBLE), try_cast(shape_pt_lat AS DOUBLE)]
                          ORDER BY try_cast(shape_pt_sequence AS INTEGER))
      FROM chosen JOIN shapes USING (shape_id) GROUP BY route_id
"""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself, and the files made from it. Days are ISO 8601."""

    network: str
    publisher: str
    site: str
    version: str
    first_day: str
    last_day: str
    last_change: str
    extent: str
    counts: dict[str, int]
    stops_csv: bytes
    stops_geojson: bytes
    routes_csv: bytes
    routes_geojson: bytes
    issues: tuple[Issue, ...] = ()


def read_feed(body: bytes, where: str) -> Feed | Issue:
    """Read a whole feed. A table that cannot be read answers an issue."""
    archive = open_archive(body, where)
    if isinstance(archive, Issue):
        return archive
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as base:
        base.execute("SET threads TO 2")
        issues: list[Issue] = []
        for table in TABLES:
            fault = _load(base, archive, table, Path(folder))
            if fault and fault.code != "TER-VAL-006" and table in NEEDED:
                return fault
            issues += [fault] if fault else []
        try:
            feed = _feed(base, tuple(issues))
        except duckdb.Error as fault:  # a column that GTFS requires is missing
            return Issue("TER-VAL-001", where, f"un GTFS incomplet ({one_line(str(fault), 120)})")
        return replace(feed, last_change=_last_change(body))


def _last_change(body: bytes) -> str:
    """The day of the youngest member; `""` where the archive keeps no dates (1980)."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        year, month, day = max(info.date_time for info in archive.infolist())[:3]
    return f"{year:04d}-{month:02d}-{day:02d}" if year > 1980 else ""


def _to_utf8(file: Path) -> None:
    """GTFS is UTF-8; some operators still write Windows-1252. Rewrites the file then."""
    check = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open("rb") as content:
            while piece := content.read(PIECE_BYTES):
                check.decode(piece)
            check.decode(b"", final=True)
    except UnicodeDecodeError:
        draft = file.with_suffix(".utf8")
        with (
            file.open(encoding="cp1252", errors="replace", newline="") as old,
            draft.open("w", encoding="utf-8", newline="") as new,
        ):
            shutil.copyfileobj(old, new, PIECE_BYTES)
        draft.replace(file)


def _load(
    base: duckdb.DuckDBPyConnection, archive: Archive, table: str, folder: Path
) -> Issue | None:
    """Load one table as text. Rows that DuckDB refuses are counted in `reject_errors`."""
    name = f"{table}.txt"
    if name not in archive.names:
        return None
    file = folder / name
    fault = archive.save(name, file)
    if fault:
        return fault
    _to_utf8(file)
    try:
        base.execute(
            f"""CREATE TABLE {table} AS SELECT * FROM read_csv(?, all_varchar = true,
                header = true, delim = ',', quote = '"', escape = '"', null_padding = true,
                store_rejects = true, rejects_table = 'bad_{table}',
                rejects_scan = 'scan_{table}', strict_mode = false)""",
            [str(file)],
        )
    except duckdb.Error as fault:
        return Issue("TER-VAL-001", name, one_line(str(fault), 120))
    bad = _one(base, f"SELECT count(DISTINCT line) FROM bad_{table}")
    return Issue("TER-VAL-006", "GTFS", str(bad), name) if bad else None


def _one(base: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = base.execute(query).fetchone()
    return row[0] if row else None


def _columns(base: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    query = "SELECT column_name FROM duckdb_columns() WHERE table_name = ?"
    return {row[0] for row in base.execute(query, [table]).fetchall()}


def _column(base: duckdb.DuckDBPyConnection, table: str, name: str) -> str:
    """A column, or an empty text where the feed has none."""
    return f"coalesce({name}, '')" if name in _columns(base, table) else "''"


def _feed(base: duckdb.DuckDBPyConnection, issues: tuple[Issue, ...]) -> Feed:
    stops = base.execute(
        STOPS.format(
            desc=_column(base, "stops", "stop_desc"),
            wheelchair=_column(base, "stops", "wheelchair_boarding"),
            parent=_column(base, "stops", "parent_station"),
        )
    )
    stop_names, stop_rows = [d[0] for d in stops.description], stops.fetchall()
    routes = base.execute(ROUTES.format(color=_column(base, "routes", "route_color")))
    route_names, route_rows = [d[0] for d in routes.description], routes.fetchall()
    has_shapes = "shape_id" in _columns(base, "trips") and _columns(base, "shapes")
    paths = dict(base.execute(PATHS).fetchall())
    if has_shapes:
        paths |= dict(base.execute(SHAPES).fetchall())
    first, last = _days(base)
    network = _one(base, "SELECT agency_name FROM agency LIMIT 1") or "de transport"
    info = _feed_info(base)
    points = [(r[3], r[4]) for r in stop_rows if r[3] is not None and r[4] is not None]
    lost = len(stop_rows) - len(points)
    told = (Issue("TER-VAL-011", "GTFS", str(lost)),) if lost else ()
    return Feed(
        network=one_line(network, 120),
        publisher=one_line(info.get("feed_publisher_name") or network, 120),
        site=to_web_address(str(_one(base, "SELECT agency_url FROM agency LIMIT 1") or "")) or "",
        version=one_line(info.get("feed_version"), 500),
        first_day=first,
        last_day=last,
        last_change="",
        extent=to_extent(points),
        counts={t: _one(base, f"SELECT count(*) FROM {t}") for t in
                ("stops", "routes", "trips", "stop_times")},
        stops_csv=_csv(stop_names, stop_rows),
        stops_geojson=_points(stop_names, stop_rows),
        routes_csv=_csv(route_names, route_rows),
        routes_geojson=_lines(route_names, route_rows, paths),
        issues=issues + told,
    )  # fmt: skip


def _feed_info(base: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    if not _columns(base, "feed_info"):
        return {}
    found = base.execute("SELECT * FROM feed_info LIMIT 1")
    names = [d[0] for d in found.description]
    row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def _days(base: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The first and last day of service: calendars and added days together."""
    parts = []
    if _columns(base, "calendar"):
        parts += ["SELECT start_date AS day FROM calendar", "SELECT end_date FROM calendar"]
    if _columns(base, "calendar_dates"):
        parts.append("SELECT date AS day FROM calendar_dates WHERE exception_type = '1'")
    days = f"SELECT try_strptime(day, '%Y%m%d') AS day FROM ({' UNION ALL '.join(parts)})"
    row = base.execute(
        f"SELECT min(day)::DATE::TEXT, max(day)::DATE::TEXT FROM ({days})"
    ).fetchone()
    return (row[0] or "", row[1] or "") if row else ("", "")


def _csv(names: list[str], rows: list[Any]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode()


def _collection(features: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _points(names: list[str], rows: list[Any]) -> bytes:
    return _collection(
        [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row[3], row[4]]},
                "properties": dict(zip(names, row, strict=True)),
            }
            for row in rows
            if row[3] is not None and row[4] is not None
        ]
    )


def _lines(names: list[str], rows: list[Any], paths: dict[str, Any]) -> bytes:
    return _collection(
        [
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": paths[row[0]]},
                "properties": dict(zip(names, row, strict=True)),
            }
            for row in rows
            if len(paths.get(row[0], ())) > 1
        ]
    )
