"""Count the formulas of an xlsx whose value was never stored: such cells are read as empty.

A spreadsheet stores the value beside the formula; a program that writes a workbook may not.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from harvesters.archive import BROKEN

CHUNK = 1 << 20
LONGEST_CELL = 40_000
_UNVALUED = re.compile(
    rb"<c (?P<told>[^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_IS_TEXT = re.compile(rb'\bt="str"')  # an empty text is a value


def count_unvalued(path: Path) -> int:
    """Count them over all sheets; a sheet that was not wanted may be damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [n for n in archive.namelist() if re.match(r"xl/worksheets/[^/]+\.xml$", n)]
            return sum(_count(archive, name) for name in sheets)
    except BROKEN:
        return 0


def _count(archive: zipfile.ZipFile, name: str) -> int:
    count, rest = 0, b""
    with archive.open(name) as sheet:
        while chunk := sheet.read(CHUNK):
            text = rest + chunk
            cut = text.rfind(b"</c>") + len(b"</c>")
            if cut < len(b"</c>"):
                rest = text[-LONGEST_CELL:]
                continue
            cells = _UNVALUED.finditer(text, 0, cut) if b"<f" in text else ()
            count += sum(1 for cell in cells if not _IS_TEXT.search(cell["told"]))
            rest = text[cut:]
    return count
