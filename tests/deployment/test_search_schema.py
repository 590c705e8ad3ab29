"""Solr's schema is CKAN's own, completed: French words meet, shapes are found on the map."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from ckanext.territoire.search.french import ENDINGS
from deployment.layout import package_folder
from deployment.solr.schema import COUNTED, UnknownSchema, add_french_and_maps, side_files
from tests.ckan.conftest import act, clean  # noqa: F401  (a fixture)


@pytest.fixture
def stock() -> str:
    """The schema that CKAN brings."""
    return (package_folder("ckan") / "config" / "solr" / "schema.xml").read_text("utf-8")


def test_only_the_text_chain_and_the_shape_are_added(stock: str) -> None:
    completed, _ = add_french_and_maps(stock)

    kept = [line for line in stock.splitlines() if line.strip() and line in completed]
    lost = [line for line in stock.splitlines() if line.strip() and line not in completed]
    assert len(kept) > 100
    changed = (
        "Porter",
        "Folding",
        "Whitespace",
        *(f'name="{name}"' for name in (*COUNTED, "vocab_*", "_version_")),
    )
    assert all(any(word in line for word in changed) for line in lost)


def test_the_schema_has_the_endings_of_the_question(stock: str) -> None:
    completed, files = add_french_and_maps(stock)

    text = ElementTree.fromstring(completed).find(".//fieldType[@name='text']")
    assert text is not None
    for analyzer in text.findall("analyzer"):
        rules = [f for f in analyzer.findall("filter") if "PatternReplace" in f.get("class", "")]
        assert tuple((r.get("pattern"), r.get("replacement")) for r in rules) == ENDINGS
    assert files == side_files(completed)


def test_a_schema_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(UnknownSchema):
        add_french_and_maps("<schema><types></types></schema>")


@pytest.fixture
def datasets(clean: None) -> None:  # noqa: F811
    """Three datasets of Rennes and one of Marseille."""

    def box(west: float, south: float) -> str:
        east, north = west + 0.1, south + 0.1
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return json.dumps({"type": "Polygon", "coordinates": [ring]})

    organization = act("organization_create", name="rennes", title="Rennes")
    titles = {"L’école élémentaire": -1.7, "Les horaires d'ouverture": -1.7, "Forêts": 5.4}
    for number, (title, west) in enumerate(titles.items()):
        south = 48.1 if west < 0 else 43.3
        act(
            "package_create",
            name=f"jeu-{number}", title=title, notes=title, owner_org=organization["id"],
            license_id="lov2", spatial=box(west, south),
        )  # fmt: skip


@pytest.mark.usefixtures("datasets")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ecoles", "L’école élémentaire"),
        ("école", "L’école élémentaire"),
        ("ouvertures", "Les horaires d'ouverture"),
        ("foret", "Forêts"),
        ("Forêt", "Forêts"),
    ],
)
def test_a_french_word_is_found_without_accent_article_or_plural(words: str, found: str) -> None:
    answer = act("package_search", q=words)

    assert [each["title"] for each in answer["results"]] == [found]


@pytest.mark.usefixtures("datasets")
def test_a_box_on_the_map_finds_what_it_covers() -> None:
    answer = act("package_search", extras={"ext_bbox": "-2,47.9,-1.5,48.4"})

    titles = {each["title"] for each in answer["results"]}
    assert titles == {"L’école élémentaire", "Les horaires d'ouverture"}
