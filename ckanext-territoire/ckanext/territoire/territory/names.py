"""Page addresses of communes and EPCI: readable, stable, unique."""

from __future__ import annotations

import re
from collections.abc import Collection

from schemas.vocabulary import plain

MAX_LENGTH = 90
# CKAN keeps these words for its own pages
RESERVED = frozenset({"new", "edit", "search"})


def slug(name: str) -> str:
    """Make a page address of a name.

    >>> slug("L’Haÿ-les-Roses"), slug("Œuilly"), slug("CC du Pays Noyonnais")
    ('l-hay-les-roses', 'oeuilly', 'cc-du-pays-noyonnais')
    """
    letters = name.casefold().replace("œ", "oe").replace("æ", "ae")
    return plain(letters).replace(" ", "-")[:MAX_LENGTH].strip("-")


def free_slug(name: str, code: str, taken: Collection[str]) -> str:
    """Make an address that nobody has: the name, else the name and its official code.

    >>> free_slug("Y", "80829", ()), free_slug("Saint-Gilles", "35275", {"saint-gilles"})
    ('y-80829', 'saint-gilles-35275')
    """
    short = slug(name)
    if len(short) >= 2 and short not in RESERVED and short not in taken:
        return short
    return f"{short}-{code}" if code else _numbered(short, taken)


def spelling(name: str) -> str:
    """Reduce a way of writing a commune to what two spellings of it share.

    >>> spelling("St Jacques de la Lande") == spelling("Saint-Jacques-de-la-Lande")
    True
    >>> spelling("Mairie de L’Hermitage")
    'l hermitage'
    """
    words = plain(name.replace("œ", "oe").replace("Œ", "oe"))
    words = re.sub(r"^(?:ville|mairie|commune) (?:de |d |du (?=\w))", "", words)
    return re.sub(r"\b(?:s(t)e|st)\b", lambda hit: "sainte" if hit[1] else "saint", words)


def of(name: str) -> str:
    """Say « of » before the name of a commune or an EPCI.

    >>> of("Acigné"), of("Le Rheu"), of("Rennes Métropole"), of("L’Hermitage")
    ('d’Acigné', 'du Rheu', 'de Rennes Métropole', 'de L’Hermitage')
    >>> of("Communauté urbaine d’Arras"), of("Les Mureaux"), of("Métropole de Lyon")
    ('de la Communauté urbaine d’Arras', 'des Mureaux', 'de la Métropole de Lyon')
    """
    for article, said in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return said + name.removeprefix(article)
    if name.startswith(("Communauté ", "Métropole ")):
        return f"de la {name}"
    return f"d’{name}" if plain(name)[:1] in set("aeiou") else f"de {name}"


def _numbered(short: str, taken: Collection[str]) -> str:
    number = 2
    while f"{short}-{number}" in taken:
        number += 1
    return f"{short}-{number}"
