"""From one version of a schema to another: which columns go, change their type, come."""

from __future__ import annotations

from dataclasses import replace

from schemas.changes import Fate, column_changes
from schemas.load import latest
from schemas.model import FieldType

BEFORE = latest("stationnement-hors-voirie")


def test_the_same_version_changes_nothing() -> None:
    assert column_changes(BEFORE, BEFORE) == ()


def test_a_column_goes_changes_its_type_or_comes() -> None:
    fields = [each for each in BEFORE.fields if each.name != "nb_pmr"]
    fields = [
        replace(each, type=FieldType.STRING) if each.name == "nb_places" else each
        for each in fields
    ]
    after = replace(BEFORE, fields=(*fields, replace(fields[0], name="nouvelle")))

    changes = column_changes(BEFORE, after)

    assert [(each.name, each.fate, each.breaks) for each in changes] == [
        ("nb_pmr", Fate.GONE, True),
        ("nb_places", Fate.TYPE, True),
        ("nouvelle", Fate.NEW, False),
    ]
    assert (changes[1].before, changes[1].after) == ("int8", "text")
