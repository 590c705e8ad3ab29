"""Write the communes and their town halls as CSV and GeoJSON: values to bytes, always the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.territory.members import Commune
from ckanext.territoire.territory.names import of
from ckanext.territoire.territory.opening_hours import to_french

GRID_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A member with its public facts: `outline` is a GeoJSON geometry."""

    commune: Commune
    member_since: str
    outline: Mapping[str, Any] | None
    town_hall: Mapping[str, Any]


Row = Mapping[str, Any]


def commune_rows(places: Sequence[Place]) -> list[dict[str, Any]]:
    """One row a commune, with its population."""
    return [
        {
            "code_insee": place.commune.insee,
            "nom": place.commune.name,
            "siren": place.commune.siren,
            "codes_postaux": " ".join(place.commune.postcodes),
            "population": place.commune.population,
            "siren_epci": place.commune.epci_siren,
        }
        for place in places
    ]


def town_hall_rows(places: Sequence[Place]) -> list[dict[str, Any]]:
    """One row a town hall whose address or position is known."""
    return [
        {
            "code_insee": place.commune.insee,
            "commune": place.commune.name,
            "nom": f"Mairie {of(place.commune.name)}",
            "adresse": place.town_hall.get("address", ""),
            "telephone": place.town_hall.get("phone", ""),
            "site_web": place.town_hall.get("website", ""),
            "horaires": to_french(place.town_hall.get("hours", [])),
            "longitude": place.town_hall.get("longitude"),
            "latitude": place.town_hall.get("latitude"),
        }
        for place in places
        if place.town_hall
    ]


def point_of(row: Row) -> dict[str, Any] | None:
    """The position of a row as a GeoJSON geometry."""
    if row["longitude"] is None:
        return None
    return {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}


def to_csv(rows: Sequence[Row]) -> bytes:
    """Write rows as CSV: UTF-8, comma, one header row (SCDL, RFC 4180)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def to_geojson(rows: Sequence[Row], geometries: Sequence[Mapping[str, Any] | None]) -> bytes:
    """Write rows and their geometries as GeoJSON (RFC 7946, WGS 84)."""
    features = [
        {"type": "Feature", "properties": row, "geometry": geometry}
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
