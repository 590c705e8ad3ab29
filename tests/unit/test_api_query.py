"""From the parameters of a request to one safe statement: what is read, what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.territoire.api.asked import MAX_LIMIT, Box, Fault, Filter, Known, Near, Query, Sort
from ckanext.territoire.api.columns import (
    DISTANCE,
    KEY,
    OPERATORS,
    PROVENANCE,
    Kind,
    Op,
    columns_of,
    own_columns,
)
from ckanext.territoire.api.cursor import mark_of, read_cursor, write_cursor
from ckanext.territoire.api.read_query import WORDS, read_one, read_query
from ckanext.territoire.api.sql_text import Statement
from ckanext.territoire.api.to_sql import to_sql
from harvesters.errors import sentence
from schemas.load import latest, slugs
from tests.unit.toy_schema import toy_schema

SCHEMA = toy_schema()
COLUMNS = columns_of(SCHEMA)
KNOWN = Known(
    SCHEMA.slug, COLUMNS, own_columns(SCHEMA), True,
    {"acigne": "35001", "35001": "35001", "213500010": "35001"}, ("Acigné",),
)  # fmt: skip
NOWHERE = Known(SCHEMA.slug, COLUMNS, own_columns(SCHEMA), False)
HOSTILE = 'a"; DROP TABLE x; --%s%(v0)s\\'


def read(*pairs: tuple[str, str], known: Known = KNOWN) -> Query:
    found = read_query(pairs, known)
    assert isinstance(found, Query), found
    return found


def faults(*pairs: tuple[str, str], known: Known = KNOWN) -> list[tuple[str, str]]:
    found = read_query(pairs, known)
    assert not isinstance(found, Query)
    return [(fault.issue.code, fault.field) for fault in found]


def sql(*pairs: tuple[str, str]) -> Statement:
    return to_sql(read(*pairs), "table")


def test_without_parameter_rows_come_by_key_with_the_columns_of_the_schema() -> None:
    query = read()
    assert query.sorts == (Sort(KEY),)
    assert query.shown == (*own_columns(SCHEMA), KEY)
    assert (query.limit, query.after, query.is_grouped) == (100, (), False)


@pytest.mark.parametrize(
    ("name", "value", "column", "op", "values"),
    [
        ("nom", "Le Parc", "nom", Op.EQ, ("Le Parc",)),
        ("nom__eq", "Le Parc", "nom", Op.EQ, ("Le Parc",)),
        ("nom__contains", "parc", "nom", Op.CONTAINS, ("parc",)),
        ("bancs__gte", "+12", "bancs", Op.GTE, ("12",)),
        ("longueur__lt", "1.5e3", "longueur", Op.LT, ("1.5e3",)),
        ("ouvert", "oui", "ouvert", Op.EQ, ("true",)),
        ("pose__lte", "2026-01-31", "pose", Op.LTE, ("2026-01-31",)),
        ("saison__gte", "2026-01", "saison", Op.GTE, ("2026-01",)),
        ("vu__gt", "2026-01-31T14:30:00Z", "vu", Op.GT, ("2026-01-31T14:30:00+00:00",)),
        ("vu__gt", "2026-01-31T14:30:00 02:00", "vu", Op.GT, ("2026-01-31T14:30:00+02:00",)),
        ("vu__gt", "2026-01-31 14:30", "vu", Op.GT, ("2026-01-31T14:30:00+00:00",)),
        ("annee__in", "2025, 2026", "annee", Op.IN, ("2025", "2026")),
        ("usages__has", "jeu", "usages", Op.HAS, ("jeu",)),
        ("tel__null", "false", "tel", Op.NULL, ("false",)),
        ("territoire_commune", "35001", "territoire_commune", Op.EQ, ("35001",)),
    ],
)
def test_a_comparison_is_read_by_the_type_of_its_column(
    name: str, value: str, column: str, op: Op, values: tuple[str, ...]
) -> None:
    assert read((name, value)).filters == (Filter(COLUMNS[column], op, values),)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nomm", "a", "TER-API-160"),
        ("_geom", "a", "TER-API-160"),
        ("territoire_doublon", "a", "TER-API-160"),
        ("nom__gte", "a", "TER-API-161"),
        ("nom__", "a", "TER-API-161"),
        ("ouvert__gt", "true", "TER-API-161"),
        ("bancs", "douze", "TER-API-162"),
        ("bancs", "٣", "TER-API-162"),
        ("bancs", "9223372036854775808", "TER-API-162"),
        ("annee", "2147483648", "TER-API-162"),
        ("longueur", "NaN", "TER-API-162"),
        ("longueur", "1e999", "TER-API-162"),
        ("pose", "2026-02-30", "TER-API-162"),
        ("vu", "hier", "TER-API-162"),
        ("ouvert", "parfois", "TER-API-162"),
        ("nom", "a\0b", "TER-API-162"),
        ("nom", "\ud800", "TER-API-162"),
        ("nom__null", "peut-être", "TER-API-162"),
        ("nom__contains", "a" * 201, "TER-API-162"),
        ("nom__in", ",".join("abc" * 100), "TER-API-167"),
        ("after", "hier", "TER-API-163"),
        ("after", "W10", "TER-API-163"),
        ("limit", "0", "TER-API-153"),
        ("limit", str(MAX_LIMIT + 1), "TER-API-153"),
        ("limit", "²", "TER-API-153"),
        ("sort", "nomm", "TER-API-172"),
        ("sort", "distance", "TER-API-172"),
        ("sort", "nom,-nom,bancs,x,y", "TER-API-167"),
        ("fields", "nom,_key", "TER-API-160"),
        ("bbox", "48,-1.6,49", "TER-API-164"),
        ("bbox", "-1,48,-2,49", "TER-API-164"),
        ("bbox", "-1,48,1,95", "TER-API-164"),
        ("bbox", "nan,48,1,49", "TER-API-164"),
        ("near", "-1.6", "TER-API-165"),
        ("near", "181,48", "TER-API-165"),
        ("near", "48.1,-1.6", "TER-API-165"),
        ("bbox", "48,-1.8,48.2,-1.5", "TER-API-164"),
        ("radius", "100", "TER-API-165"),
        ("commune", "Nulle-Part", "TER-API-168"),
        ("q", "a" * 201, "TER-API-162"),
        ("total", "peut-être", "TER-API-162"),
        ("sum", "nom", "TER-API-170"),
        ("group_by", "nomm", "TER-API-160"),
        ("group_by", "territoire_cle", "TER-API-170"),
        ("group_by", "insee,nom,genre,bancs,x", "TER-API-167"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_its_name(name: str, value: str, code: str) -> None:
    assert faults((name, value)) == [(code, name)]


def test_every_fault_of_a_request_is_told_and_can_be_said() -> None:
    found = read_query([("nomm", "a"), ("bancs", "b"), ("limit", "c")], KNOWN)
    assert not isinstance(found, Query)
    assert [fault.field for fault in found] == ["nomm", "bancs", "limit"]
    assert "nom" in found[0].accepted
    assert all(sentence(fault.issue).startswith("TER-API-") for fault in found)


def test_a_parameter_given_twice_is_refused_but_for_values_of_which_one_is_meant() -> None:
    assert faults(("limit", "1"), ("limit", "2")) == [("TER-API-166", "limit")]
    assert faults(("bancs__gt", "1"), ("bancs__gt", "2")) == [("TER-API-166", "bancs__gt")]
    assert read(("genre", "parc"), ("genre", "square, jardin")).filters[0].values == (
        "parc", "square, jardin",
    )  # fmt: skip


def test_a_commune_is_named_by_its_code_its_siren_or_its_name() -> None:
    asked = read(("commune", "acigne, 35001, 213500010, 35238"))
    assert asked.communes == ("35001", "35238")


def test_a_place_needs_rows_that_have_one() -> None:
    assert faults(("bbox", "-2,48,-1,49"), known=NOWHERE) == [("TER-API-169", "bbox")]
    assert faults(("near", "-2,48"), known=NOWHERE) == [("TER-API-169", "near")]
    assert read(("bbox", "-2,48,-1,49")).box == Box(-2, 48, -1, 49)


def test_near_sorts_by_distance_and_shows_it() -> None:
    query = read(("near", "-1.6,48.1"), ("radius", "250"))
    assert query.near == Near(-1.6, 48.1, 250)
    assert query.sorts == (Sort(DISTANCE), Sort(KEY))
    assert query.shown[-1] == DISTANCE
    assert read(("near", "-1.6,48.1"), ("sort", "nom")).sorts == (Sort(COLUMNS["nom"]), Sort(KEY))


def test_columns_are_chosen_and_the_provenance_comes_on_demand() -> None:
    assert read(("fields", "nom, bancs,nom")).shown == (COLUMNS["nom"], COLUMNS["bancs"])
    assert read(("fields", "nom"), ("provenance", "true")).shown == (COLUMNS["nom"], *PROVENANCE)


def test_a_sort_ends_with_the_key_and_names_a_column_once() -> None:
    query = read(("sort", "-bancs,nom,bancs"))
    assert query.sorts == (Sort(COLUMNS["bancs"], True), Sort(COLUMNS["nom"]), Sort(KEY))


def test_groups_show_their_columns_their_count_and_the_figures_asked() -> None:
    query = read(("group_by", "genre"), ("sum", "bancs"), ("max", "pose"), ("sort", "-count"))
    assert [column.name for column in query.shown] == ["genre", "count", "bancs__sum", "pose__max"]
    assert [sort.column.name for sort in query.sorts] == ["count", "genre"]
    assert query.shown[-1].type == "date"
    assert faults(("group_by", "genre"), ("fields", "nom")) == [("TER-API-171", "fields")]
    assert faults(("group_by", "genre"), ("sort", "nom")) == [("TER-API-172", "sort")]


def test_a_cursor_belongs_to_one_sort_of_one_table() -> None:
    sorts = read(("sort", "-bancs,pose")).sorts
    mark = mark_of("lieux", sorts, None)
    cursor = write_cursor(mark, ("12", None, "35001-é"))
    assert read_cursor(cursor, mark, sorts) == ("12", None, "35001-é")
    assert read_cursor(cursor, mark_of("autre", sorts, None), sorts) is None
    other = read(("sort", "bancs,pose")).sorts
    assert read_cursor(cursor, mark_of("lieux", other, None), other) is None
    here, there = (mark_of("l", (Sort(DISTANCE),), Near(x, 48.0)) for x in (1.0, 2.0))
    assert here != there


@pytest.mark.parametrize(
    "place",
    [
        ("douze", None, "k"),
        (12, None, "k"),
        ("12", "\0", "k"),
        ("12", "2026-13-01", "k"),
        ("12", None, "\ud800"),
        ("12",),
    ],
)
def test_a_cursor_that_somebody_made_is_refused(place: Any) -> None:
    sorts = read(("sort", "bancs,pose")).sorts
    mark = mark_of("lieux", sorts, None)
    assert read_cursor(write_cursor_as_is(mark, place), mark, sorts) is None


def write_cursor_as_is(mark: str, place: Any) -> str:
    import base64
    import json

    return base64.urlsafe_b64encode(json.dumps([mark, *place]).encode()).decode().rstrip("=")


def test_values_never_stand_in_the_text_of_a_statement() -> None:
    told = sql(("nom", HOSTILE), ("nom__contains", HOSTILE), ("usages__has", HOSTILE),
               ("q", HOSTILE), ("genre__in", HOSTILE), ("site__ne", HOSTILE))  # fmt: skip
    assert "DROP" not in told.text
    assert [v for v in told.values.values() if "DROP" in str(v) or "[dD][rR]" in str(v)]
    assert len(told.values) == 8


def test_a_part_of_a_text_is_sought_as_it_is_written() -> None:
    told = sql(("nom__contains", "50%_É\\"))
    assert "50\\%\\_[eéèêëEÉÈÊË]\\\\" in told.values.values()


def test_rows_that_another_is_preferred_to_are_never_asked() -> None:
    for pairs in ((), (("group_by", "genre"),), (("total", "true"),)):
        assert "territoire_doublon IS NULL" in sql(*pairs).text


def test_every_name_of_a_statement_is_a_column_that_is_quoted() -> None:
    odd = toy_schema(fields=(*SCHEMA.fields, *_odd_fields()))
    known = Known(odd.slug, columns_of(odd), own_columns(odd), True)
    found = read_query([('a"b%s', "1"), ("sort", 'a"b%s'), ("group_by", 'a"b%s')], known)
    assert isinstance(found, Query)
    assert '"a""b%%s"' in to_sql(found, 't"x').text
    assert 'FROM "t""x"' in to_sql(found, 't"x').text


def _odd_fields() -> Any:
    from schemas.model import Field, FieldType

    return (Field('a"b%s', FieldType.STRING, "Bizarre", "Un nom qu’il faut protéger."),)


def test_one_row_takes_only_what_chooses_its_columns() -> None:
    assert isinstance(read_one([("fields", "nom"), ("provenance", "1")], KNOWN), Query)
    refused = read_one([("sort", "nom")], KNOWN)
    assert isinstance(refused, tuple)
    assert refused[0].field == "sort"


@pytest.mark.parametrize("slug", slugs())
def test_no_column_of_a_schema_is_hidden_by_a_word_of_ours(slug: str) -> None:
    schema = latest(slug)
    names = {field.name for field in schema.fields}
    assert not names & (WORDS | {"count", "distance"})
    assert not [name for name in names if "__" in name or "," in name or name.startswith("-")]
    assert not names & {KEY.name, DISTANCE.name, *(each.name for each in PROVENANCE)}
    assert set(OPERATORS) == set(Kind)


PARAMETERS = st.one_of(
    st.sampled_from([*sorted(WORDS), *COLUMNS]),
    st.builds("{}__{}".format, st.sampled_from([*COLUMNS]), st.sampled_from([o.value for o in Op])),
    st.text(max_size=20),
)
TEXTS = st.one_of(
    st.sampled_from(["nom", "-bancs,nom", "35001", "-1.6,48.1", "-2,48,-1,49", "12", "2026-01-31",
                     "true", "genre", "Acigné", HOSTILE, "distance", "count", "bancs"]),
    st.text(max_size=60),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
)  # fmt: skip
LITERAL = re.compile(r"'(?:[^']|'')*'")
PLACEHOLDER = re.compile(r"%\((v\d+)\)s")
NAME = re.compile(r'"((?:[^"]|"")*)"')


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(PARAMETERS, TEXTS), max_size=6), st.booleans())
def test_any_request_is_a_statement_of_known_names_or_faults_that_can_be_said(
    pairs: list[tuple[str, str]], is_placed: bool
) -> None:
    found = read_query(pairs, KNOWN if is_placed else NOWHERE)
    if not isinstance(found, Query):
        assert found
        assert all(isinstance(fault, Fault) and sentence(fault.issue) for fault in found)
        return
    told = to_sql(found, "la-table", with_shape=is_placed)
    assert set(PLACEHOLDER.findall(told.text)) == set(told.values)
    assert "%" not in PLACEHOLDER.sub("", told.text)
    names = set(NAME.findall(LITERAL.sub("", told.text)))
    reckoned = {each.shown.name for each in found.reckoned}
    assert names <= {*COLUMNS, "_key", DISTANCE.name, "count", "la-table", "fr-x-icu"} | reckoned
    assert not any("\0" in str(value) for value in told.values.values())
