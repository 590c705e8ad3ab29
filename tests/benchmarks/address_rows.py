"""The addresses of the check benchmark: ten columns, twelve constraints and a key, some rows bad.

The columns are those of the national format of address bases (BAL); the rows are invented.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from schemas.model import Field, FieldType, Origin, Schema

_TEXT, _WHOLE, _NUMBER = FieldType.STRING, FieldType.INTEGER, FieldType.NUMBER
ADDRESSES = Schema(
    "adresses", "1.0", "Adresses", "", Origin("territoire", "1.0"), "", "",
    (
        Field("cle_interop", _TEXT, "", "", is_required=True,
              pattern=r"^\d{5}_[0-9a-z]{4}_\d{5}(_[a-z0-9]+)*$"),
        Field("commune_insee", _TEXT, "", "", is_required=True,
              pattern=r"^([013-9]\d|2[AB1-9])\d{3}$"),
        Field("commune_nom", _TEXT, "", ""),
        Field("numero", _WHOLE, "", "", minimum="0", maximum="9999"),
        Field("suffixe", _TEXT, "", ""),
        Field("voie_nom", _TEXT, "", "", is_required=True),
        Field("position", _TEXT, "", "", enum=("entrée", "bâtiment", "segment", "parcelle")),
        Field("long", _NUMBER, "", "", minimum="-180", maximum="180"),
        Field("lat", _NUMBER, "", "", minimum="-90", maximum="90"),
        Field("date_der_maj", FieldType.DATE, "", ""),
    ),
    key=("cle_interop",),
)  # fmt: skip
COMMUNES = (("35001", "Acigné"), ("35024", "Betton"), ("35047", "Bruz"), ("35238", "Rennes"))
KINDS = ("Rue", "Avenue", "Allée", "Impasse", "Place", "Chemin")
NAMES = ("de la Vilaine", "des Érables", "du Stade", "Jean-Jaurès", "de l’Église", "de Bretagne")
# the number of a column and what is wrong there
FAULTS = (
    (0, "35001-0001-1"), (0, ""), (1, "3500"), (1, ""), (3, "douze"), (3, "99999"), (3, "-1"),
    (5, ""), (6, "sur la rue"), (7, "548.2"), (7, "1°30"), (8, "-91"), (9, "12 mars 2024"),
    (9, "2024-02-30"),
)  # fmt: skip


def write_addresses(target: Path, count: int, bad_share: float) -> None:
    """Write a CSV of `count` rows, that share of them with one fault; one in twenty of the bad
    repeats the key of the row above it."""
    chance = random.Random(count)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in ADDRESSES.fields)
        key = ""
        for number in range(count):
            row = _row(chance, number)
            if chance.random() < bad_share:
                column, text = chance.choice(FAULTS)
                row[column] = text
                row[0] = key if key and chance.random() < 0.05 else row[0]
            key = row[0]
            writer.writerow(row)


def _row(chance: random.Random, number: int) -> list[str]:
    insee, name = chance.choice(COMMUNES)
    return [
        f"{insee}_{number // 90_000:04d}_{number % 90_000:05d}", insee, name,
        str(chance.randint(1, 300)), chance.choice(("", "", "", "bis", "ter")),
        f"{chance.choice(KINDS)} {chance.choice(NAMES)}",
        chance.choice(("entrée", "bâtiment", "segment", "parcelle")),
        f"{-1.7 + chance.random() / 3:.6f}", f"{48 + chance.random() / 4:.6f}",
        f"20{chance.randint(10, 25)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
    ]  # fmt: skip
