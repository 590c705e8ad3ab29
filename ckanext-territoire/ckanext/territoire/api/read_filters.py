"""The comparisons of a request: `field=value`, `field__operator=value`.

A column is named as the schema writes it. A parameter that is neither a word of ours nor a column
is a fault: a filter with a slip in its name must not give all rows.
"""

from __future__ import annotations

from ckanext.territoire.api.asked import Filter
from ckanext.territoire.api.columns import OPERATORS, Column, Op
from ckanext.territoire.api.given import Given, near
from ckanext.territoire.api.values import read_truth, read_value

MAX_FILTERS = 30
MAX_VALUES = 200
MAX_PART = 200  # letters of a part of a text that is sought
_SEVERAL = (Op.EQ, Op.IN)


def read_filters(given: Given, words: frozenset[str]) -> tuple[Filter, ...]:
    """Read every parameter that is not one of our words as a comparison."""
    asked = [name for name in given.values if name not in words]
    if len(asked) > MAX_FILTERS:
        given.blame("TER-API-167", asked[MAX_FILTERS], str(len(asked)), (str(MAX_FILTERS),))
        return ()
    found = [_read(given, name, words) for name in asked]
    return tuple(each for each in found if each)


def _read(given: Given, name: str, words: frozenset[str]) -> Filter | None:
    column, operator = _split(given, name)
    if column is None:
        proposed = near(name.partition("__")[0], (*given.known.columns, *sorted(words)))
        given.blame("TER-API-160", name, name, proposed)
        return None
    allowed = OPERATORS[column.kind]
    op = next((each for each in allowed if each.value == operator), None)
    if op is None:
        told = (f"{column.name}__{each.value}" for each in allowed)
        given.blame("TER-API-161", name, operator, told)
        return None
    values = _values(given, name, column, op)
    return Filter(column, op, values) if values else None


def _split(given: Given, name: str) -> tuple[Column | None, str]:
    whole = given.known.columns.get(name)
    if whole is not None:
        return whole, Op.EQ.value
    start, _, operator = name.rpartition("__")
    return given.known.columns.get(start), operator


def _values(given: Given, name: str, column: Column, op: Op) -> tuple[str, ...]:
    texts = given.values[name]
    if len(texts) > 1 and op not in _SEVERAL:
        given.blame("TER-API-166", name)
        return ()
    if op is Op.IN:
        texts = [part.strip() for text in texts for part in text.split(",")]
    if len(texts) > MAX_VALUES:
        given.blame("TER-API-167", name, str(len(texts)), (str(MAX_VALUES),))
        return ()
    values = []
    for text in texts:
        value = _truth(text) if op is Op.NULL else read_value(column, text)
        if value is None:
            kind = "true ou false" if op is Op.NULL else column.kind.value
            given.blame("TER-API-162", name, text, (kind,))
            return ()
        if op in (Op.CONTAINS, Op.STARTS) and len(value) > MAX_PART:
            given.blame("TER-API-162", name, text, (f"{MAX_PART} lettres au plus",))
            return ()
        values.append(value)
    return tuple(values)


def _truth(text: str) -> str | None:
    told = read_truth(text)
    return None if told is None else str(told).lower()
