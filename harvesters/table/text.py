"""Turn any file that holds a table into one UTF-8 delimited text, and say how it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from harvesters.model import Issue
from harvesters.table.encoding import LABELS, Encoding, find_encoding, to_utf8
from harvesters.table.formulas import count_unvalued
from harvesters.table.kind import DELIMITED, GEOPACKAGE, JSON, ZIP, kind_of
from harvesters.table.layers import write_layer
from harvesters.table.layout import SAMPLE_ROWS, find_separator
from harvesters.table.objects import write_objects
from harvesters.table.reading import Origin
from harvesters.table.received import Choice
from harvesters.table.unpack import unpack
from harvesters.table.workbook import write_sheet

SHAPEFILE, GEOJSON = "shp", "geojson"
_CRS = re.compile(r'"crs"\s*:\s*\{[^}]*\{[^}]*"name"\s*:\s*"([^"]+)"')
_DEGREES = re.compile(r"CRS84|4326")
HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Text:
    """A UTF-8 file, how it was written, and what was said on the way.

    `headers` are the columns of a text without titles, `None` when its titles are to be found.
    `sheets` are the other sheets, layers or files that hold rows. `member` is its name in an
    archive, `projection` the one its positions were converted from.
    """

    path: Path
    format: str
    separator: str = ","
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    headers: tuple[str, ...] | None = None
    member: str = ""
    projection: str = ""


def to_origin(text: Text, header_line: int) -> Origin:
    """Say how the file was read; the text made of a workbook has a separator that nobody typed."""
    separator = text.separator if text.format == DELIMITED else ""
    return Origin(text.format, text.encoding, separator, text.sheet, header_line)


def to_text(source: Path, kind: str, folder: Path, choice: Choice) -> Text | Issue:
    """Read a file of a kind that `kind.kind_of` answers; `folder` takes the text made of it."""
    target = folder / "text.csv"
    if kind == DELIMITED:
        return _delimited(source, target, choice)
    if kind == JSON:
        return _objects(source, folder)
    if kind == GEOPACKAGE:
        return _layer(source, kind, target, choice.sheet)
    if kind == ZIP:
        return _member(source, folder, choice)
    sheet = write_sheet(source, target, choice.sheet)
    if isinstance(sheet, Issue):
        return sheet
    unvalued = count_unvalued(source) if kind == "xlsx" else 0
    said = (Issue("TER-TAB-032", found=str(unvalued)),) if unvalued else ()
    return Text(target, kind, sheet=sheet.name, sheets=sheet.others, issues=said)


def _delimited(source: Path, target: Path, choice: Choice) -> Text | Issue:
    encoding = find_encoding(source)
    if choice.encoding:
        chosen = {name: name for name in LABELS} | {label: name for name, label in LABELS.items()}
        if choice.encoding not in chosen:
            return Issue("TER-TAB-037", found=choice.encoding, expected=", ".join(LABELS.values()))
        encoding = Encoding(chosen[choice.encoding], nul_count=encoding.nul_count)
    path = _in_utf8(source, encoding, target)
    separator = choice.separator or _separator(path)
    said = tuple(_encoding_issues(encoding))
    return Text(path, DELIMITED, separator, encoding.label, issues=said)


def _in_utf8(source: Path, encoding: Encoding, target: Path) -> Path:
    if encoding.is_plain:
        return source
    to_utf8(source, encoding, target)
    return target


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        lines = [line for line in islice(file, SAMPLE_ROWS) if line.strip()]
    return find_separator(lines) if lines else ","


def _encoding_issues(encoding: Encoding) -> list[Issue]:
    found = []
    if encoding.bad_bytes:
        found.append(Issue("TER-TAB-011", found=str(encoding.bad_bytes)))
    if encoding.nul_count:
        found.append(Issue("TER-TAB-012", found=str(encoding.nul_count)))
    return found


def _objects(source: Path, folder: Path) -> Text | Issue:
    """Read a JSON; a GeoJSON that is not in degrees is left to GDAL."""
    path = _in_utf8(source, find_encoding(source), folder / "text.json")
    with path.open(encoding="utf-8") as file:
        crs = _CRS.search(file.read(HEAD))
    if crs and not _DEGREES.search(crs[1]):
        layer = _layer(path, GEOJSON, folder / "text.csv", "")
        return layer if isinstance(layer, Issue) else replace(layer, sheet="")
    found = write_objects(path, folder / "text.csv")
    if isinstance(found, Issue):
        return found
    return Text(folder / "text.csv", found.format, headers=found.headers)


def _layer(source: Path, kind: str, target: Path, wanted: str) -> Text | Issue:
    layer = write_layer(source, target, wanted)
    if isinstance(layer, Issue):
        return layer
    return Text(target, kind, sheet=layer.name, sheets=layer.others, issues=layer.issues,
                headers=layer.headers, projection=layer.projection)  # fmt: skip


def _member(source: Path, folder: Path, choice: Choice) -> Text | Issue:
    """Read the table that an archive holds; a sheet of it cannot be chosen too."""
    member = unpack(source, folder, choice.sheet)
    if isinstance(member, Issue):
        return member
    inner = replace(choice, sheet="")
    if member.is_shape:
        text = _layer(member.path, SHAPEFILE, folder / "text.csv", "")
    else:
        kind = kind_of(member.path)
        if kind == ZIP:
            return Issue("TER-TAB-030", found="une autre archive")
        text = kind if isinstance(kind, Issue) else to_text(member.path, kind, folder, inner)
    if isinstance(text, Issue):
        return text
    sheet = "" if member.is_shape else text.sheet
    return replace(text, member=member.name, sheet=sheet, sheets=(*text.sheets, *member.others))
