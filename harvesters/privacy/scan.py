"""Count what detectors find, all rows at once: many detectors in one pass over the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from harvesters.privacy.columns import Watched
from harvesters.privacy.detector import Detector, quoted
from harvesters.privacy.findings import Certainty
from harvesters.privacy.people import BLANK, SPOKEN

AT_ONCE = 120
WIDE_SHARE = 0.75
# one of these stands wherever an identifier or a person is met inside a text: a run of digits
# (that of a NIR of Corsica is cut by a letter), an at sign, a plate, a civility, a birth
SIGN = (
    r"[0-9](?:[ \x{00A0}\x{202F}.\-]?[0-9]){8}|2[ABab][ \x{00A0}\x{202F}\-]?[0-9]{3}|@"
    rf"|[A-Z]{{2}}-[0-9]{{3}}-[A-Z]{{2}}|{SPOKEN}{BLANK}|[nN][éeÉE]+e? le "
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A detector that found something: in how many cells, and the first lines."""

    detector: Detector
    count: int
    lines: tuple[int, ...]


def scan(
    database: duckdb.DuckDBPyConnection,
    relation: str,
    detectors: Sequence[Detector],
    max_lines: int,
) -> list[Hit]:
    """Count for each detector; keep those that found something, as sure as it looks."""
    hits: list[Hit] = []
    wider: list[Detector] = []
    for part in _parts(detectors):
        asked = ", ".join(_asked(each, max_lines) for each in part)
        told = database.sql(f"SELECT {asked} FROM {relation}").fetchall()[0]
        for detector, count, among, lines in zip(
            part, told[::3], told[1::3], told[2::3], strict=True
        ):
            if detector.wider and count and count >= WIDE_SHARE * among:
                wider.append(replace(detector, test=detector.wider, wider=None))
            elif judged := _judge(detector, int(count), int(among)):
                hits.append(Hit(judged, int(count), tuple(lines)))
    return [*hits, *(scan(database, relation, wider, max_lines) if wider else ())]


def _asked(detector: Detector, max_lines: int) -> str:
    condition = detector.test.condition
    return (
        f"count(*) FILTER (WHERE {condition}), count(*) FILTER (WHERE {detector.among}), "
        f"min(line, {max_lines}) FILTER (WHERE {condition})"
    )


def _parts(detectors: Sequence[Detector]) -> Iterator[Sequence[Detector]]:
    for start in range(0, len(detectors), AT_ONCE):
        yield detectors[start : start + AT_ONCE]


def _judge(detector: Detector, count: int, among: int) -> Detector | None:
    """Tell a look-alike by its share of the cells that look so."""
    if not count:
        return None
    if not among or count >= detector.min_share * among:
        return detector
    return None if detector.is_dropped else replace(detector, certainty=Certainty.POSSIBLE)


def signed_rows(
    database: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Watched]
) -> Iterator[tuple[Watched, str]]:
    """Give each column where a sign stands with the rows that bear it, a relation of their own.

    Most columns have none, and then nothing costly is asked of them.
    """
    for start in range(0, len(columns), AT_ONCE):
        part = columns[start : start + AT_ONCE]
        asked = ", ".join(f"count(*) FILTER (WHERE {_has_sign(each)})" for each in part)
        counts = database.sql(f"SELECT {asked} FROM {relation}").fetchall()[0]
        for column, count in zip(part, counts, strict=True):
            if count:
                yield column, f"(SELECT * FROM {relation} WHERE {_has_sign(column)})"


def _has_sign(column: Watched) -> str:
    if column.says("plate"):
        return f"{column.cell} IS NOT NULL"
    return f"regexp_matches({column.cell}, {quoted(SIGN)})"
