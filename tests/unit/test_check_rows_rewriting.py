"""Ways of writing that are changed without losing anything, and those that are left alone."""

from __future__ import annotations

import pytest

from harvesters.table.check import CheckOptions
from harvesters.table.received import Rewriting
from schemas.load import find, table_schemas
from schemas.model import Check, Field, FieldType
from schemas.sql_rewriting import fold, folded
from tests.unit.checked import check, field, schema

NUMBER, INTEGER, DATE, BOOLEAN = (
    FieldType.NUMBER, FieldType.INTEGER, FieldType.DATE, FieldType.BOOLEAN)  # fmt: skip
NATIONAL = field("a", BOOLEAN, true_values=("vrai", "1"), false_values=("faux", "0"))


@pytest.mark.parametrize(
    ("told", "before", "after", "how"),
    [
        (field("a"), "\u00a0 rue de la Gare\t", "rue de la Gare", Rewriting.SPACES),
        (field("a", pattern=r"\d{2} \d{2}"), "12\u202f34", "12 34", Rewriting.SPACES),
        (field("a", check=Check.SIRET), "213 500 010 00011", "21350001000011", Rewriting.SPACES),
        (field("a", NUMBER), "-1,5", -1.5, Rewriting.DECIMAL_COMMA),
        (field("a", NUMBER), "1 234 567", 1234567.0, Rewriting.THOUSANDS),
        (field("a", INTEGER), "1\u202f200", 1200, Rewriting.THOUSANDS),
        (field("a", INTEGER), "12.0", 12, Rewriting.DECIMAL_COMMA),
        (field("a", FieldType.YEAR), "2024,0", 2024, Rewriting.DECIMAL_COMMA),
        (field("a", DATE), "31/01/2024", "2024-01-31", Rewriting.FRENCH_DATE),
        (field("a", DATE), "1.2.2024", "2024-02-01", Rewriting.FRENCH_DATE),
        (field("a", DATE), "2024-01-31 00:00:00", "2024-01-31", Rewriting.FRENCH_DATE),
        (field("a", DATE, format="%d/%m/%Y"), "2024-01-31", "2024-01-31", Rewriting.FRENCH_DATE),
        (field("a", FieldType.DATETIME, format="%Y-%m-%dT%H:%M:%S"), "31/01/2024 8:05",
         "2024-01-31 08:05:00", Rewriting.FRENCH_DATE),
        (field("a", FieldType.TIME), "8h05", "08:05:00", Rewriting.FRENCH_DATE),
        (field("a", BOOLEAN), "Oui", True, Rewriting.BOOLEAN_WORD),
        (NATIONAL, "FAUX", False, Rewriting.BOOLEAN_WORD),
        (field("a", check=Check.INSEE), "1004", "01004", Rewriting.LOST_ZERO),
        (field("a", check=Check.POSTCODE), "1500", "01500", Rewriting.LOST_ZERO),
        (field("a", enum=("Entrée", "Bâtiment")), "ENTREE", "Entrée", Rewriting.CASE),
        (field("a", enum=("à l’étage",)), "A l'étage", "à l’étage", Rewriting.CASE),
        (field("a", FieldType.ARRAY, enum=("Été", "Hiver")), "ete , HIVER", "Été,Hiver",
         Rewriting.CASE),
    ],
    ids=str,
)  # fmt: skip
def test_what_loses_nothing_is_rewritten_and_said(
    told: Field, before: str, after: object, how: Rewriting
) -> None:
    verdict = check(schema(told), [{"a": before}])
    value = verdict.rows("SELECT a FROM good")[0][0]
    assert (str(value) if isinstance(after, str) else value) == after
    assert [each.how for each in verdict.checked.rewritten] == [how]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (field("a", INTEGER), "1,234"),  # a decimal, or a thousand: nobody knows
        (field("a", NUMBER), "12 34"),
        (field("a", DATE), "12/13/2024"),
        (field("a", DATE), "31/02/2024"),
        (field("a", DATE), "2024-01-31 08:00"),
        (field("a", BOOLEAN), "gratuit"),
        (field("a", check=Check.INSEE), "9999"),
        (field("a", enum=("a", "A")), "Á"),
        (field("a", pattern="[A-Z]+"), "abc"),
    ],
    ids=str,
)
def test_what_may_mean_something_else_is_not_rewritten(told: Field, text: str) -> None:
    verdict = check(schema(told), [{"a": text}])
    assert verdict.rows("SELECT line, a FROM bad") == [(2, text)]
    assert verdict.checked.rewritten == ()


def test_spaces_inside_a_free_text_are_left() -> None:
    verdict = check(schema(field("a")), [{"a": "Horaires\u00a0: 8\u00a0h"}])
    assert verdict.rows("SELECT a FROM good") == [("Horaires\u00a0: 8\u00a0h",)]


def test_a_strict_check_rewrites_nothing() -> None:
    told = schema(field("n", NUMBER), field("t", enum=("oui",)))
    rows = [{"n": "1,5"}, {"t": "Oui"}, {"t": " oui"}, {"n": " 1.5 ", "t": "oui"}]
    verdict = check(told, rows, options=CheckOptions(is_strict=True))
    assert verdict.lines("good") == [5]
    assert verdict.checked.rewritten == ()


def test_the_values_of_all_enums_are_folded_alike_by_python_and_by_duckdb() -> None:
    values = sorted({v for each in table_schemas() for f in (find(each) or schema()).fields
                     for v in f.enum})  # fmt: skip
    verdict = check(schema(field("a")), [{"a": value} for value in values])
    found = verdict.rows(f"SELECT a, {folded('a')} FROM arranged")
    assert [text for text, sql in found if fold(text) != sql] == []
