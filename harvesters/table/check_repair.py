"""Propose what a bad cell should hold: `row_issue.repair`, a text that passes the checks.

Proposals are made for distinct texts, the most frequent first, `MAX_PROPOSED` of them; each is
checked as a cell of its field would be. The INSEE code of a row comes from its other cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from harvesters.table.check_communes import CommuneFinder
from harvesters.table.check_sql import Plan, marked_query, place_of, to_plan, word_count
from harvesters.table.check_views import number_of
from harvesters.table.proposals import propose
from harvesters.table.received import References
from schemas.model import Check, Severity
from schemas.to_check import Judge

MAX_PROPOSED = 2_000
MAX_READ = 200  # letters: a longer text is no slip of the pen
# codes that say what is wrong with a text, and not with the row or the file
_CODES = (
    "TER-VAL-102", "TER-VAL-103", "TER-VAL-104", "TER-VAL-105", "TER-VAL-106", "TER-VAL-112",
    "TER-VAL-113", "TER-VAL-114", "TER-VAL-116", "TER-VAL-117", "TER-VAL-126", "TER-VAL-128",
)  # fmt: skip
_INSEE_CODES = ("TER-VAL-101", "TER-VAL-104", "TER-VAL-111")
Proposal = tuple[str, str]  # a field, a text proposed


def propose_repairs(
    base: duckdb.DuckDBPyConnection, plan: Plan, references: References, depositor: str
) -> None:
    """Fill `repair` in `row_issue`."""
    fields = {each.name: each for each in plan.schema.fields}
    found = base.execute(
        f"SELECT field, found FROM row_issue WHERE list_contains(?, code) AND found <> '' "
        f"AND length(found) <= {MAX_READ} GROUP BY field, found "
        f"ORDER BY count(*) DESC, field, found LIMIT {MAX_PROPOSED}",
        [list(_CODES)],
    ).fetchall()
    wanted = {(field, text): propose(fields[field], text) for field, text in found}
    _fill_repairs(base, plan, wanted)
    _fill_communes(base, plan, references, depositor)


def _fill_repairs(
    base: duckdb.DuckDBPyConnection, plan: Plan, wanted: Mapping[Proposal, Sequence[str]]
) -> None:
    passing = check_proposals(
        base, plan, [(field, text) for (field, _), texts in wanted.items() for text in texts]
    )
    chosen = []
    for (field, found), texts in wanted.items():
        good = [passing[field, text] for text in texts if (field, text) in passing]
        if good:
            chosen.append((field, found, good[0]))
    if chosen:
        columns = [list(column) for column in zip(*chosen, strict=True)]
        base.execute(
            "UPDATE row_issue SET repair = p.becomes FROM (SELECT unnest(?::VARCHAR[]) AS field, "
            "unnest(?::VARCHAR[]) AS found, unnest(?::VARCHAR[]) AS becomes) p "
            "WHERE p.field = row_issue.field AND p.found = row_issue.found "
            "AND list_contains(?, code)",
            [*columns, list(_CODES)],
        )


def check_proposals(
    base: duckdb.DuckDBPyConnection, plan: Plan, proposals: Iterable[Proposal]
) -> dict[Proposal, str]:
    """Keep the proposals that their field lets in, each with its text once rewritten."""
    unique = list(dict.fromkeys(proposals))
    names = sorted({field for field, _ in unique})
    if not unique:
        return {}
    cells = ", ".join(f"CASE WHEN number = {i} THEN value END AS f{i}" for i in range(len(names)))
    base.execute(
        f"CREATE OR REPLACE TABLE proposal AS SELECT line, {cells} FROM (SELECT "
        f"unnest(range({len(unique)})) AS line, unnest(?::INTEGER[]) AS number, "
        f"unnest(?::VARCHAR[]) AS value)",
        [[names.index(field) for field, _ in unique], [text for _, text in unique]],
    )
    part = _part_of(plan, names)
    words = ", ".join(f"w{i}" for i in range(word_count(len(part.marks))))
    texts = ", ".join(f"v{i}" for i in range(len(names)))
    marked = base.execute(
        f"SELECT line, coalesce({texts}), [{words}] FROM ({marked_query(part, 'proposal')})"
    ).fetchall()
    masks = {name: _mask(part, name) for name in names}
    passing: dict[Proposal, str] = {}
    for line, text, found in marked:
        field, proposed = unique[line]
        is_bad = any(word & mask for word, mask in zip(found, masks[field], strict=True))
        if text and not is_bad and _matches(part, field, text):
            passing[field, proposed] = text
    return passing


def _part_of(plan: Plan, names: Sequence[str]) -> Plan:
    """What is checked of some fields alone."""
    checks = tuple(next(c for c in plan.checks if c.field.name == name) for name in names)
    fields = tuple(each.field for each in checks)
    return to_plan(replace(plan.schema, fields=fields, key=(), rules=()), checks, plan.known)


def _mask(plan: Plan, field: str) -> list[int]:
    """The bits that say an error of a field, word by word."""
    mask = [0] * word_count(len(plan.marks))
    for bit, mark in enumerate(plan.marks):
        if mark.field == field and mark.severity is Severity.ERROR:
            word, value = place_of(bit)
            mask[word] |= value
    return mask


def _matches(plan: Plan, field: str, text: str) -> bool:
    """A pattern that SQL cannot say knows the texts of the file alone: ask it again."""
    checks = next(each for each in plan.checks if each.field.name == field)
    return all(
        re.match(f"^{lookup.pattern}$", text) is not None
        for lookup in checks.lookups
        if lookup.judge is Judge.PATTERN
    )


def _fill_communes(
    base: duckdb.DuckDBPyConnection, plan: Plan, references: References, depositor: str
) -> None:
    """Propose INSEE codes from the name or the postcode that the cell or the row holds."""
    finder: CommuneFinder | None = None
    postcode = next((f.name for f in plan.schema.fields if f.check is Check.POSTCODE), "")
    for field in plan.schema.fields:
        if field.check is not Check.INSEE or not references.communes:
            continue
        finder = finder or CommuneFinder(references)
        own = depositor if field.name == plan.schema.commune else ""
        cells = [_cell(plan, postcode), _cell(plan, name_field(plan, field.name))]
        rows = base.execute(
            f"SELECT found, {cells[0]} AS postcode, {cells[1]} AS name, list(line) "
            f"FROM row_issue JOIN row_text USING (line) WHERE field = ? "
            f"AND list_contains(?, code) GROUP BY ALL LIMIT {MAX_PROPOSED}",
            [field.name, list(_INSEE_CODES)],
        ).fetchall()
        guesses = [(finder.find(*told) or own, lines) for *told, lines in rows]
        passing = check_proposals(
            base, plan, [(field.name, guess) for guess, _ in guesses if guess]
        )
        pairs = [(n, guess) for guess, lines in guesses
                 if (field.name, guess) in passing for n in lines]  # fmt: skip
        base.execute(
            "UPDATE row_issue SET repair = p.becomes FROM (SELECT unnest(?::BIGINT[]) AS line, "
            "unnest(?::VARCHAR[]) AS becomes) p WHERE p.line = row_issue.line "
            "AND row_issue.field = ? AND list_contains(?, code)",
            [[n for n, _ in pairs], [guess for _, guess in pairs], field.name, list(_INSEE_CODES)],
        )


def name_field(plan: Plan, insee: str) -> str:
    """The field that holds the name of the commune whose code `insee` is; `""` without one."""
    for field in plan.schema.fields:
        words = set(re.split(r"[^a-z]+", field.name.lower()))
        is_text = field.name != insee and field.check is None and not field.enum
        if is_text and words & {"commune", "ville", "com"} and "code" not in words:
            return field.name
    return ""


def _cell(plan: Plan, field: str) -> str:
    number = number_of(plan.schema, field)
    return "CAST(NULL AS VARCHAR)" if number is None else f"v{number}"
