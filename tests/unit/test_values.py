"""What people and catalogues write becomes one stored value, or is refused."""

from __future__ import annotations

import pytest

from schemas import values
from schemas.geometry import to_geometry


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026", "2026"),
        ("2026-05", "2026-05"),
        ("2026-05-04", "2026-05-04"),
        ("04/05/2026", "2026-05-04"),
        ("4.5.2026", "2026-05-04"),
        (" 2026-05-04T10:20:30 ", "2026-05-04T10:20:30"),
        ("2026-05-04T10:20:30.5Z", "2026-05-04T10:20:30.500000+00:00"),
    ],
)
def test_a_date_keeps_the_precision_it_was_written_with(written: str, stored: str) -> None:
    assert values.to_date(written) == stored


@pytest.mark.parametrize(
    "written", ["", "hier", "2026-13", "2026-02-30", "32/01/2026", "0000", "20260"]
)
def test_what_is_not_a_day_of_the_calendar_is_refused(written: str) -> None:
    assert values.to_date(written) is None


def test_a_date_is_said_in_french_with_the_precision_it_has() -> None:
    said = [
        values.say_date(iso) for iso in ("2025", "2025-08", "2025-08-01", "2025-12-31T23:00:00")
    ]
    assert said == ["2025", "août 2025", "1er août 2025", "31 décembre 2025"]
    assert values.say_date("un jour") == "un jour"


def test_a_year_begins_before_its_months() -> None:
    assert values.first_day("2026") == "2026-01-01"
    assert values.first_day("2026-05") == "2026-05-01"
    assert values.first_day("2026-05-04T10:00:00") == "2026-05-04"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "acigne",
        "http://a b.fr",
        'https://x"><b>',
    ],
)
def test_an_address_that_no_page_may_link_to_is_refused(address: str) -> None:
    assert values.to_web_address(address) is None


def test_an_address_without_scheme_is_completed_only_when_it_begins_with_www() -> None:
    assert values.to_web_address("www.acigne.fr") == "https://www.acigne.fr"
    assert values.to_web_address("HTTPS://Acigne.fr/a?b=c#d") == "HTTPS://Acigne.fr/a?b=c#d"


@pytest.mark.parametrize("address", ["mairie", "a@b", "a@b@c.fr", "a b@c.fr", "<a@b.fr>", ""])
def test_what_is_not_an_electronic_address_is_refused(address: str) -> None:
    assert values.to_email(address) is None


def test_equal_facts_become_equal_texts_whatever_their_order() -> None:
    assert values.to_json_object({"b": "1", "a": "2"}) == values.to_json_object(
        '{"a": "2", "b": "1"}'
    )


@pytest.mark.parametrize("value", ["[1]", "{", "", None, 3, "null"])
def test_what_is_not_a_json_object_is_refused(value: object) -> None:
    assert values.to_json_object(value) is None


def test_a_list_is_read_from_a_form_from_storage_and_from_a_sentence() -> None:
    expected = ["35238", "35001"]
    assert values.to_list(["35238", " 35001", "", "35238"]) == expected
    assert values.to_list('["35238", "35001"]') == expected
    assert values.to_list("35238 ; 35001,") == expected
    assert values.to_list(None) == []


@pytest.mark.parametrize(
    "value",
    ["", "rien", "[1, 2]", None, 3, {}, {"type": "Point"}, {"type": "Point", "coordinates": []},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, {"type": "Lune"},
     {"type": "Point", "coordinates": [352000.0, 6789000.0]},
     {"type": "Point", "coordinates": ["a", "b"]}],
)  # fmt: skip
def test_what_is_not_a_geometry_of_this_world_is_refused(value: object) -> None:
    assert to_geometry(value) is None


def test_a_geometry_keeps_its_coordinates_and_loses_what_is_no_geometry() -> None:
    given = {"type": "Point", "coordinates": [-1.6, 48.1], "crs": "EPSG:4326"}
    assert to_geometry(given) == '{"type":"Point","coordinates":[-1.6,48.1]}'
