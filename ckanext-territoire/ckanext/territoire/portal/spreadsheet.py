"""Rows as a file that a French spreadsheet opens by a double click; formulas are defused. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from harvesters.table.defuse import defuse

Rows = Iterable[Sequence[Any]]


def to_csv(header: Sequence[str], rows: Rows) -> bytes:
    """Write rows as a CSV: UTF-8 with its mark, semicolons."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(_safe(row) for row in rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def to_xlsx(title: str, header: Sequence[str], rows: Rows) -> bytes:
    """Write rows as a workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.append(list(header))
    for row in rows:
        sheet.append(_safe(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _safe(row: Sequence[Any]) -> list[Any]:
    return [defuse(each) if isinstance(each, str) else each for each in row]
