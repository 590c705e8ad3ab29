"""Read a workbook (xls, xlsx, ods) by calamine: the sheet that is the best table.

Numbers that are whole are written without decimals, dates in ISO; what the workbook forgot (the
zero of a code typed as a number) cannot be known here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import log2
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from harvesters.model import Issue

NEARLY = 0.6  # a former sheet may be a little larger: the first one is the current one
MANY_COLUMNS = 20
LEAST = 0.1
OURS = "Saisie"  # the sheet to fill of our templates, even when nobody has filled it


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that was written, and the others that hold rows."""

    name: str
    others: tuple[str, ...] = ()


def write_sheet(source: Path, target: Path, wanted: str = "") -> Sheet | Issue:
    """Write one sheet as CSV: the `wanted` one, else the first that is nearly the best table."""
    try:
        with source.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            scores = {name: score for name in _sheets(book) if (score := _score(book, name))}
            if not scores:
                return Issue("TER-TAB-022")
            if wanted and wanted not in scores:
                return Issue("TER-TAB-036", found=wanted, expected=", ".join(scores))
            name = wanted or _best(scores)
            _write(book, name, target)
    except PasswordError:
        return Issue("TER-TAB-025")
    except (CalamineError, OSError, ValueError) as fault:
        return Issue("TER-TAB-026", found=type(fault).__name__)
    return Sheet(name, tuple(other for other in scores if other != name))


def _best(scores: Mapping[str, float]) -> str:
    if OURS in scores:
        return OURS
    best = max(scores.values())
    return next(name for name, score in scores.items() if score >= best * NEARLY)


def _sheets(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _score(book: CalamineWorkbook, name: str) -> float:
    """Say how much of a table a sheet is, 0 when it is empty: many columns, then many rows."""
    rows = width = 0
    for row in book.get_sheet_by_name(name).iter_rows():
        filled = sum(1 for cell in row if cell not in ("", None))
        rows += filled > 0
        width = max(width, filled)
    if width < 2 or rows < 2:
        return min(width, 1) * LEAST
    return min(width, MANY_COLUMNS) * log2(rows)


def _write(book: CalamineWorkbook, name: str, target: Path) -> None:
    sheet = book.get_sheet_by_name(name)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([_text(cell) for cell in row] for row in sheet.iter_rows())


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
