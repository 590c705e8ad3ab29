"""Which chart suits a table, from what is known of its columns."""

from __future__ import annotations

from ckanext.territoire.chart.plan import Facts, Kind, Role, choices_of, choose


def columns(*told: tuple[str, str, float | None]) -> list[Facts]:
    return [
        Facts(n, name, name, kind, distinct) for n, (name, kind, distinct) in enumerate(told, 1)
    ]


def best(rows: int, *told: tuple[str, str, float | None]) -> tuple[str, Kind, str] | None:
    plan = choose(choices_of(columns(*told), rows))
    return (plan.axis.column.name, plan.axis.kind, plan.measure.key) if plan else None


def test_a_date_and_a_number_make_a_line() -> None:
    found = best(900, ("jour", "date", 300), ("temperature", "numeric", 200))

    assert found == ("jour", Kind.TIME, "moyenne-2")


def test_what_can_be_added_up_is_added_up() -> None:
    found = best(900, ("annee", "int8", 6), ("montant", "numeric", 800))

    assert found == ("annee", Kind.TIME, "somme-2")


def test_a_column_of_few_values_makes_bars_that_count_rows() -> None:
    found = best(400, ("identifiant", "text", 400), ("essence", "text", 12))

    assert found == ("essence", Kind.CATEGORY, "lignes")


def test_a_short_list_of_names_and_numbers_makes_a_bar_a_row() -> None:
    found = best(9, ("chapitre", "text", 9), ("depenses", "numeric", 9))

    assert found == ("chapitre", Kind.CATEGORY, "somme-2")


def test_a_number_alone_makes_a_histogram() -> None:
    found = best(400, ("nom", "text", 400), ("hauteur", "numeric", 80))

    assert found == ("hauteur", Kind.HISTOGRAM, "lignes")


def test_a_merged_table_is_shown_by_commune_first() -> None:
    found = best(
        400, ("ouverture", "date", 90), ("territoire_commune_nom", "text", 12),
        ("territoire_maj", "timestamptz", 30), ("territoire_ligne", "int8", 90),
    )  # fmt: skip

    assert found == ("territoire_commune_nom", Kind.COMMUNE, "lignes")


def test_what_only_names_a_row_or_a_place_is_neither_axis_nor_measure() -> None:
    told = columns(
        ("code_postal", "int8", 40), ("siret", "text", 20), ("longitude", "numeric", 300),
        ("Xlong", "numeric", 300), ("num_voie", "int8", 90), ("nom", "text", 300),
    )  # fmt: skip

    found = choices_of(told, 300)

    assert found.axes == ()
    assert [each.role for each in found.measures] == [Role.COUNT]
    assert choose(found) is None


def test_a_reader_chooses_the_column_and_the_measure() -> None:
    told = columns(("jour", "date", 90), ("type", "text", 4), ("prix", "numeric", 50))
    choices = choices_of(told, 400)

    plan = choose(choices, axis="2", measure="moyenne-3")

    assert plan is not None
    assert (plan.axis.column.name, plan.measure.key) == ("type", "moyenne-3")


def test_nonsense_in_the_address_is_the_best_chart() -> None:
    choices = choices_of(columns(("jour", "date", 90), ("prix", "numeric", 50)), 400)

    assert choose(choices, axis="99", measure="'; DROP") == choose(choices)


def test_a_histogram_counts_rows_whatever_is_asked() -> None:
    choices = choices_of(columns(("jour", "date", 90), ("prix", "numeric", 50)), 400)

    plan = choose(choices, axis="2", measure="moyenne-2")

    assert plan is not None
    assert plan.measure.role is Role.COUNT


def test_columns_of_which_nothing_is_known_yet_still_make_a_line() -> None:
    assert best(0, ("jour", "date", None), ("prix", "numeric", None)) == (
        "jour", Kind.TIME, "moyenne-2",
    )  # fmt: skip
