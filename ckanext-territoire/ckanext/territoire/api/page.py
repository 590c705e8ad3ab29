"""A page of rows as JSON, GeoJSON (RFC 7946), CSV or Parquet. Pure.

The JSON of each row is PostgreSQL's own: numbers are numbers, dates ISO 8601, moments in UTC. In
CSV, text that a spreadsheet would run is defused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ckanext.territoire.api.columns import Column
from harvesters.table.defuse import defuse

TYPES = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_ARROW: dict[str, pa.DataType] = {
    "int8": pa.int64(),
    "int4": pa.int32(),
    "numeric": pa.float64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
}
_PARSED: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "numeric": float,
    "float8": float,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the JSON text of each row, its geometry and its key in the same order, the columns,
    the address of the next page (`""` at the last one), the total when it was asked."""

    columns: tuple[Column, ...]
    rows: tuple[str, ...]
    shapes: tuple[str | None, ...]
    keys: tuple[str | None, ...]
    next: str = ""
    total: int | None = None


def to_body(page: Page, ending: str) -> bytes:
    """Write a page in a format."""
    return _WRITERS[ending](page)


def to_feature(row: str, shape: str | None, key: str | None) -> str:
    """Write a row as a feature of GeoJSON.

    >>> to_feature('{"a":1}', None, "k")
    '{"type":"Feature","id":"k","geometry":null,"properties":{"a":1}}'
    """
    told = json.dumps(key, ensure_ascii=False)
    return f'{{"type":"Feature","id":{told},"geometry":{shape or "null"},"properties":{row}}}'


def _json(page: Page) -> bytes:
    return f'{{"rows":[{",".join(page.rows)}],{_end(page)}}}'.encode()


def _geojson(page: Page) -> bytes:
    told = zip(page.rows, page.shapes, page.keys, strict=True)
    features = ",".join(to_feature(*each) for each in told)
    return f'{{"type":"FeatureCollection","features":[{features}],{_end(page)}}}'.encode()


def _end(page: Page) -> str:
    end: dict[str, Any] = {"next": page.next or None}
    if page.total is not None:
        end = {"total": page.total} | end
    return json.dumps(end, ensure_ascii=False)[1:-1]


def _csv(page: Page) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([each.name for each in page.columns])
    for row in _read(page.rows):
        writer.writerow([_cell(row[each.name]) for each in page.columns])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return defuse(value) if isinstance(value, str) else value


def _parquet(page: Page) -> bytes:
    rows = _read(page.rows)
    fields = [pa.field(each.name, _ARROW[each.type]) for each in page.columns]
    columns = [_array(each, rows) for each in page.columns]
    out = io.BytesIO()
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), out, compression="zstd")
    return out.getvalue()


def _array(column: Column, rows: Sequence[dict[str, Any]]) -> pa.Array:
    parse = _PARSED.get(column.type, lambda value: value)
    values = (row[column.name] for row in rows)
    typed = [None if value is None else parse(value) for value in values]
    return pa.array(typed, _ARROW[column.type])


def _read(rows: Sequence[str]) -> list[dict[str, Any]]:
    return [json.loads(row, parse_float=Decimal) for row in rows]


_WRITERS: dict[str, Callable[[Page], bytes]] = {
    "json": _json,
    "geojson": _geojson,
    "csv": _csv,
    "parquet": _parquet,
}
