"""What changes in a dataset, told field by field."""

from __future__ import annotations

from harvesters.diff import MAX_CHANGES, MAX_TEXT, Content, differences

CSV = {"url": "https://a.example/dechets.csv", "name": "Déchets", "format": "CSV"}


def content(files: dict[str, dict[str, str]] | None = None, **fields: str) -> Content:
    return Content({"title": "Déchèteries", **fields}, files or {})


def test_the_same_content_has_no_difference() -> None:
    assert differences(content({"f": CSV}), content({"f": CSV})) == []


def test_a_changed_field_tells_its_old_and_its_new_value() -> None:
    [found] = differences(content(notes="Avant"), content(notes="Après"))
    assert found == {"kind": "field", "field": "notes", "old": "Avant", "new": "Après"}


def test_an_absent_field_is_told_as_empty() -> None:
    [gone] = differences(content(frequency="annual"), content())
    [come] = differences(content(), content(frequency="annual"))
    assert (gone["old"], gone["new"]) == ("annual", "")
    assert (come["old"], come["new"]) == ("", "annual")


def test_files_are_told_as_added_removed_or_changed() -> None:
    before = content({"kept": CSV, "gone": {"url": "https://a.example/vieux.pdf"}})
    after = content({"kept": CSV | {"format": "JSON"}, "new": {"url": "https://a.example/n.xlsx"}})
    found = differences(before, after)
    assert [(c["kind"], c["file"]) for c in found] == [
        ("file_field", "Déchets"),
        ("file_added", "n.xlsx"),
        ("file_removed", "vieux.pdf"),
    ]


def test_long_texts_are_cut_where_they_differ() -> None:
    same = "a" * 5_000
    [found] = differences(content(notes=f"{same}X{same}"), content(notes=f"{same}Y{same}"))
    assert "X" in found["old"]
    assert "Y" in found["new"]
    assert len(found["old"]) <= MAX_TEXT + 2


def test_a_dataset_with_thousands_of_changed_files_stays_bounded() -> None:
    many = {f"f{i}": {"url": f"https://a.example/{i}.csv"} for i in range(8_000)}
    found = differences(content(), content(many))
    assert len(found) == MAX_CHANGES + 1
    assert found[-1] == {"kind": "more", "count": 8_000 - MAX_CHANGES}
