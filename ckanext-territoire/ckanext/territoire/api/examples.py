"""Requests on a table that rows answer, from its schema and from what it holds: for the
documentation and for its test. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.territoire.api.columns import Column, Kind, own_columns
from ckanext.territoire.api.operation import Example
from ckanext.territoire.api.operations import ROOT
from schemas.model import Schema

COMMUNE = "territoire_commune_nom"


@dataclass(frozen=True, slots=True)
class Sample:
    """`near`: `longitude,latitude` of a row, `""` when none has a place. `truth`: `true` or
    `false`, what the first yes or no of the table holds somewhere; `""` when it holds neither."""

    near: str = ""
    truth: str = ""


def examples_of(schema: Schema, sample: Sample) -> tuple[Example, ...]:
    """A few requests on a table, from the simplest on; none asks for what the table has not."""
    rows = f"{ROOT}/{schema.slug}/rows"
    told = [Example("Les dix premières lignes", f"{rows}?limit=10")]
    told += _by_value(schema, rows, sample)
    if sample.near:
        around = f"{rows}?near={sample.near}&radius=2000"
        told.append(Example("À moins de deux kilomètres d’un point", around))
    if schema.position:
        told.append(Example("Pour une carte, en GeoJSON", f"{rows}.geojson?limit=500"))
    told += [
        Example("Combien de lignes par commune", f"{rows}?group_by={COMMUNE}&sort=-count"),
        Example("D’où vient chaque ligne", f"{rows}?provenance=true&limit=10"),
        Example("Pour un tableur, en CSV", f"{rows}.csv?limit=1000"),
        Example("Ce qui a changé", f"{ROOT}/{schema.slug}/changes?limit=100"),
        Example("La table entière", f"{ROOT}/{schema.slug}.csv"),
    ]
    return tuple(told)


def _by_value(schema: Schema, rows: str, sample: Sample) -> list[Example]:
    """A filter on a yes or no, a sort and a sum on a number, when there are such columns."""
    columns = own_columns(schema)
    found = []
    truth = _first(columns, Kind.BOOLEAN)
    if truth and sample.truth:
        said = {"true": "vrai", "false": "faux"}[sample.truth]
        path = f"{rows}?{truth.name}={sample.truth}"
        found.append(Example(f"Celles dont « {truth.title} » est {said}", path))
    place = schema.position
    degrees = {place.longitude, place.latitude} if place else set()
    number = _first([each for each in columns if each.name not in degrees], Kind.INTEGER)
    if number:
        found.append(Example(f"De la plus grande valeur de « {number.title} » à la plus petite",
                             f"{rows}?sort=-{number.name}&limit=10"))  # fmt: skip
        found.append(Example(f"Somme de « {number.title} » par commune",
                             f"{rows}?group_by={COMMUNE}&sum={number.name}"))  # fmt: skip
    return found


def _first(columns: tuple[Column, ...] | list[Column], kind: Kind) -> Column | None:
    return next((each for each in columns if each.kind is kind), None)
