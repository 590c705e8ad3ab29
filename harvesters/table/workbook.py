"""Read a workbook (xls, xlsx, ods) by calamine: the first sheet that holds a table.

Numbers that are whole are written without decimals, dates in ISO; what the workbook forgot (the
zero of a code typed as a number) cannot be known here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from harvesters.model import Issue


def write_sheet(source: Path, target: Path) -> tuple[str, int] | Issue:
    """Write the first sheet with a table as CSV; answer its name and how many others hold rows."""
    try:
        with source.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            found = [(name, rows) for name in _sheets(book) if (rows := _rows(book, name))]
    except (CalamineError, OSError, ValueError) as fault:
        return Issue("TER-TAB-003", found=type(fault).__name__)
    tables = [(name, rows) for name, rows in found if len(rows) > 1 and _width(rows) > 1]
    if not tables and not found:
        return Issue("TER-TAB-001")
    name, rows = (tables or found)[0]
    with target.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(
            [_text(cell) for cell in row] for row in rows
        )
    return name, len(found) - 1


def _sheets(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows if any(cell not in ("", None) for row in rows for cell in row) else []


def _width(rows: Iterable[list[Any]]) -> int:
    return max(sum(1 for cell in row if cell not in ("", None)) for row in rows)


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        whole = cell.time() == time() and not cell.tzinfo
        return cell.date().isoformat() if whole else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).replace("\0", "")
