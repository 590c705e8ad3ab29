"""Read a workbook (xls, xlsx, ods) by calamine: the sheet that is the best table.

Numbers that are whole are written without decimals, dates in ISO; what the workbook forgot (the
zero of a code typed as a number) cannot be known here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from math import log2
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from harvesters.model import Issue

SAMPLE_ROWS = 1_000
NEARLY = 0.6  # a former sheet may be a little larger: the first one is the current one
MANY_COLUMNS = 20
LEAST = 0.1
DAMAGED = "classeur illisible"
PANIC = "PanicException"  # how calamine fails on some damaged files: a class that has no module
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
            sheets = _sheets(CalamineWorkbook.from_filelike(file))
            scores = {name: score for name, each in sheets.items() if (score := _score(each))}
            if not scores:
                return Issue("TER-TAB-022")
            if wanted and wanted not in scores:
                return Issue("TER-TAB-036", found=wanted, expected=", ".join(scores))
            name = wanted or _best(scores)
            _write(sheets[name], target)
    except PasswordError:
        return Issue("TER-TAB-025")
    except (CalamineError, OSError, ValueError):
        return Issue("TER-TAB-026", found=DAMAGED)
    except BaseException as fault:
        if type(fault).__name__ != PANIC:
            raise
        return Issue("TER-TAB-026", found=DAMAGED)
    return Sheet(name, tuple(other for other in scores if other != name))


def _best(scores: Mapping[str, float]) -> str:
    if OURS in scores:
        return OURS
    best = max(scores.values())
    return next(name for name, score in scores.items() if score >= best * NEARLY)


def _sheets(book: CalamineWorkbook) -> dict[str, CalamineSheet]:
    return {
        sheet.name: book.get_sheet_by_name(sheet.name)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    }


def _score(sheet: CalamineSheet) -> float:
    """Say how much of a table a sheet is, 0 when it is empty: many columns, then many rows."""
    head = [sum(1 for cell in row if cell not in ("", None))
            for row in islice(sheet.iter_rows(), SAMPLE_ROWS)]  # fmt: skip
    width, rows = max(head, default=0), sum(1 for filled in head if filled)
    if width < 2 or rows < 2:
        return min(width, 1) * LEAST
    return min(width, MANY_COLUMNS) * log2(rows + max(sheet.height - SAMPLE_ROWS, 0))


def _write(sheet: CalamineSheet, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerows(
            [cell if type(cell) is str and "\0" not in cell else _text(cell) for cell in row]
            for row in sheet.iter_rows()
        )


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime):
        whole = cell.time() == time() and not cell.tzinfo
        return cell.date().isoformat() if whole else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).replace("\0", "")
