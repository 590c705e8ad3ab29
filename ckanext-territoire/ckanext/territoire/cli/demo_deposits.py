"""Deposits of the demo territory: the example rows of some schemas, commune by commune."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from werkzeug.datastructures import FileStorage

from ckanext.territoire.cli.calls import call
from ckanext.territoire.territory import members
from schemas.load import TABLES, latest
from schemas.model import Schema

THEMES = (
    "stationnement-hors-voirie",
    "toilettes-publiques",
    "points-apport-volontaire",
    "defibrillateurs",
    "equipements",
    "jours-collecte",
    "irve-statique",
    "stationnement-cyclable",
    "deliberations",
)
WITH_FAULTS = "stationnement-hors-voirie"  # its bad rows too, so that there is something to repair
FAULTS = 8  # those after are published with a warning: readers would see the same place twice


def deposit_examples() -> int:
    """Deposit and publish the examples; again, nothing is doubled. Answer how many files."""
    done = 0
    for slug in THEMES:
        schema = latest(slug)
        for insee, rows in _by_commune(schema):
            commune = members.find_commune(insee)
            if commune is None:
                continue
            upload = FileStorage(io.BytesIO(_to_csv(schema, rows)), f"{slug}.csv")
            told = call("territoire_delivery_create", organization=commune.slug, schema=schema.id,
                        upload=upload)  # fmt: skip
            if told["state"] == "draft":
                call("territoire_delivery_publish", id=told["id"])
            done += 1
    return done


def _by_commune(schema: Schema) -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """The example rows of each commune; the first one also has the bad ones of its theme."""
    folder = TABLES / schema.slug / schema.version
    rows = _read(folder / "valid.csv")
    communes = list(dict.fromkeys(row[schema.commune] for row in rows if schema.commune))
    for number, insee in enumerate(communes or ["35001"]):
        own = [row for row in rows if not schema.commune or row[schema.commune] == insee]
        if number == 0 and schema.slug == WITH_FAULTS:
            own += _read(folder / "invalid.csv")[:FAULTS]
        yield insee, own


def _read(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _to_csv(schema: Schema, rows: list[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, [each.name for each in schema.fields], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
