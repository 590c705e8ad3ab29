"""What a geographic record describes: data, or something that shows or serves them.

The levels are those of ISO 19115 (`MD_ScopeCode`), also used by OGC API Records (`type`), and
`map`, `interactiveMap` that GeoNetwork adds. The rule:

- **data**: a dataset, a series (a lot that is downloaded whole), data without geography, or a
  record that does not say (the norm then means a dataset);
- **service**: a WMS, a WFS… It is data only when it names none and gives layers to read: the
  sheet of a service that says which data it serves repeats what their own sheets say;
- **other**: a map, an application, a document, a feature catalogue: not data, left out and told.
"""

from __future__ import annotations

import re
from enum import Enum


class Level(Enum):
    """What a record describes."""

    DATA = "data"
    SERVICE = "service"
    OTHER = "other"


DATA = frozenset(
    "dataset series nongeographicdataset tile coverage feature attribute sample "
    "collectionhardware featurecollection collection datacollection".split()
)
SAID = {
    "service": "un service",
    "map": "une carte",
    "interactivemap": "une carte interactive",
    "staticmap": "une carte",
    "application": "une application",
    "software": "un logiciel",
    "document": "un document",
    "publication": "un document",
    "featurecatalogue": "un dictionnaire de données",
    "featuretype": "un type d’objets",
    "model": "un modèle",
}


def level_of(code: str) -> Level:
    """Say what a level is, however it is written; none means data.

    >>> level_of("nonGeographicDataset"), level_of("http://purl.org/dc/dcmitype/Dataset")
    (<Level.DATA: 'data'>, <Level.DATA: 'data'>)
    >>> level_of("interactiveMap")
    <Level.OTHER: 'other'>
    """
    word = _word(code)
    if not word or word in DATA:
        return Level.DATA
    return Level.SERVICE if word == "service" else Level.OTHER


def say_level(code: str) -> str:
    """Say a level in French, « un service » for instance."""
    return SAID.get(_word(code), f"« {code[:40]} »")


def _word(code: str) -> str:
    return re.split(r"[/#:]", code.strip().rstrip("/"))[-1].lower()
