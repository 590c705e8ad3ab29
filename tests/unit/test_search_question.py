"""A citizen's words become ideas, communes and themes; the text for Solr holds nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ckanext.territoire.search import query
from ckanext.territoire.search.french import stem, stems_of
from ckanext.territoire.search.lexicon import load_lexicon
from ckanext.territoire.search.places import Places, to_places
from ckanext.territoire.search.question import (
    MAX_IDEAS,
    Ignored,
    Question,
    read_question,
    replace_words,
)
from schemas.vocabulary import load_vocabulary

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    "35001": "Acigné",
    "35051": "Cesson-Sévigné",
    "35240": "Le Rheu",
    "35363": "Pont-Péan",
    "35278": "Saint-Grégoire",
    "35281": "Saint-Jacques-de-la-Lande",
    "35058": "La Chapelle-des-Fougeretz",
    "35059": "La Chapelle-Thouarault",
    "38169": "Fontaine",
    "35238": "Rennes",
}


@pytest.fixture(scope="module")
def places() -> Places:
    return to_places(NAMES, "Rennes Métropole", load_lexicon())


def read(text: str, places: Places, ignored: Ignored | None = None) -> Question:
    found = read_question(text, load_lexicon(), places, ignored)
    assert found is not None
    return found


def typed(text: str, places: Places) -> list[str]:
    return [idea.typed for idea in read(text, places).strong]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("école", "Écoles"),
        ("municipale", "municipaux"),
        ("eau", "eaux"),
        ("vélo", "vélos"),
        ("donnée", "données"),
        ("St", "saint"),
        ("l’arbre", "arbres"),
        ("travail", "travaux"),
        ("piste cyclable", "pistes cyclables"),
    ],
)
def test_plural_feminine_accent_and_article_are_of_no_account(one: str, other: str) -> None:
    assert stems_of(one) == stems_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stationnement", "station"),
        ("équipement", "équipe"),
        ("département", "départ"),
        ("logement", "loge"),
        ("règlement", "règle"),
        ("maire", "mairie"),
        ("école", "écologie"),
        ("parc", "parcelle"),
    ],
)
def test_words_of_another_meaning_stay_apart(one: str, other: str) -> None:
    assert stems_of(one) != stems_of(other)


def test_a_stem_is_never_shorter_than_three_letters() -> None:
    assert [stem(word) for word in ("bus", "gaz", "ees", "aux", "été")] == [
        "bus", "gaz", "ees", "aux", "été"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "ideas"),
    [
        ("Où garer mon vélo ?", ["garer", "velo"]),
        ("qui est mon maire", ["maire"]),
        ("c'est quoi le PLU", ["plu"]),
        ("panneaux solaires", ["panneaux solaires"]),
        ("qu'est-ce qu'on mange à la cantine", ["mange", "cantine"]),
        ("liste des arbres", ["arbres"]),
        ("co-voiturage", ["covoiturage"]),
        ("données", ["donnees"]),
        ("où", ["ou"]),
        ("plus d’arbres", ["arbres"]),
    ],
)
def test_a_question_is_reduced_to_what_it_asks_for(
    text: str, ideas: list[str], places: Places
) -> None:
    assert typed(text, places) == ideas


@pytest.mark.parametrize(
    ("text", "codes", "rest"),
    [
        ("école saint-grégoire", ("35278",), ["ecole"]),
        ("ecoles st gregoire", ("35278",), ["ecoles"]),
        ("SAINT GREGOIRE école", ("35278",), ["ecole"]),
        ("déchèterie cesson", ("35051",), ["decheterie"]),
        ("arbres à st jacques", ("35281",), ["arbres"]),
        ("salle des fêtes le rheu", ("35240",), ["salle fetes"]),
        ("piscine du rheu", ("35240",), ["piscine"]),
        ("état des ponts", (), ["etat", "ponts"]),
        ("école à pont-péan", ("35363",), ["ecole"]),
        ("la chapelle", (), ["chapelle"]),
        ("budget la chapelle des fougeretz", ("35058",), ["budget"]),
        ("Acigné", ("35001",), []),
        ("arbres de Rennes Métropole", (), ["arbres"]),
        ("arbres de Rennes", ("35238",), ["arbres"]),
        ("fontaine", (), ["fontaine"]),
        ("école de fontaine", ("38169",), ["ecole"]),
    ],
)
def test_a_commune_is_recognised_however_it_is_written(
    text: str, codes: tuple[str, ...], rest: list[str], places: Places
) -> None:
    found = read(text, places)
    assert found.communes == codes
    assert [idea.typed for idea in found.strong] == rest


def test_the_words_of_citizens_lead_to_those_of_clerks(places: Places) -> None:
    for asked, meant in (
        ("poubelles", "ordure menagere"),
        ("parking", "stationnement"),
        ("maire", "conseil municipal"),
        ("cantine", "restauration scolaire"),
        ("bicyclette", "cyclable"),
        ("panneau solaire", "photovoltaique"),
    ):
        [idea] = read(asked, places).ideas
        assert meant in idea.same


def test_two_words_for_the_same_thing_are_one_idea(places: Places) -> None:
    [idea] = read("menu de la cantine", places).ideas
    assert (idea.typed, idea.typed_too) == ("menu", ("cantine",))


def test_a_theme_is_recognised_and_left_when_it_is_not_wanted(places: Places) -> None:
    assert read("ordures ménagères", places).themes == ("dechets",)
    assert read("démocratie", places).themes == ("vie-democratique",)
    assert read("ordures ménagères", places, Ignored(themes=True)).themes == ()
    literal = read("école saint-grégoire", places, Ignored(communes=True))
    assert literal.communes == ()
    assert [idea.typed for idea in literal.ideas] == ["ecole", "saint", "gregoire"]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "title:arbres", "arb*", "arbres AND parcs", "metadata_modified:[NOW-1DAY TO NOW]",
     "{!func}1", "arbre~1", "parcs -jardins", "???", "x" * 500],
)  # fmt: skip
def test_the_syntax_of_solr_is_no_question(text: str, places: Places) -> None:
    assert read_question(text, load_lexicon(), places) is None


@pytest.mark.parametrize(
    "text",
    [
        'école " rennes',
        "a) OR (b",
        "^~ école ^9",
        "école;<script>",
        "vélo ` $ & | école",
        "«»\"' eau",
    ],
)
def test_no_sign_of_the_asker_reaches_solr(text: str, places: Places) -> None:
    found = read_question(text, load_lexicon(), places)
    if found is None:
        return
    told = query.to_strict(found, ["x"] * len(found.communes))
    ours = re.sub(
        r'\^[\d.]+|~\d|vocab_\w+:"[\w-]+"|entity_type:package|words_places:|title:|AND|OR|[()"]',
        " ",
        told,
    )
    assert re.fullmatch(r"[a-z0-9 ]*", ours)


def test_two_ideas_are_both_needed_and_one_of_three_may_lack(places: Places) -> None:
    two = query.to_strict(read("xx yy", places), [])
    assert two.startswith("(xx AND yy)")
    three = query.to_strict(read("xx yy zz", places), [])
    assert three.startswith("((xx AND yy) OR (xx AND zz) OR (yy AND zz))")
    assert query.to_any(read("xx yy", places), []).startswith("(xx OR yy)")


def test_a_long_question_keeps_its_first_ideas(places: Places) -> None:
    assert len(read("aaa bbb ccc ddd eee fff ggg hhh iii", places).ideas) == MAX_IDEAS


def test_the_longest_question_stays_below_the_limit_of_solr(places: Places) -> None:
    asked = "horaires piscine école cantine vélo parking mairie subventions logement"
    told = query.to_strict(read(asked, places), [])
    clauses = len(re.findall(r" OR | AND ", told)) * len(query.FIELDS.split())
    limit = ElementTree.parse(ROOT / "deployment/solr/solr.xml").findtext("int")
    assert clauses < int(limit or 0)


def test_a_quoted_phrase_stays_whole(places: Places) -> None:
    assert typed("« eau de pluie » bassin", places)[0] == "eau de pluie"


def test_a_mistake_is_replaced_where_it_stands() -> None:
    assert replace_words("L’écolle d’Acigné", {"ecolle": "école"}) == "école d’Acigné"


def test_every_theme_of_the_lexicon_is_in_the_vocabulary() -> None:
    themes = {group.theme for group in load_lexicon().groups.values() if group.theme}
    known = {term.id for term in load_vocabulary("themes")}
    assert themes <= known
    assert len(themes) > 15
