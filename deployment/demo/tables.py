"""Tables of the demo communes: believable values, the same at every start.

Input: `topics.yaml` (what is published) and `communes.csv` (who and where: SIREN, town hall, and
a radius in metres that stays inside the commune). Values are drawn from a generator whose seed is
the commune and the topic, so that the same table is made by every process.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
MARK = "données de démonstration"
STREETS = ("rue de la Mairie", "place de l’Église", "rue des Écoles", "avenue des Tilleuls",
           "rue du Stade", "chemin du Moulin", "rue de Rennes", "allée des Charmes",
           "boulevard de la Gare", "rue de la Fontaine")  # fmt: skip
METRES_A_DEGREE = 111_320


@dataclass(frozen=True, slots=True)
class Place:
    """A member commune: its town hall in degrees WGS 84 and how far around one stays inside it."""

    insee: str
    siren: str
    name: str
    postcode: str
    longitude: float
    latitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of table: `columns` maps a header to the way its values are made."""

    slug: str
    title: str
    notes: str
    theme: str
    tags: tuple[str, ...]
    frequency: str
    rows: int
    columns: Mapping[str, str]


@cache
def load_places() -> dict[str, Place]:
    """Load the communes by INSEE code."""
    with (FOLDER / "communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    places = [
        Place(r["insee"], r["siren"], r["nom"], r["code_postal"], float(r["longitude"]),
              float(r["latitude"]), float(r["rayon_m"]))
        for r in rows
    ]  # fmt: skip
    return {place.insee: place for place in places}


@cache
def load_topics() -> dict[str, Topic]:
    """Load the kinds of tables by slug."""
    entries = yaml.safe_load((FOLDER / "topics.yaml").read_text(encoding="utf-8"))
    return {e["slug"]: Topic(**{**e, "tags": tuple(e["tags"])}) for e in entries}


def make_rows(topic: Topic, place: Place) -> list[list[str]]:
    """Make the header and the rows of one table."""
    draw = random.Random(f"{place.insee}/{topic.slug}")
    rows = [list(topic.columns)]
    for number in range(topic.rows):
        point = _point(draw, place)
        rows.append([_cell(way, number, place, point, draw) for way in topic.columns.values()])
    return rows


def _point(draw: random.Random, place: Place) -> tuple[str, str]:
    """A longitude and a latitude inside the commune."""
    distance = place.radius_m * math.sqrt(draw.random())
    angle = draw.random() * 2 * math.pi
    north = distance * math.sin(angle) / METRES_A_DEGREE
    east = distance * math.cos(angle) / METRES_A_DEGREE
    longitude = place.longitude + east / math.cos(math.radians(place.latitude))
    return f"{longitude:.6f}", f"{place.latitude + north:.6f}"


def _cell(way: str, number: int, place: Place, point: tuple[str, str], draw: random.Random) -> str:
    kind, _, told = way.partition(" ")
    if kind in ("entier", "montant"):
        low, high = map(int, told.split())
        value = draw.randint(low, high)
        return f"{value}.{draw.randint(0, 99):02d}" if kind == "montant" else str(value)
    if kind == "choix":
        return _choice(told.split("|"), number, draw)
    if kind == "adresse":
        return f"{draw.randint(1, 60)} {draw.choice(STREETS)}"
    if kind == "date":
        return (date(int(told), 1, 1) + timedelta(days=draw.randint(0, 300))).isoformat()
    if kind == "annee":
        return str(draw.randint(int(told), max(int(told), 2025)))
    return {
        "rang": f"{told}{number + 1:03d}",
        "numero": f"{place.insee}{told}{number + 1:03d}",
        "siret": _siret(place.siren),
        "longitude": point[0],
        "latitude": point[1],
        "insee": place.insee,
        "commune": place.name,
        "code_postal": place.postcode,
        "texte": told,
    }[kind]


def _siret(siren: str) -> str:
    """The first establishment of a commune; its last digit makes the sum of Luhn right."""
    for last in "0123456789":
        digits = [int(digit) for digit in f"{siren}0001{last}"]
        if sum(d if n % 2 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits)) % 10 == 0:
            break
    return f"{siren}0001{last}"


def _choice(words: list[str], number: int, draw: random.Random) -> str:
    """Names go round in order, so that two rows seldom share one; short lists are drawn."""
    return words[number % len(words)] if len(words) > 5 else draw.choice(words)
