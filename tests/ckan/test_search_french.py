"""Search as a citizen asks: judged against the stock schema, then rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan.lib import search
from ckan.plugins import toolkit

from ckanext.territoire import minute
from ckanext.territoire.logic.search import package_search
from ckanext.territoire.search.french import fold, stem
from tests.ckan.conftest import act
from tests.search import judged

FLOOR = 0.8


@pytest.fixture(scope="module")
def state() -> Iterator[dict[str, bool]]:
    """Whether the datasets are written: they are read only, one time is enough."""
    state: dict[str, bool] = {}
    yield state
    judged.drop_stock_core()


@pytest.fixture
def corpus(with_plugins: Any, state: dict[str, bool]) -> None:
    """The judged datasets in both cores."""
    if not state:
        judged.fill_both()
        state["is_filled"] = True
    minute.forget()


pytestmark = pytest.mark.usefixtures("corpus")


def asked(text: str, **more: Any) -> dict[str, Any]:
    return dict(act("package_search", q=text, rows=10, **more))


def names(found: dict[str, Any]) -> list[str]:
    return [judged.id_of()[each["title"]] for each in found["results"]]


def test_judged_questions_are_answered_better_than_by_the_stock_schema() -> None:
    theirs = judged.scores(judged.stock)
    ours = judged.scores(judged.ours)
    for half in ("tuned", "held"):
        assert ours[half] > theirs[half] + 0.1
        assert ours[half] > FLOOR


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("où garer mon vélo", "velo-parc"),
        ("qui est mon maire", "elus"),
        ("panneaux solaires", "solaire"),
        ("école saint-grégoire", "ecoles-gregoire"),
        ("ecoles de St Gregoire", "ecoles-gregoire"),
        ("stations de métro", "metro-stations"),
        ("l’arbre", "arbres"),
        ("co-voiturage", "covoit"),
    ],
)
def test_what_was_asked_for_is_among_the_first_three(text: str, first: str) -> None:
    assert first in names(asked(text))[:3]


def test_stationnement_is_not_station() -> None:
    assert "metro-stations" not in names(asked("stationnement"))


def test_a_commune_keeps_its_own_datasets_and_those_of_the_territory() -> None:
    found = asked("écoles saint-grégoire")
    assert found["understood"]["communes"] == [{"insee": "35278", "name": "Saint-Grégoire"}]
    assert "ecoles-rennes" not in names(found)
    everywhere = asked("écoles saint-grégoire", ext_sans="commune")
    assert everywhere["understood"]["communes"] == []


def test_what_a_commune_has_not_is_shown_from_elsewhere() -> None:
    found = asked("rosiers à Acigné")
    assert found["understood"]["way"] == "elsewhere"
    assert names(found) == ["rosiers"]


@pytest.mark.parametrize(
    ("text", "corrected", "first"),
    [
        ("defibrilateur", {"defibrilateur": "défibrillateur"}, "dae"),
        ("rosiiers", {"rosiiers": "rosiers"}, "rosiers"),
        ("défibrillateur acigner", {"acigner": "Acigné"}, "dae"),
    ],
)
def test_a_mistake_is_corrected_and_said(text: str, corrected: dict[str, str], first: str) -> None:
    found = asked(text)
    assert found["understood"]["corrected"] == corrected
    assert names(found)[0] == first


def test_two_words_are_both_needed_but_one_is_better_than_nothing() -> None:
    both = asked("rosiers Thabor")
    assert (both["understood"]["way"], names(both)) == ("all", ["rosiers"])
    one = asked("rosiers télédétection")
    assert one["understood"]["way"] == "any"
    assert set(names(one)) == {"rosiers", "vegetation"}


def test_nothing_is_said_to_be_nothing() -> None:
    found = asked("xylophone wagnérien")
    assert (found["count"], found["understood"]["way"]) == (0, "nothing")


def test_the_syntax_of_solr_still_works() -> None:
    found = asked("title:rosiers")
    assert names(found) == ["rosiers"]
    assert "understood" not in found


def test_a_question_of_many_things_is_answered() -> None:
    found = asked("horaires piscine école cantine vélo parking mairie subventions à rennes")
    assert found["understood"]["way"] in ("all", "any", "elsewhere")
    assert found["count"]


def test_filters_facets_and_order_are_those_of_the_caller() -> None:
    found = asked("vélo", fq='vocab_communes:"35238"', sort="title_string asc",
                  **{"facet.field": ["organization"]})  # fmt: skip
    listed = [each["title"] for each in found["results"]]
    assert listed == sorted(listed)
    assert set(found["search_facets"]["organization"]["title"]) or found["count"]
    assert all("35238" in each["communes"] for each in found["results"])


def test_a_correction_tells_nothing_of_a_private_dataset() -> None:
    act("package_create", name="secret", title="Zygopetale", owner_org="metropole", private=True)
    search.commit()
    anonymous: Any = {"user": "", "auth_user_obj": None}
    found = toolkit.get_action("package_search")(anonymous, {"q": "zygopetal"})
    act("dataset_purge", id="secret")
    assert found["count"] == 0
    assert found["understood"]["corrected"] == {}
    assert "zygopetale" not in str(found)


def test_solr_takes_the_same_endings_off_as_the_question() -> None:
    words = "ecoles municipaux travaux eaux bus classes marchés équipements st élèves gaz".split()
    for word in words:
        analysed = judged.analysed(word)
        assert analysed == stem(fold(word)), word


def test_our_search_stands_in_the_chain_of_ckan() -> None:
    assert getattr(package_search, "chained_action", False)
    assert getattr(toolkit.get_action("package_search"), "side_effect_free", False)


def test_the_page_says_what_was_understood_and_lets_it_be_taken_away(app: Any) -> None:
    page = app.get("/dataset/?q=écoles+saint-grégoire").text
    assert "Commune\u00a0: Saint-Grégoire" in page
    assert "ext_sans=commune" in page
    literal = app.get("/dataset/?q=écoles+saint-grégoire&ext_sans=commune").text
    assert "Commune\u00a0: Saint-Grégoire" not in literal
    assert "Reconnaître à nouveau" in literal


def test_the_empty_page_proposes_themes_and_communes(app: Any) -> None:
    page = app.get("/dataset/?q=xylophone+wagnérien").text
    assert "Parcourir par thème" in page
    assert 'href="/communes"' in page
    assert "un mot de moins" not in page


def test_a_page_with_a_part_of_the_words_proposes_those_that_find_something(app: Any) -> None:
    page = app.get("/dataset/?q=rosiers+télédétection").text
    assert "Chercher avec un mot de moins" in page
    assert "?q=rosiers" in page
    assert "?q=t%C3%A9l%C3%A9d%C3%A9tection" in page


def test_proposals_are_public_bounded_and_kept(app: Any) -> None:
    answer = app.get("/recherche/idees?q=déchèt")
    assert "Horaires et adresses des déchèteries" in answer.text
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert app.get("/recherche/idees?q=b").text.strip() == ""
    assert app.get("/recherche/idees").text.strip() == ""
    assert "<script" not in app.get("/recherche/idees?q=<script>alert(1)").text
    assert answer.text.count("<a ") <= 13
