"""Find the column that says the commune of a row when no header names its code.

A column « Commune », « Ville », « Code postal » is taken for it when most of its values are codes
INSEE, or names or postcodes that mean one commune. A name or a postcode is replaced by the code
(`commune_code(found, insee)`, joined by `arrange`), and that is told; what is not understood stays
as it is, for the check to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb

from harvesters.table.check_communes import CommuneFinder
from harvesters.table.headers import to_words
from harvesters.table.heading import JOINT
from harvesters.table.received import Choice, HeaderMatch, How, Match, References
from schemas.model import Schema

MAX_DISTINCT = 2_000
MOST = 0.5
_COMMUNE = frozenset("commune com ville insee municipalite".split())
_POSTAL = frozenset({"code postal", "cp"})
_OTHER = frozenset("ancien ancienne delegue deleguee associee siege nai naissance".split())
_CODE = re.compile(r"\d{4,5}|\d[ABab]\d{3}")


@dataclass(frozen=True, slots=True)
class _Guess:
    """What a column would say: `codes` are the texts that become another one."""

    column: int
    share: float
    codes: dict[str, str]


def find_commune(
    base: duckdb.DuckDBPyConnection,
    schema: Schema,
    match: HeaderMatch,
    headers: tuple[str, ...],
    ask: tuple[Choice, References],
) -> HeaderMatch:
    """Match a column to the commune of the schema when none is; leave `commune_code`."""
    base.execute("CREATE OR REPLACE TABLE commune_code (found VARCHAR, insee VARCHAR)")
    filled = {each.field for each in match.matches}
    if not schema.commune or schema.commune in filled:
        return match
    choice, references = ask
    finder = CommuneFinder(references)
    guesses = [
        _guess(base, column, headers[column], finder)
        for column in _columns(schema, match, headers, choice)
    ]
    taken = {each.column for each in match.matches}
    # a column that has a field of its own leaves it for codes alone
    good = [g for g in guesses if g.share >= MOST and not (g.column in taken and g.codes)]
    if not good:
        return match
    best = max(good, key=lambda each: (not each.codes, each.share))
    if best.codes:
        base.executemany("INSERT INTO commune_code VALUES (?, ?)", list(best.codes.items()))
    return _with(
        schema, match, Match(schema.commune, best.column, headers[best.column], How.COMMUNE)
    )


def _columns(
    schema: Schema, match: HeaderMatch, headers: tuple[str, ...], choice: Choice
) -> Iterator[int]:
    """The columns whose header speaks of a commune, and that nobody gave to a field."""
    own = {each.column: each for each in match.matches}
    for column, header in enumerate(headers):
        words = to_words(header.rpartition(JOINT)[2])
        told = set(words.split())
        is_said = words in _POSTAL or (bool(told & _COMMUNE) and not told & _OTHER)
        if not is_said or header in choice.columns:
            continue
        if column not in own or schema.field(own[column].field).check is None:
            yield column


def _guess(
    base: duckdb.DuckDBPyConnection, column: int, header: str, finder: CommuneFinder
) -> _Guess:
    rows = base.execute(
        f"SELECT trim(c{column}) AS found, count(*) FROM received WHERE trim(c{column}) <> '' "
        f"GROUP BY ALL ORDER BY count(*) DESC, found LIMIT {MAX_DISTINCT}"
    ).fetchall()
    total = sum(count for _, count in rows) or 1
    is_postal = to_words(header.rpartition(JOINT)[2]) in _POSTAL
    known = sum(count for text, count in rows if not is_postal and _is_code(text, finder))
    codes = {text: insee for text, _ in rows if (insee := finder.find(text, None, None))}
    meant = sum(count for text, count in rows if text in codes)
    if known and known >= meant:
        return _Guess(column, known / total, {})
    return _Guess(column, meant / total, codes)


def _is_code(text: str, finder: CommuneFinder) -> bool:
    code = text.upper().zfill(5)
    return bool(_CODE.fullmatch(text)) and finder.may_be_code(code)


def _with(schema: Schema, match: HeaderMatch, found: Match) -> HeaderMatch:
    """The matches with one more, in the order of the fields."""
    kept = [each for each in match.matches if each.column != found.column]
    met = {each.field: each for each in (*kept, found)}
    lost = {each.field for each in match.matches} - set(met)
    return replace(
        match,
        matches=tuple(
            each for name in schema.field_names for each in (*kept, found) if each.field == name
        ),
        missing=tuple(
            f.name
            for f in schema.fields
            if f.is_required and (f.name in match.missing or f.name in lost) and f.name not in met
        ),
        extra=tuple(header for header in match.extra if header != found.header),
    )
