"""Bad rows as a CSV that a French spreadsheet opens by a double click: UTF-8 mark, semicolons.

Columns: `ligne`, `a_corriger` (the reasons), `proposition`, then those of the schema. Texts that a
spreadsheet would run as formulas are defused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harvesters.table.defuse import defuse
from schemas.model import Schema

OWN = ("ligne", "a_corriger", "proposition")


def to_csv(schema: Schema, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Write rows as `territoire_delivery_rows` gives them, one piece a row."""
    names = [each.name for each in schema.fields]
    yield b"\xef\xbb\xbf" + _line([*OWN, *names])
    for row in rows:
        issues = [each for each in row["issues"] if each["severity"] == "error"]
        repairs = [f"{each['field']} = {each['repair']}" for each in issues if each["repair"]]
        told = [
            str(row["line"]),
            " ".join(each["sentence"] for each in issues),
            " ; ".join(repairs),
            *(str(row["cells"].get(name) or "") for name in names),
        ]
        yield _line([defuse(text) for text in told])


def _line(cells: list[str]) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=";", lineterminator="\r\n").writerow(cells)
    return target.getvalue().encode()
