"""Corrections of an officer over what the source says."""

from __future__ import annotations

from harvesters.diff import Content
from harvesters.overlay import Correction, corrections_of, flat, lay_over

TITLE = Correction("title", correction="Déchèteries d’Acigné", said="dechet_acigne")


def test_a_correction_wins_while_the_source_says_the_same() -> None:
    merged = lay_over({"title": "dechet_acigne", "notes": "n"}, [TITLE])
    assert merged.values == {"title": "Déchèteries d’Acigné"}
    assert merged.kept == (TITLE,)


def test_a_source_that_changes_the_field_asks_for_a_choice_and_changes_nothing_yet() -> None:
    merged = lay_over({"title": "Déchets"}, [TITLE])
    assert merged.values == {"title": "Déchèteries d’Acigné"}
    [kept] = merged.kept
    assert kept.says == "Déchets"


def test_a_source_that_takes_its_change_back_asks_no_more() -> None:
    asked = Correction("title", TITLE.correction, TITLE.said, says="Déchets")
    [kept] = lay_over({"title": "dechet_acigne"}, [asked]).kept
    assert kept.says is None


def test_a_source_that_says_what_the_officer_said_needs_no_correction() -> None:
    merged = lay_over({"title": "Déchèteries d’Acigné"}, [TITLE])
    assert (merged.values, merged.kept, merged.dropped) == ({}, (), ("title",))


def test_a_file_that_is_gone_drops_its_corrections() -> None:
    merged = lay_over({"title": "t"}, [Correction("file:f1:name", "Liste", "liste.csv")])
    assert merged.dropped == ("file:f1:name",)


def test_what_a_person_changes_becomes_a_correction_of_that_field_alone() -> None:
    before = flat(Content({"title": "a", "notes": "n"}, {"f": {"name": "x", "url": "u"}}))
    after = flat(Content({"title": "b", "notes": "n"}, {"f": {"name": "y", "url": "v"}}))
    made, given_back = corrections_of(before, after, {})
    assert made == {
        "title": Correction("title", "b", "a"),
        "file:f:name": Correction("file:f:name", "y", "x"),
    }
    assert given_back == ()


def test_a_field_corrected_twice_still_knows_what_the_source_said() -> None:
    made, _ = corrections_of({"title": TITLE.correction}, {"title": "C"}, {"title": TITLE})
    assert made["title"] == Correction("title", "C", "dechet_acigne")


def test_writing_again_what_the_source_says_gives_the_field_back() -> None:
    made, given_back = corrections_of(
        {"title": TITLE.correction}, {"title": TITLE.said}, {"title": TITLE}
    )
    assert (made, given_back) == ({}, ("title",))


def test_files_that_come_or_go_are_no_correction() -> None:
    before = flat(Content({}, {"f": {"name": "x"}}))
    after = flat(Content({}, {"g": {"name": "y"}}))
    assert corrections_of(before, after, {}) == ({}, ())
