"""Turn any file that holds a table into one UTF-8 delimited text, and say how it was written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harvesters.model import Issue
from harvesters.table.encoding import LABELS, Encoding, find_encoding, to_utf8
from harvesters.table.layout import SAMPLE_ROWS, find_separator
from harvesters.table.reading import Origin
from harvesters.table.received import Choice
from harvesters.table.workbook import write_sheet

DELIMITED = "csv"
WORKBOOKS = ("xlsx", "xls", "ods")


@dataclass(frozen=True, slots=True)
class Text:
    """A UTF-8 file, how it was written, and what was said on the way. `sheets` are the other
    sheets or layers that hold rows."""

    path: Path
    format: str
    separator: str
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def to_origin(text: Text, header_line: int) -> Origin:
    """Say how the file was read; the text made of a workbook has a separator that nobody typed."""
    separator = text.separator if text.format == DELIMITED else ""
    return Origin(text.format, text.encoding, separator, text.sheet, header_line)


def to_text(source: Path, kind: str, folder: Path, choice: Choice) -> Text | Issue:
    """Read a file of a kind that `kind.kind_of` answers; `folder` takes the text made of it."""
    target = folder / "text.csv"
    if kind == DELIMITED:
        return _delimited(source, target, choice)
    sheet = write_sheet(source, target, choice.sheet)
    if isinstance(sheet, Issue):
        return sheet
    return Text(target, kind, ",", sheet=sheet.name, sheets=sheet.others)


def _delimited(source: Path, target: Path, choice: Choice) -> Text | Issue:
    encoding = find_encoding(source)
    if choice.encoding:
        chosen = {name: name for name in LABELS} | {label: name for name, label in LABELS.items()}
        if choice.encoding not in chosen:
            return Issue("TER-TAB-037", found=choice.encoding, expected=", ".join(LABELS.values()))
        encoding = Encoding(chosen[choice.encoding], nul_count=encoding.nul_count)
    path = source
    if not encoding.is_plain:
        path = target
        to_utf8(source, encoding, target)
    separator = choice.separator or _separator(path)
    said = tuple(_encoding_issues(encoding))
    return Text(path, DELIMITED, separator, encoding.label, issues=said)


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
