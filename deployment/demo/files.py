"""Write a table as the files that town halls really publish. Pure: rows in, bytes out.

Same rows, same bytes: the XLSX carries no clock, so that its sha256 does not move.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

import orjson

Rows = Sequence[Sequence[str]]
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def to_csv(
    rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8", above: Sequence[str] = ()
) -> bytes:
    """Write CSV; `above` are title rows that spreadsheets leave over the header."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([[line] + [""] * (len(rows[0]) - 1) for line in above])
    writer.writerows(rows)
    return out.getvalue().encode(encoding, errors="replace")


def to_french_csv(rows: Rows, above: Sequence[str] = ()) -> bytes:
    """Write what a French spreadsheet saves: `;`, Windows-1252, decimal commas, French days."""
    return to_csv(
        [rows[0], *([_to_french(value) for value in row] for row in rows[1:])],
        delimiter=";",
        encoding="cp1252",
        above=above,
    )


def _to_french(value: str) -> str:
    if len(value) == 10 and value[4] == value[7] == "-" and value[:4].isdigit():
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    whole, _, decimals = value.partition(".")
    # a code such as 9.1 is a text, and stays
    is_number = whole.lstrip("-").isdigit() and decimals.isdigit() and len(decimals) > 1
    return f"{whole},{decimals}" if is_number else value


def to_geojson(rows: Rows) -> bytes:
    """Write the rows that have `longitude` and `latitude` as points."""
    header = list(rows[0])
    east, north = header.index("longitude"), header.index("latitude")
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(row[east]), float(row[north])]},
            "properties": dict(zip(header, row, strict=True)),
        }
        for row in rows[1:]
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def to_xlsx(rows: Rows, sheet: str, above: Sequence[str] = ()) -> bytes:
    """Write a workbook of one sheet with inline texts and numbers."""
    lines = [[line] for line in above] + [list(row) for row in rows]
    body = "".join(
        f'<row r="{n}">{"".join(_xlsx_cell(value) for value in line)}</row>'
        for n, line in enumerate(lines, start=1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{escape(sheet[:31])}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{body}'
        "</sheetData></worksheet>",
    }
    return to_zip({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
                   for name, text in parts.items()})  # fmt: skip


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _xlsx_cell(value: str) -> str:
    """A number stays a number unless it starts with a zero that counts (INSEE, postcode)."""
    is_plain = value.lstrip("-").replace(".", "", 1).isdigit()
    if is_plain and not (value.startswith("0") and value[1:2].isdigit()):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def to_zip(members: dict[str, bytes]) -> bytes:
    """Pack members with a fixed date, so that equal members make equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()
