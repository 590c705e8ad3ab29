"""What a source was set to is said in the words of the form, in its order, secrets left out."""

from __future__ import annotations

import pytest

from harvesters.registry import SOURCES
from harvesters.seen import ROOT
from harvesters.setting_words import say_settings


def told(kind: str, **settings: str) -> list[tuple[str, str]]:
    return [(each.label, each.value) for each in say_settings(SOURCES[kind], settings)]


def test_settings_are_said_by_their_labels_and_those_of_their_choices() -> None:
    assert told("sensorthings", licence="lov2", publisher="Service des mobilités") == [
        ("Producteur", "Service des mobilités"),
        ("Licence", "Licence Ouverte 2.0 (Etalab)"),
    ]


def test_a_value_that_no_choice_knows_is_said_as_it_was_typed() -> None:
    assert told("csv_folder", licence="Licence de la ville") == [("Licence", "Licence de la ville")]


def test_an_empty_value_a_secret_and_an_unknown_name() -> None:
    assert told("ckan_portal", filter="", api_key="caché") == []
    assert told("ckan_portal", ancien="x") == [("ancien", "x")]


@pytest.mark.parametrize("kind", SOURCES)
def test_each_setting_has_a_french_name_and_help_and_so_has_each_choice(kind: str) -> None:
    for each in SOURCES[kind].settings:
        assert each.label_fr[0].isupper()
        assert each.label_fr != each.name
        assert each.help_fr.endswith((".", "»"))
        assert all(label for _, label in each.choices)


def test_no_report_calls_a_setting_by_the_name_that_commands_give_it() -> None:
    names = {each.name for kind in SOURCES.values() for each in kind.settings}
    told = (ROOT / "harvesters" / "codes.yaml").read_text(encoding="utf-8")
    assert not [name for name in sorted(names) if f"réglage « {name} »" in told]
