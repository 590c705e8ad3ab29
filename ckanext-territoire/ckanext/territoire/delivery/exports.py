"""The merged table of a theme as files: CSV, GeoJSON, Parquet, XLSX, JSON.

A file is made at the first request after a change and kept until the next one. Each key stands
once: rows that another is preferred to are left out. Text that a spreadsheet would run is defused
in CSV and XLSX.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from openpyxl import Workbook

from ckanext.territoire import files
from ckanext.territoire.delivery.columns import PROVENANCE, quoted
from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.delivery.merged import Merged
from harvesters.errors import Refused
from harvesters.model import Issue
from harvesters.table.defuse import defuse, defused
from harvesters.table.typed import open_database
from schemas.model import Schema
from schemas.to_columns import to_columns

MAX_SHEET = 1_048_575  # rows that a sheet of a workbook holds below its header
CHUNK = 10_000
GZIP_LEVEL = 6
_DUCKDB = {"int8": "BIGINT", "int4": "INTEGER", "numeric": "DOUBLE", "bool": "BOOLEAN",
           "date": "DATE", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMPTZ",
           "text": "VARCHAR"}  # fmt: skip
Base = duckdb.DuckDBPyConnection


def export(schema: Schema, merged: Merged, ending: str) -> Path:
    """Answer the file of a theme in a format; it is made when there is none of this state."""
    folder = files.folder() / "exports" / merged.slug
    columns = hashlib.sha256(repr(schema.field_names).encode()).hexdigest()[:8]
    target = folder / f"{merged.resource_id}-{merged.cursor}-{columns}.{ending}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=files.draft_folder()) as name:
        draft = Path(name) / "draft"
        if ending == "geojson":
            _write_geojson(schema, merged, draft)
        else:
            _write_table(schema, merged, (ending, draft))
        draft.chmod(0o640)
        draft.rename(target)
    for old in (*folder.glob(f"*.{ending}"), *folder.glob(f"*.{ending}.gz")):
        if old != target and old.stat().st_mtime < target.stat().st_mtime:
            old.unlink(missing_ok=True)
    return target


def compressed(path: Path) -> Path:
    """Answer the compressed twin of a file of text, made at the first question."""
    twin = path.with_name(f"{path.name}.gz")
    if not twin.exists():
        with TemporaryDirectory(dir=files.draft_folder()) as name:
            draft = Path(name) / "draft"
            with path.open("rb") as read, gzip.open(draft, "wb", GZIP_LEVEL) as out:
                shutil.copyfileobj(read, out)
            draft.chmod(0o640)
            draft.rename(twin)
    return twin


def public_columns(schema: Schema) -> list[tuple[str, str]]:
    """Names and PostgreSQL types of the columns that are published."""
    own = [(column.name, column.type) for column in to_columns(schema)]
    return own + [(name, kind) for name, kind, _ in PROVENANCE if name != "territoire_doublon"]


def _write_table(schema: Schema, merged: Merged, wanted: tuple[str, Path]) -> None:
    ending, draft = wanted
    columns = public_columns(schema)
    raw = draft.with_name("raw.csv")
    listed = ", ".join(quoted(name) for name, _ in columns)
    _copy(_rows(listed, merged), raw, "FORMAT csv")
    with open_database(draft.parent) as base:
        typed = ", ".join(f"'{_escaped(name)}': '{_DUCKDB[kind]}'" for name, kind in columns)
        base.execute(
            f"CREATE VIEW rows_ AS SELECT * FROM read_csv('{raw}', header = false, delim = ',', "
            f"quote = '\"', escape = '\"', auto_detect = false, nullstr = '', "
            f"columns = {{{typed}}})"
        )
        WRITERS[ending](base, columns, draft)


def _rows(listed: str, merged: Merged) -> str:
    return (
        f"SELECT {listed} FROM {quoted(merged.resource_id)} WHERE territoire_doublon IS NULL "
        "ORDER BY territoire_commune, _key"
    )


def _copy(query: str, target: Path, options: str) -> None:
    with transaction() as cursor, target.open("wb") as out:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.copy_expert(f"COPY ({query}) TO STDOUT ({options})", out)


def _escaped(name: str) -> str:
    return name.replace("'", "''")


def _write_csv(base: Base, columns: list[tuple[str, str]], target: Path) -> None:
    cells = [
        f"{defused(quoted(name))} AS {quoted(name)}" if kind == "text" else quoted(name)
        for name, kind in columns
    ]
    base.execute(f"COPY (SELECT {', '.join(cells)} FROM rows_) TO '{target}' (FORMAT csv, HEADER)")


def _write_parquet(base: Base, columns: list[tuple[str, str]], target: Path) -> None:
    base.execute(f"COPY rows_ TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def _write_json(base: Base, columns: list[tuple[str, str]], target: Path) -> None:
    base.execute(f"COPY rows_ TO '{target}' (FORMAT json, ARRAY true)")


def _write_xlsx(base: Base, columns: list[tuple[str, str]], target: Path) -> None:
    counted = base.execute("SELECT count(*) FROM rows_").fetchone()
    if counted and counted[0] > MAX_SHEET:
        raise Refused(Issue("TER-TAB-050", found=str(counted[0]), expected=str(MAX_SHEET)))
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Données")
    sheet.append([name for name, _ in columns])
    found = base.execute("SELECT * FROM rows_")
    while rows := found.fetchmany(CHUNK):
        for row in rows:
            sheet.append([_cell(value) for value in row])
    book.save(target)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return defuse(value)
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


def _write_geojson(schema: Schema, merged: Merged, target: Path) -> None:
    """One feature a line, so that a reader may stream the file."""
    listed = ", ".join(quoted(name) for name, _ in public_columns(schema))
    query = (
        "SELECT CASE WHEN row_number() OVER () > 1 THEN ',' ELSE '' END || json_build_object("
        "'type', 'Feature', 'geometry', ST_AsGeoJSON(_geom, 6)::json, 'properties', "
        f"(SELECT row_to_json(p) FROM (SELECT {listed}) p))::text "
        f"FROM ({_rows('*', merged)}) t"
    )
    lines = target.with_name("lines")
    # CSV with a delimiter and a quote that JSON never holds unescaped: lines as they are
    _copy(query, lines, r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'")
    with target.open("wb") as out, lines.open("rb") as read:
        out.write(b'{"type": "FeatureCollection", "features": [\n')
        while chunk := read.read(1 << 20):
            out.write(chunk)
        out.write(b"]}\n")


WRITERS: dict[str, Callable[[Base, list[tuple[str, str]], Path], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "json": _write_json,
    "xlsx": _write_xlsx,
}
ENDINGS = ("geojson", *WRITERS)
