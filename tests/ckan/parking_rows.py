"""Small files of car parks, as communes deliver them, for the tests of deliveries."""

from __future__ import annotations

import csv
import io
from typing import Any

from werkzeug.datastructures import FileStorage

from tests.ckan.conftest import act

SLUG = "stationnement-hors-voirie"
NAMES = (
    "id nom insee type_usagers gratuit nb_places hauteur_max num_siret Xlong Ylat tarif_1h".split()
)
PLACES = {"35001": (-1.5364, 48.1332), "35051": (-1.6002, 48.1205), "35024": (-1.643, 48.1828)}


def park(number: int, insee: str = "35001", **changes: Any) -> dict[str, Any]:
    """One car park of a commune, with some cells changed."""
    longitude, latitude = PLACES[insee]
    row = {
        "id": f"{insee}-P-{number:03}",
        "nom": f"Parking {number}",
        "insee": insee,
        "type_usagers": "tous",
        "gratuit": "true",
        "nb_places": 10 + number,
        "hauteur_max": "N/A",
        "num_siret": "21350001000011",
        "Xlong": longitude,
        "Ylat": latitude,
        "tarif_1h": "",
    }
    return row | changes


def to_csv(*rows: dict[str, Any]) -> bytes:
    """Write rows as a commune's CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def upload(content: bytes, name: str = "parkings.csv") -> FileStorage:
    """A file as a form sends it."""
    return FileStorage(io.BytesIO(content), name)


def deposit(organization: str, *rows: dict[str, Any]) -> str:
    """Deposit rows for an organisation and publish what is not held; answer the delivery's id."""
    told = act("territoire_delivery_create", organization=organization, schema=SLUG,
               upload=upload(to_csv(*rows)))  # fmt: skip
    if told["state"] == "draft":
        act("territoire_delivery_publish", id=told["id"])
    return str(told["id"])
