"""What a visitor asks of a service page, and how its rows are said."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import Any

import pytest

from ckanext.territoire.portal import service_view
from ckanext.territoire.portal.outlines import draw_within
from ckanext.territoire.services import asked as reading
from ckanext.territoire.services import hours, parking
from ckanext.territoire.services.asked import Asked, read_asked, to_centimetres
from ckanext.territoire.services.catalogue import SERVICES
from ckanext.territoire.services.hours import to_french
from ckanext.territoire.services.model import Service
from ckanext.territoire.services.parking import PARKING, facts, price
from ckanext.territoire.services.units import UNITS
from schemas.load import latest, slugs


def test_the_address_of_a_page_is_read_and_nonsense_asks_nothing() -> None:
    asked = read_asked(
        {"pmr": "oui", "commune": "35001", "hauteur": "2,1 m", "page": "3", "licorne": "oui"},
        PARKING,
    )
    assert asked.filters == frozenset({"pmr"})
    assert (asked.insee, asked.height_cm, asked.page) == ("35001", 210, 3)
    odd = read_asked({"page": "-1", "hauteur": "haut", "autour": "\0 ", "gratuit": ""}, PARKING)
    assert odd == Asked(height_text="haut")


@pytest.mark.parametrize(
    ("text", "height"),
    [("2", 200), ("1,95", 195), ("195 cm", 195), ("190", 190), ("", 0), ("-2", 0), ("1e9", 0)],
)
def test_a_height_is_read_as_people_write_it(text: str, height: int) -> None:
    assert to_centimetres(text) == height


def test_a_car_park_says_what_a_driver_asks() -> None:
    row = {"gratuit": True, "nb_places": 1204, "nb_pmr": 1, "hauteur_max": "N/A", "nb_velo": 0}
    told = [fact.replace("\xa0", " ").replace("\u202f", " ") for fact in facts(row)]
    assert told == [
        "gratuit",
        "1 204 places",
        "1 place pour personne à mobilité réduite",
        "sans limite de hauteur",
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"gratuit": None}, ""),
        ({"gratuit": False}, "payant"),
        ({"gratuit": False, "tarif_1h": 0}, "payant, première heure gratuite"),
    ],
)
def test_a_price_that_is_not_known_is_not_made_up(row: dict[str, Any], told: str) -> None:
    assert price(row) == told


@pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.path)
def test_a_service_asks_for_columns_that_its_schema_has(service: Service) -> None:
    known = {field.name for field in latest(service.slug).fields}
    asked = {each.column for each in service.filters} | set(service.columns)
    asked |= {service.height.column} if service.height else set()
    asked |= {service.address} if service.address else set()
    assert asked <= known


@pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.path)
def test_an_empty_row_is_said_without_a_fault(service: Service) -> None:
    assert [fact for fact in service.facts({}) if not isinstance(fact, str) or not fact] == []


def test_every_unit_counts_a_table_that_is_known() -> None:
    assert set(UNITS) <= set(slugs())
    for slug, unit in UNITS.items():
        assert not unit.total or unit.total in {field.name for field in latest(slug).fields}


def test_a_rectangle_of_the_map_holds_what_touches_it() -> None:
    def square(name: str, west: float) -> dict[str, Any]:
        ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
        about = {"insee": name, "name": name}
        return {"properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    collection = {"features": [square("a", 0), square("b", 1), square("c", 9)]}
    picture = draw_within(collection, (0.5, 0.2, 1.5, 0.8), 100)
    assert [shape.name for shape in picture.shapes] == ["a", "b"]
    assert picture.frame.bounds == (0.5, 0.2, 1.5, 0.8)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Mo-Su 08:00-20:00", "lundi à dimanche, 8 h à 20 h"),
        ("Sa,Su 09:30-12:00", "samedi, dimanche, 9 h 30 à 12 h"),
        ("08:00-20:00", "8 h à 20 h"),
        ("Mo-Fr 08:00-12:00; PH off", "lundi à vendredi, 8 h à 12 h ; jours fériés, fermé"),
        ("Mo-Fr sauf août", "Mo-Fr sauf août"),
        ("", ""),
    ],
)
def test_opening_hours_are_said_in_french(written: str, told: str) -> None:
    assert to_french(written).replace("\xa0", " ") == told


@pytest.mark.parametrize("module", [reading, hours, parking, service_view])
def test_the_examples_of_the_code_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert result.failed == 0
