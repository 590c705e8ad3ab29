"""The verdict on rows: what is good, what is bad, under which code, and what is left behind."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from harvesters.table.check import check_rows
from harvesters.table.received import References, Rewriting
from harvesters.table.typed import open_database
from schemas.model import Field, FieldType, Severity
from tests.unit.checked import check, field, schema

NUMBER, INTEGER, DATE = FieldType.NUMBER, FieldType.INTEGER, FieldType.DATE


@pytest.mark.parametrize(
    ("told", "good", "bad", "code"),
    [
        (field("a", is_required=True), "x", None, "101"),
        (field("a", is_required=True), "x", "\u00a0 ", "101"),
        (field("a", INTEGER), "-12", "12,5", "102"),
        (field("a", INTEGER), "0", "douze", "102"),
        (field("a", NUMBER), "1e3", "1.2.3", "102"),
        (field("a", NUMBER), ".5", "NaN", "102"),
        (field("a", DATE), "2024-02-29", "2023-02-29", "102"),
        (field("a", DATE, format="%Y"), "2024", "24", "102"),
        (field("a", FieldType.DATETIME), "2024-01-05T10:00:00Z", "2024-01-05", "102"),
        (field("a", FieldType.TIME), "08:30:00", "25:00:00", "102"),
        (field("a", FieldType.YEAR), "1999", "99", "102"),
        (field("a", FieldType.BOOLEAN), "true", "peut-être", "102"),
        (field("a", FieldType.GEOPOINT), "-1.6, 48.1", "48.1", "102"),
        (field("a", FieldType.GEOPOINT), "-1.6, 48.1", "-1.6, 98.1", "102"),
        (field("a", FieldType.GEOPOINT, format="array"), "[-1.6, 48.1]", "-1.6, 48.1", "102"),
        (field("a", enum=("oui", "non")), "oui", "parfois", "103"),
        (field("a", INTEGER, enum=("1", "2")), "2", "3", "103"),
        (field("a", pattern=r"\d{3}"), "123", "1234", "104"),
        (field("a", pattern=r"(a|b)\1"), "aa", "ab", "104"),
        (field("a", NUMBER, minimum="0"), "0", "-0.1", "105"),
        (field("a", DATE, minimum="2020-01-01"), "2020-01-01", "2019-12-31", "105"),
        (field("a", INTEGER, maximum="10"), "10", "11", "106"),
        (field("a", min_length=3), "été", "té", "107"),
        (field("a", max_length=3), "été", "étés", "108"),
        (field("a", FieldType.ARRAY, enum=("x", "y")), "x, y", "x,z", "126"),
        (field("a", FieldType.GEOJSON), '{"type":"Point","coordinates":[1,2]}', "{}", "127"),
    ],
    ids=lambda each: each.name if isinstance(each, Field) else str(each),
)
def test_a_value_that_does_not_fit_is_told_under_its_code(
    told: Field, good: str, bad: str | None, code: str
) -> None:
    verdict = check(schema(told, field("b")), [{"a": good, "b": "."}, {"a": bad, "b": "."}])
    assert verdict.lines("good") == [2]
    assert verdict.codes(3) == [code]


def test_an_empty_cell_is_good_when_nothing_asks_for_it() -> None:
    told = schema(field("a", INTEGER, minimum="3"), field("b", is_required=True))
    assert check(told, [{"b": "x"}]).lines("good") == [2]


def test_a_row_where_nothing_is_filled_is_bad() -> None:
    assert check(schema(field("a"), field("b")), [{}]).codes(2) == ["101"]


def test_texts_that_mean_nothing_are_empty_cells() -> None:
    told = schema(field("a", INTEGER), field("b"), missing_values=("", "N/A"))
    verdict = check(told, [{"a": " N/A ", "b": "x"}])
    assert verdict.rows("SELECT a FROM good") == [(None,)]


def test_good_rows_have_typed_values_and_bad_rows_the_texts_received() -> None:
    told = schema(field("n", NUMBER), field("d", DATE), field("t"))
    verdict = check(told, [{"n": "1,5", "d": "31/01/2024", "t": " x "}, {"n": "1,5 m", "t": " y "}])
    assert verdict.rows("SELECT line, n, d, t FROM good") == [(2, 1.5, date(2024, 1, 31), "x")]
    assert verdict.rows("SELECT line, n, d, t FROM bad") == [(3, "1,5 m", None, " y ")]


def test_two_rows_of_one_key_keep_the_first_and_name_it_to_the_others() -> None:
    told = schema(field("k", is_required=True), key=("k",))
    verdict = check(told, [{"k": "a"}, {"k": "b"}, {"k": " a"}, {"k": "a"}])
    assert verdict.lines("good") == [2, 3]
    assert verdict.rows("SELECT line, code, found, expected FROM row_issue ORDER BY line") == [
        (4, "TER-VAL-110", "a", "une valeur qui n’est pas déjà celle de la ligne 2"),
        (5, "TER-VAL-110", "a", "une valeur qui n’est pas déjà celle de la ligne 2"),
    ]


def test_the_parts_of_a_key_are_not_mixed_up() -> None:
    told = schema(field("k", is_required=True), field("n", INTEGER, is_required=True),
                  key=("k", "n"))  # fmt: skip
    rows = [{"k": "a", "n": "1"}, {"k": "a", "n": "01"}, {"k": "a|1", "n": "1"}]
    verdict = check(told, rows)
    assert verdict.codes(3) == ["110"]
    assert verdict.rows("SELECT row_key FROM good ORDER BY line") == [("a|1",), ("a\\|1|1",)]


def test_a_unique_field_refuses_what_stands_already() -> None:
    told = schema(field("k"), field("u", is_unique=True), key=("k",))
    verdict = check(told, [{"k": "a", "u": "1"}, {"k": "b", "u": "1"}, {"k": "c"}, {"k": "d"}])
    assert verdict.codes(3) == ["109"]
    assert verdict.lines("good") == [2, 4, 5]


def test_rows_without_key_are_marked_by_all_they_hold() -> None:
    told = schema(field("a"), field("b"))
    rows = [{"a": "x"}, {"b": "x"}, {"a": "x"}, {"a": " x"}]
    keys = [key for (key,) in check(told, rows).rows("SELECT row_key FROM good ORDER BY line")]
    assert keys[2:] == [f"{keys[0]}#2", f"{keys[0]}#3"]
    assert keys[1] != keys[0]
    assert len(keys[0]) == 16
    assert check(told, rows[1:2]).rows("SELECT row_key FROM good") == [(keys[1],)]


def test_the_commune_of_a_row_is_its_own_when_it_exists_else_the_depositor() -> None:
    told = schema(field("c"), field("x"), commune="c")
    rows = [{"c": "35001", "x": "1"}, {"x": "1"}, {"c": "99999", "x": "1"}]
    verdict = check(told, rows)
    assert verdict.rows("SELECT insee FROM good ORDER BY line") == [
        ("35001",), ("35238",), ("35238",)]  # fmt: skip


def test_a_field_that_bears_the_name_of_our_column_stands_beside_it() -> None:
    told = schema(field("insee", is_required=True, pattern=r"\d{5}"), commune="insee")
    verdict = check(told, [{"insee": "35001"}, {"insee": "7O12"}])
    assert verdict.rows("SELECT insee, insee_ FROM good") == [("35001", "35001")]
    assert verdict.rows("SELECT insee, insee_ FROM bad") == [("35238", "7O12")]


def test_causes_count_all_rows_and_show_the_first_lines() -> None:
    verdict = check(schema(field("n", INTEGER)), [{"n": f"n{i}"} for i in range(9)])
    (cause,) = verdict.checked.causes
    assert (cause.code, cause.field, cause.severity) == ("TER-VAL-102", "n", Severity.ERROR)
    assert (cause.count, cause.lines, cause.found) == (9, (2, 3, 4, 5, 6), "n0")


def test_every_cell_rewritten_is_counted_with_the_first_of_each() -> None:
    verdict = check(schema(field("n", NUMBER)), [{"n": "1 234,5"}, {"n": "2,5"}, {"n": "3"}])
    told = {(r.how, r.count, r.before, r.after) for r in verdict.checked.rewritten}
    assert told == {
        (Rewriting.THOUSANDS, 1, "1 234,5", "1234.5"),
        (Rewriting.DECIMAL_COMMA, 2, "1 234,5", "1234.5"),
    }


def test_no_row_at_all_is_no_fault() -> None:
    checked = check(schema(field("a")), []).checked
    assert (checked.good, checked.bad, checked.causes) == (0, 0, ())


def test_rows_are_checked_on_a_view_of_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "lieux.csv"
    file.write_text("n;d\n1,5;31/01/2024\nun;2024-02-30\n2;2024-01-01\n", encoding="utf-8")
    told = schema(field("n", NUMBER), field("d", DATE))
    with open_database(tmp_path) as base:
        base.execute(
            f"CREATE VIEW arranged AS SELECT row_number() OVER () + 1 AS line, * FROM read_csv("
            f"'{file}', delim = ';', header = true, columns = {{'n': 'VARCHAR', 'd': 'VARCHAR'}})"
        )
        checked = check_rows(base, told, References())
        found = base.execute("SELECT line, n, d FROM good ORDER BY line").fetchall()
    assert (checked.good, checked.bad) == (2, 1)
    assert found == [(2, 1.5, date(2024, 1, 31)), (4, 2.0, date(2024, 1, 1))]
