"""The French help page, and the sentences that say what to write."""

from __future__ import annotations

import dataclasses

import pytest

from schemas.load import find, table_schemas
from schemas.model import Check, Origin
from schemas.to_doc import to_audience, to_doc, to_origin
from schemas.to_words import to_words
from tests.unit.toy_schema import toy_field, toy_schema


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("insee", "Code INSEE, cinq caractères."),
        ("nom", "Texte, de 2 à 80 caractères."),
        ("genre", "L’une de ces valeurs : « parc », « square, jardin »."),
        ("usages", "Une ou plusieurs de ces valeurs, séparées par « | » : « jeu », « repos »."),
        ("ouvert", "« oui » ou « non »."),
        ("bancs", "Nombre entier, de 0 à 50."),
        ("longueur", "Nombre, 0 ou plus."),
        ("pose", "Date, comme 2026-01-31."),
        ("fin", "Date, comme 31/01/2026."),
        ("saison", "Période, comme 2026-01."),
        ("vu", "Date et heure, comme 2026-01-31T14:30:00Z."),
        ("annee", "Année, en quatre chiffres."),
        ("site", "Adresse d’une page web, qui commence par https://."),
        ("siret", "Numéro SIRET, quatorze chiffres ; jamais deux fois la même valeur."),
    ],
)
def test_a_sentence_says_what_to_write(name: str, words: str) -> None:
    assert to_words(toy_schema().field(name)) == words


def test_of_a_free_text_there_is_nothing_to_say() -> None:
    assert to_words(toy_field("avis")) == ""


def test_long_lists_of_choices_are_cut_and_said_to_be() -> None:
    field = toy_field("code", enum=tuple(str(n) for n in range(40)))
    assert to_words(field).endswith("« 23 » et 16 autres.")


@pytest.mark.parametrize("check", list(Check))
def test_every_check_has_its_words(check: Check) -> None:
    assert len(to_words(toy_field("a", check=check))) > 10


def test_columns_that_must_be_filled_come_first() -> None:
    required, optional = to_doc(toy_schema()).sections
    assert [field.name for field in required.fields] == ["insee", "nom"]
    assert required.title == "Colonnes obligatoires"
    assert len(optional.fields) == len(toy_schema().fields) - 2


def test_a_section_without_column_is_left_out() -> None:
    schema = toy_schema(fields=(toy_field("a"),), key=(), rules=(), position=None)
    assert [section.title for section in to_doc(schema).sections] == ["Colonnes facultatives"]


def test_rules_are_sentences_and_a_warning_says_that_it_is_one() -> None:
    rules = to_doc(toy_schema()).rules
    assert rules[0] == (
        "Deux lignes n’ont jamais les mêmes valeurs dans « insee » et « nom » à la fois."
    )
    assert (
        rules[1] == "La position donnée par « x » et « y » se trouve dans la commune de la ligne."
    )
    assert "Un parc compte ses bancs." in rules
    assert rules[-1] == "Le total est juste. Sinon la ligne entre, avec un avertissement."


def test_personal_data_that_the_law_lets_through_is_said() -> None:
    required = to_doc(toy_schema()).sections[0]
    assert required.fields[1].personal == "La loi permet ici un nom de personne."


def test_the_page_says_who_must_publish_whose_model_it_is_and_where_it_differs() -> None:
    doc = to_doc(toy_schema())
    assert doc.audience == "Obligatoire à partir de 3\u202f500 habitants"
    assert doc.origin == "Modèle national exemple/lieux, version 2.1"
    assert (doc.theme, doc.frequency) == ("Nature, arbres et espaces verts", "Tous les ans")
    [change] = doc.changes
    assert (change.where, change.what) == ("genre", "Valeurs permises")


def test_a_model_of_ours_without_duty_says_so() -> None:
    schema = toy_schema(origin=Origin("territoire", "1.2"), duty=None, is_expected=False)
    assert to_origin(schema) == "Modèle du territoire"
    assert to_audience(schema) == "Facultatif"
    assert to_audience(dataclasses.replace(schema, is_expected=True)) == "Attendu du territoire"


@pytest.mark.parametrize("schema_id", table_schemas())
def test_the_page_of_every_schema_tells_all_its_columns(schema_id: str) -> None:
    schema = find(schema_id)
    assert schema is not None
    told = [field.name for section in to_doc(schema).sections for field in section.fields]
    assert sorted(told) == sorted(field.name for field in schema.fields)
    assert all(change.what[0].isupper() for change in to_doc(schema).changes)
