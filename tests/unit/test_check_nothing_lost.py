"""Whatever a file holds, each of its rows is good or bad, once, and a bad one is told why."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import Any

import duckdb
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters.table.check import CheckOptions
from harvesters.table.received import References
from schemas.load import load, slugs
from schemas.model import Check, FieldType, Position, Rule, RuleKind, Schema
from schemas.to_check import FieldChecks, to_checks
from tests.unit.checked import COMMUNES, POSTCODES, Row, Verdict, check, field, schema

OUTLINES = {"35001": shapely.to_wkb(shapely.box(-1.6, 48.1, -1.5, 48.2))}
REFERENCES = References(COMMUNES, POSTCODES, OUTLINES)
NUMBER, DATE = FieldType.NUMBER, FieldType.DATE
EVERYTHING = schema(
    field("k", is_required=True, pattern=r"^\S+$"), field("n", NUMBER, minimum="0"),
    field("i", FieldType.INTEGER, maximum="99", is_unique=True),
    field("d", DATE, format="%d/%m/%Y"), field("e", DATE, format="%d/%m/%Y"),
    field("b", FieldType.BOOLEAN), field("h", FieldType.TIME), field("m", FieldType.DATETIME),
    field("y", FieldType.YEAR), field("p", FieldType.GEOPOINT), field("g", FieldType.GEOJSON),
    field("l", FieldType.ARRAY, enum=("été", "Hiver"), separator="|"),
    field("o", enum=("Été", "hiver")), field("r", pattern=r"^(?!0).(.)\1"),
    field("u", format="uri"), field("insee", check=Check.INSEE), field("Row_Key"),
    field("cp", check=Check.POSTCODE), field("s", check=Check.SIREN_OR_SIRET),
    field("t", check=Check.PHONE), field("w", check=Check.OPENING_HOURS),
    field("x\"'", min_length=2),
    key=("k",), commune="insee", position=Position(point="p"), missing_values=("", "N/A"),
    rules=(Rule(RuleKind.ORDER, ("d", "e"), "."), Rule(RuleKind.TOGETHER, ("n", "i"), "."),
           Rule(RuleKind.SUM, ("n", "i", "y"), "."), Rule(RuleKind.ONE_OF, ("n", "o"), "."),
           Rule(RuleKind.REQUIRED_IF, ("o",), ".", {"b": ("true",)}),
           Rule(RuleKind.POSTCODE, ("cp", "insee"), ".")),
)  # fmt: skip
KEYLESS = replace(EVERYTHING, key=(), fields=EVERYTHING.fields[1:])
PIECES = (
    "1", "0", "-1,5", "1 234", "99", "100", "31/01/2024", "2024-01-31", "oui", "Non", "été|hiver",
    "HIVER", "-1.55, 48.15", "48.15,-1.55", '{"type":"Point","coordinates":[1,2]}', "35001",
    "1004", "35690", "35000", "213500010", "02 99 00 00 00", "Mo-Fr 08:00-18:00", "08:30", "N/A",
    "a", "aaa", "https://a.fr", "2024-01-31T10:00:00Z", "\u00a0", "'", '"', "\\", "é" * 300, "\n",
    "''; DROP TABLE arranged; --", "@text@", "[", "{}", "nan", "1e999", "2024",
)  # fmt: skip
TEXT = st.none() | st.sampled_from(PIECES) | st.text(max_size=6).filter(lambda t: "\0" not in t)


@st.composite
def rows_of(draw: st.DrawFn, told: Schema) -> list[Row]:
    """Rows of a few filled cells; some of them twice."""
    names = st.sampled_from([each.name for each in told.fields])
    rows = draw(st.lists(st.dictionaries(names, TEXT, max_size=8), max_size=25))
    twice = draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    return [*rows, *twice]


def assert_nothing_is_lost(verdict: Verdict, count: int) -> None:
    good, bad = verdict.lines("good"), verdict.lines("bad")
    assert sorted(good + bad) == list(range(2, count + 2))
    assert (len(good), len(bad)) == (verdict.checked.good, verdict.checked.bad)
    told = verdict.rows("SELECT DISTINCT line FROM row_issue WHERE severity = 'error' ORDER BY 1")
    assert [line for (line,) in told] == bad
    lost = "SELECT count(*) FROM row_issue WHERE found IS NULL OR coalesce(expected, '') = ''"
    assert verdict.rows(lost) == [(0,)]
    keys = [key for (key,) in verdict.rows("SELECT row_key FROM good")]
    assert len(set(keys)) == len(keys)
    causes = verdict.checked.causes
    assert (
        sum(each.count for each in causes) == verdict.rows("SELECT count(*) FROM row_issue")[0][0]
    )


@pytest.mark.parametrize("told", [EVERYTHING, KEYLESS], ids=["key", "no key"])
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_row_is_good_or_bad_once_and_a_bad_one_is_told_why(
    told: Schema, data: st.DataObject
) -> None:
    rows = data.draw(rows_of(told))
    is_strict = data.draw(st.booleans())
    options = CheckOptions(depositor="35238", is_strict=is_strict)
    assert_nothing_is_lost(check(told, rows, REFERENCES, options), len(rows))


ALL = [load(slug, versions[-1]) for slug, versions in slugs().items()]


@pytest.mark.parametrize("told", ALL, ids=lambda told: told.id)
def test_no_row_of_any_schema_is_lost(told: Schema) -> None:
    good = {each.name: each.example or None for each in told.fields}
    rows: list[Row] = [
        {**good, each.name: text}
        for each, piece in zip(told.fields, cycle(PIECES), strict=False)
        for text in (piece, each.bad_example or None)
    ]
    assert_nothing_is_lost(check(told, [good, {}, good, *rows], REFERENCES), len(rows) + 3)


def test_a_cell_that_the_check_lets_through_and_that_cannot_be_cast_raises() -> None:
    verdict = check(schema(field("n", NUMBER), field("t")), [{"n": "1", "t": "x"}])
    verdict.base.execute("UPDATE arranged SET n = 'un'")
    with pytest.raises(duckdb.Error, match="let through by the check"):
        verdict.rows("SELECT n FROM good")


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_cheap_look_lets_in_what_the_close_look_would(data: st.DataObject) -> None:
    rows = data.draw(rows_of(EVERYTHING))
    quick = check(EVERYTHING, rows, REFERENCES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harvesters.table.check.to_checks", _never_clean)
        close = check(EVERYTHING, rows, REFERENCES)
    for query in ("SELECT * FROM row_issue ORDER BY ALL", "SELECT * FROM good ORDER BY line"):
        assert quick.rows(query) == close.rows(query)
    assert quick.checked == close.checked


def _never_clean(*told: Any) -> tuple[FieldChecks, ...]:
    return tuple(replace(each, clean="false") for each in to_checks(*told))
