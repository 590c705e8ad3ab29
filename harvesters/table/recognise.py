"""Recognise the schema that a table follows: by its columns, then by the values of a sample.

A column weighs as much as it is rare among the schemas (`insee` says little, `puissance_nominale`
much). The confidence, from 0 to 1, is the share of the required fields that are there, the share of
the file's columns that the schema knows, and how many sampled cells are what their field asks for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

import duckdb

from harvesters.table.headers import match_headers, to_words
from harvesters.table.received import Candidate, HeaderMatch, How, Received
from schemas.model import Field, FieldType, Schema

SAMPLE = 300
LEAST = 0.15
SURE = {How.CHOSEN: 1.0, How.EXACT: 1.0, How.SPELLING: 0.95, How.SYNONYM: 0.8, How.POSITION: 0.7,
        How.COMMUNE: 0.7}  # fmt: skip
_NUMBER = re.compile(r"[+-]?[\d\s]*[.,]?\d+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*")


def recognise(
    base: duckdb.DuckDBPyConnection, received: Received, schemas: Sequence[Schema]
) -> tuple[Candidate, ...]:
    """Answer the schemas that may be that of `received`, the best first."""
    weights = _weights(schemas)
    sample = base.execute(f"SELECT * EXCLUDE line FROM received LIMIT {SAMPLE}").fetchall()
    columns = [[row[i] for row in sample if row[i]] for i in range(len(received.headers))]
    found = []
    for schema in schemas:
        match = match_headers(schema, received.headers)
        candidate = _judge(schema, match, weights, columns)
        if candidate.confidence >= LEAST:
            found.append(candidate)
    newest_first = reversed(found)  # of two versions that are equally likely
    return tuple(sorted(newest_first, key=lambda each: -each.confidence))


def _weights(schemas: Sequence[Schema]) -> Mapping[str, float]:
    """How much the name of a field says: more when fewer slugs have it."""
    slugs: Counter[str] = Counter()
    for slug in {schema.slug for schema in schemas}:
        words = {to_words(f.name) for s in schemas if s.slug == slug for f in s.fields}
        slugs.update(words)
    total = len({schema.slug for schema in schemas})
    return {word: 0.2 + log((total + 1) / n) for word, n in slugs.items()}


def _judge(
    schema: Schema,
    match: HeaderMatch,
    weights: Mapping[str, float],
    columns: Sequence[Sequence[str]],
) -> Candidate:
    weight = {f.name: weights[to_words(f.name)] for f in schema.fields}
    met = {each.field: SURE[each.how] for each in match.matches}
    asked = [f for f in schema.fields if f.is_required] or list(schema.fields)
    required = _share(sum(weight[f.name] * met.get(f.name, 0) for f in asked),
                      sum(weight[f.name] for f in asked))  # fmt: skip
    middle = sum(weight.values()) / len(weight)
    known = sum(weight[name] * sure for name, sure in met.items())
    own = _share(known, sum(weight[name] for name in met) + middle * len(match.extra))
    whole = _share(known, sum(weight.values()))
    good = _value_share(schema, match, columns)
    by_columns = 0.5 * required + 0.3 * own + 0.2 * whole
    confidence = round(by_columns * (0.4 + 0.6 * good), 3)
    return Candidate(schema.id, confidence, _because(schema, match, good))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _value_share(schema: Schema, match: HeaderMatch, columns: Sequence[Sequence[str]]) -> float:
    """The share of sampled cells that are what their field asks for, each column alike."""
    shares = []
    for each in match.matches:
        rule = _rule(schema.field(each.field))
        cells = columns[each.column]
        if rule is not None and cells and each.how is not How.POSITION:
            shares.append(sum(1 for cell in cells if rule.fullmatch(cell.strip())) / len(cells))
    return sum(shares) / len(shares) if shares else 1.0


def _rule(field: Field) -> re.Pattern[str] | None:
    """What a cell of a field looks like; `None` when anything goes."""
    if field.enum:
        item = f"(?:{'|'.join(map(re.escape, field.enum))})"
        if field.type is FieldType.ARRAY:
            item += f"(?:{re.escape(field.separator)}\\s*{item})*"
        return re.compile(item, re.I)
    if field.pattern:
        return re.compile(field.pattern)
    if field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.YEAR):
        return _NUMBER
    return _DATE if field.type in (FieldType.DATE, FieldType.DATETIME) else None


def _because(schema: Schema, match: HeaderMatch, good: float) -> str:
    """Tell in French what spoke for a schema."""
    fields = len({each.field for each in match.matches})
    asked = sum(1 for f in schema.fields if f.is_required)
    s = "s" if fields > 1 else ""
    told = f"{fields} colonne{s} reconnue{s} sur {len(schema.fields)}"
    if asked:
        told += f", {asked - len(match.missing)} obligatoires sur {asked}"
    return f"{told}, {round(good * 100)}\u00a0% de valeurs conformes"
