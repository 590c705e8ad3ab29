"""Propose the schemas that somebody may have meant: by their slug, the words of their title, then
those of their description."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from schemas.model import Schema
from schemas.vocabulary import plain

LIMIT = 3


def near_slugs(wanted: str, schemas: Iterable[Schema]) -> tuple[str, ...]:
    """List at most three slugs that are close to a name, best first.

    >>> from schemas.load import latest
    >>> near_slugs("stationement", [latest("stationnement-hors-voirie")])
    ('stationnement-hors-voirie',)
    >>> near_slugs("parkings", [latest("stationnement-hors-voirie")])
    ('stationnement-hors-voirie',)
    """
    asked = plain(wanted.partition("/")[0])
    schemas = tuple(schemas)
    spellings: dict[str, list[str]] = {}
    for schema in schemas:
        for word in (plain(schema.slug), plain(schema.title), *plain(schema.title).split()):
            spellings.setdefault(word, []).append(schema.slug)
    close = difflib.get_close_matches(asked, list(spellings), n=4 * LIMIT, cutoff=0.7)
    inside = [word for word in spellings if len(asked) > 2 and asked in word]
    found = [slug for word in (*close, *inside) for slug in spellings[word]]
    if len(asked) > 3:
        word = asked.rstrip("s")
        found += [each.slug for each in schemas if word in plain(each.description)]
    return tuple(dict.fromkeys(found))[:LIMIT]
