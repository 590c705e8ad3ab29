"""The chart of a table: chosen from its columns, counted by the database, readable by everybody."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ckanext.territoire.chart import question
from ckanext.territoire.chart.plan import Facts
from ckanext.territoire.portal import chart_view
from tests.ckan.test_table_pages import make, path_of

TREES = "essence;hauteur;plantation;nb_branches;avis;code\n" + "".join(
    f"{'Chêne' if n % 3 else 'Tilleul <i>'};{n % 40 + 1};20{10 + n % 4}-03-0{n % 9 + 1};{n};;{n}\n"
    for n in range(120)
)
NAMES = "nom;telephone\n" + "".join(f"Personne {n};0299{n:06}\n" for n in range(30))


def figures(page: str) -> dict[str, str]:
    """The table beside the chart: each label with its value."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="is-number">(.*?)</td>', page)
    return dict(rows)


@pytest.fixture
def resource(organization: dict[str, Any]) -> dict[str, Any]:
    return make(organization, TREES.encode())


def column(page: str, label: str) -> str:
    """The value of a column in the form."""
    found = re.search(rf'<option value="([^"]+)"[^>]*>{label}</option>', page)
    assert found, label
    return found[1]


def test_the_page_of_a_table_shows_the_chart_that_suits_it(app: Any, resource: Any) -> None:
    assert "apercu?vue=graphique" in app.get(f"/dataset/lieux/resource/{resource['id']}").body

    page = app.get(path_of(resource, "apercu?vue=graphique")).body

    assert 'class="chart is-wide"' in page
    assert "<title" in page[page.index('class="chart is-wide"') :]
    assert "Somme de «\u00a0nb_branches\u00a0» par mois" in page
    assert path_of(resource, "graphique") in page


def test_a_line_holds_every_month_and_every_row(app: Any, resource: Any) -> None:
    page = app.get(path_of(resource, "graphique?mesure=lignes")).body

    told = figures(page)
    assert next(iter(told)) == "mars\u00a02010"
    assert len(told) == 37
    assert told["mars\u00a02010"] == "30"
    assert told["avril\u00a02010"] == "0"


def test_bars_count_the_rows_of_each_value_and_escape_it(app: Any, resource: Any) -> None:
    form = app.get(path_of(resource, "graphique")).body

    page = app.get(path_of(resource, f"graphique?axe={column(form, 'essence')}&mesure=lignes")).body

    assert figures(page) == {"Chêne": "80", "Tilleul &lt;i&gt;": "40"}
    assert "<i>" not in page.split("<main")[1].split("</svg>")[0]


def test_a_mean_is_that_of_the_rows(app: Any, resource: Any) -> None:
    form = app.get(path_of(resource, "graphique")).body
    asked = f"axe={column(form, 'essence')}&mesure=moyenne-{column(form, 'hauteur')}"

    told = figures(app.get(path_of(resource, f"graphique?{asked}")).body)

    of_limes = [n % 40 + 1 for n in range(120) if n % 3 == 0]
    assert told["Tilleul &lt;i&gt;"] == f"{sum(of_limes) / len(of_limes):.1f}".replace(".", ",")


def test_a_histogram_counts_every_row_once(app: Any, resource: Any) -> None:
    form = app.get(path_of(resource, "graphique")).body

    told = figures(app.get(path_of(resource, f"graphique?axe={column(form, 'hauteur')}")).body)

    assert sum(int(value) for value in told.values()) == 120
    assert told["de 5 à 10"] == "15"


def test_a_table_that_no_chart_suits_says_so(app: Any, organization: Any) -> None:
    resource = make(organization, NAMES.encode())

    page = app.get(path_of(resource, "graphique")).body

    assert "Aucune colonne de ce tableau ne se prête à un graphique" in page
    assert "<svg" not in page
    assert "Graphique" not in app.get(f"/dataset/lieux/resource/{resource['id']}").body


def test_a_large_table_is_read_by_sample_and_says_so(
    app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "MAX_READ", 4_000)
    monkeypatch.setattr("ckanext.territoire.portal.chart_view.MAX_READ", 4_000)
    rows = "".join(f"{'nord' if n % 4 else 'sud'};{n}\n" for n in range(20_000))
    resource = make(organization, f"zone;places\n{rows}".encode())

    page = app.get(path_of(resource, "graphique")).body

    assert "Part des lignes, en %" in page
    assert "échantillon de 20" in page
    assert "Somme de" not in page
    parts = [float(value.replace(",", ".")) for value in figures(page).values()]
    assert sum(parts) == pytest.approx(100, abs=0.3)
    assert parts[0] == pytest.approx(75, abs=5)


def test_a_question_that_takes_too_long_is_given_up(
    app: Any, resource: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "TIME", ", slow AS (SELECT pg_sleep(5)) SELECT * FROM slow, t")
    monkeypatch.setattr(question, "TIMEOUT_S", 1)

    page = app.get(path_of(resource, "graphique"))

    assert page.status_code == 200
    assert "demande trop de calcul" in page.body


@pytest.mark.parametrize("asked", ["axe=0", "axe=%22;--", "mesure=somme-99", "axe=-1&mesure=%00"])
def test_nonsense_in_the_address_is_a_chart(app: Any, resource: Any, asked: str) -> None:
    assert "</svg>" in app.get(path_of(resource, f"graphique?{asked}")).body


def test_odd_names_of_columns_are_taken_as_they_are(app: Any, organization: Any) -> None:
    rows = "".join(f"{'oui' if n % 2 else 'non'};{n}\n" for n in range(40))
    resource = make(organization, f'part 100% {{x}} "y";effectif %s\n{rows}'.encode())

    page = app.get(path_of(resource, "graphique")).body

    assert figures(page)["oui"] == "400"


def test_a_private_table_has_no_chart_for_visitors(app: Any, organization: Any) -> None:
    resource = make(organization, TREES.encode(), private=True)

    assert app.get(path_of(resource, "graphique"), status=404).status_code == 404


def test_a_column_that_has_ended_is_not_offered() -> None:
    facts = (Facts(1, "essence", "Essence", "text", 2), Facts(2, "hauteur", "Hauteur", "int8", 40))

    def offered(*gone: str) -> set[str]:
        choices = chart_view.open_choices(question.Known(facts, 120), gone)
        told = [each.column for each in (*choices.axes, *choices.measures) if each.column]
        return {each.name for each in told}

    assert offered() == {"essence", "hauteur"}
    assert offered("hauteur") == {"essence"}
