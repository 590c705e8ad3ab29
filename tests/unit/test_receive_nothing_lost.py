"""Dirty files made from clean rows: each row is received under its number, or is told aside."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters.table.receive import read_received
from harvesters.table.received import Received
from harvesters.table.typed import open_database

BETWEEN = "\0"  # the separator, in a line that is written as it stands
HEADERS = ["identifiant", "nom du lieu", "places", "remarque", "ouvert", "code"]
WORD = st.sampled_from(["12", "2026-01-31", "oui", "", "Total", "Source : x", "été"])
TEXT = st.text(st.sampled_from("abcéèœ«»–0123456789\"'.,; \t\u00a0\n=@-"), max_size=8)
ODDITIES = ["", "", "", "", "blank", "spaces", "headers", "total"]
SHAPES = ["", "", "", "", "short", "long"]
FOOT = ["", "Source : mairie", ["* provisoire", "", "", "", "", ""]]


@dataclass
class Dirty:
    """A file as a list of lines; `rows` are the numbers under which clean rows stand."""

    lines: list[list[str] | str]
    rows: dict[int, str]
    is_quoted: bool

    def to_text(self, separator: str, end: str) -> str:
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.is_quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
        for line in self.lines:
            if isinstance(line, str):
                out.write(line.replace(BETWEEN, separator) + end)
            else:
                writer.writerow(line)
        return out.getvalue()


@st.composite
def dirty_files(draw: st.DrawFn) -> Dirty:
    width = draw(st.integers(3, len(HEADERS)))
    has_open_quotes = draw(st.booleans())  # then no cell needs quotes
    cells = WORD if has_open_quotes else st.one_of(TEXT, WORD)
    titles = ["", "Commune de Bruz", ["Liste", *[""] * (width - 1)], [""] * width]
    lines: list[list[str] | str] = draw(st.lists(st.sampled_from(titles), max_size=3))
    lines.append(HEADERS[:width])
    rows: dict[int, str] = {}
    for number in range(draw(st.integers(1, 25))):
        oddity = draw(st.sampled_from([*ODDITIES, "quote"] if has_open_quotes else ODDITIES))
        lines += _odd(oddity, width)
        if oddity == "quote":
            rows[len(lines)] = "L-q"
        shape = draw(st.sampled_from(SHAPES))
        each = WORD if shape == "short" else cells  # what a short row quotes is anybody's guess
        row = [f"L-{number}", *draw(st.lists(each, min_size=width - 1, max_size=width - 1))]
        lines.append(row[:-1] if shape == "short" else [*row, "x"] if shape == "long" else row)
        rows[len(lines)] = row[0]
    lines += draw(st.lists(st.sampled_from(FOOT), max_size=3))
    return Dirty(lines, rows, not has_open_quotes and draw(st.booleans()))


def _odd(oddity: str, width: int) -> list[list[str] | str]:
    return {
        "blank": [""],
        "spaces": [[" ", *[""] * (width - 1)]],
        "headers": [HEADERS[:width]],
        "total": [["Total", *[""] * (width - 2), "12"]],
        "quote": [BETWEEN.join(["L-q", '"ouvert', *["1"] * (width - 2)])],
    }.get(oddity, [])


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    dirty_files(),
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_rows_received_and_lines_aside_are_the_lines_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, dirty: Dirty, separator: str, end: str, charset: str
) -> None:
    folder = tmp_path_factory.mktemp("dirty")
    source = folder / "source"
    source.write_bytes(dirty.to_text(separator, end).encode(charset))

    with open_database(folder) as base:
        received = read_received(base, source, folder)
        assert isinstance(received, Received), received
        rows = base.execute("SELECT line, c0 FROM received ORDER BY line").fetchall()
        aside = base.execute("SELECT line FROM set_aside").fetchall()

    lines = [line for line, _ in rows] + [line for (line,) in aside]
    assert sorted(lines) == list(range(1, len(dirty.lines) + 1))
    assert received.row_count + sum(each.count for each in received.aside) == len(dirty.lines)
    assert {line: first for line, first in rows if str(first).startswith("L-")} == dirty.rows
