"""Recognise a table schema by its national name: « etalab/schema-stationnement », version 0.1.5.

A portal names the schema of a file as schema.data.gouv.fr does. Ours is looked up by the origin
that it states; the version asked for is taken when we hold it, else the newest, because the rows
are checked either way and a file of another version is better judged than not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from schemas.load import find, latest, load, slugs

# names that schema.data.gouv.fr gave up
FORMER = {"etalab/schema-irve": "etalab/schema-irve-statique"}
ADDRESS = re.compile(
    r"schema\.data\.gouv\.fr/(?:schemas/)?([\w.-]+/[\w.-]+)(?:/v?(\d[\w.]*|latest))?(?:/|$)"
)


@cache
def _national_names() -> Mapping[str, str]:
    return {
        latest(slug).origin.name.lower(): slug
        for slug in slugs()
        if "/" in latest(slug).origin.name
    }


def table_schema_of(name: str, version: str = "", url: str = "") -> str:
    """Answer « slug/version » of the schema with this national name or address, `""` if unknown.

    >>> table_schema_of("etalab/schema-stationnement", "0.1.5")
    'stationnement-hors-voirie/0.1.5'
    >>> table_schema_of("", url="https://schema.data.gouv.fr/schemas/scdl/budget/latest/schema.json")
    'budget/0.8.3'
    >>> table_schema_of("etalab/schema-zfe")
    ''
    """
    stands = ADDRESS.search(url)
    if not name and stands:
        name, version = stands[1], version or stands[2] or ""
    word = name.strip().lower()
    if not word:
        return ""
    slug = _national_names().get(FORMER.get(word, word))
    if slug is None:
        ours = find(word)
        return ours.id if ours else ""
    told = version.strip().removeprefix("v")
    return load(slug, told).id if told in slugs()[slug] else latest(slug).id
