"""Counts of so few people that those who know the place recognise them.

The rule of the public statistics office: fewer than 11 of them is a secret, here where the domain
is sensitive or the commune small. Counts of things (places, lines, votes) are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvesters.privacy.columns import Holds, Watched
from harvesters.privacy.detector import Detector, Test, quoted
from harvesters.privacy.findings import Certainty, Kind, PrivacyContext
from harvesters.privacy.words import header_words, of_headers
from schemas.model import Schema

SECRET_BELOW = 11


def small_count_detectors(
    columns: Sequence[Watched], schema: Schema | None, context: PrivacyContext
) -> Iterator[Detector]:
    """List the columns that count people, with the rows where the count tells too much."""
    words = {*header_words(context.title), *(word for column in columns for word in column.words)}
    is_sensitive = not words.isdisjoint(of_headers("sensitive"))
    where = "true" if is_sensitive else _is_small_commune(columns, schema, context)
    if not where:
        return
    for column in columns:
        if column.holds is not Holds.DAY and _counts_people(column):
            number = f"try_cast({column.cell} AS INTEGER)"
            few = f"coalesce({number} BETWEEN 1 AND {SECRET_BELOW - 1} AND {where}, false)"
            test = Test(few, column.cell)
            yield Detector(Kind.SMALL_COUNT, column.name, test, Certainty.LIKELY)


def _counts_people(column: Watched) -> bool:
    others = ("things", "identifier", "not_count", "address")
    is_about = column.says("people") and not any(column.says(group) for group in others)
    return is_about and not column.is_harmless


def _is_small_commune(
    columns: Sequence[Watched], schema: Schema | None, context: PrivacyContext
) -> str:
    """Write the SQL that is true on the rows of a small commune; `""` when none can be."""
    small = [
        code for code, people in context.populations.items() if people < context.small_population
    ]
    named = schema.commune if schema else ""
    for column in columns:
        if column.name == named or (not named and column.says("commune")):
            codes = ", ".join(map(quoted, small))
            return f"{column.cell} IN ({codes})" if small else ""
    return "true" if context.insee in small else ""
