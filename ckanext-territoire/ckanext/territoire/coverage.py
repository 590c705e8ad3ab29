"""The communes that datasets can be about: their names, and their outlines as a coverage.

Reads `territoire_commune` at most once a minute in each process, on its own
connection, so that a form or a batch of ten thousand datasets costs one query.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute
from schemas.vocabulary import plain

# About 50 m: enough to find and to draw, a hundred times lighter than the outline itself.
TOLERANCE_DEGREES = 0.0005
GRID_DEGREES = 0.00001


@dataclass(frozen=True, slots=True)
class Communes:
    """The communes of the territory: INSEE code to name, and spellings to codes."""

    names: Mapping[str, str]
    spellings: Mapping[str, tuple[str, ...]]

    def resolve(self, spelling: str) -> tuple[str, ...]:
        """Find the codes that a code or a name stands for: none, one, or several homonyms."""
        if spelling in self.names:
            return (spelling,)
        return self.spellings.get(plain(spelling), ())

    def of_here(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Keep the codes of the territory; all of them when none is, for the form to say so."""
        return tuple(code for code in codes if code in self.names) or tuple(codes)

    def near(self, spelling: str, limit: int = 3) -> list[str]:
        """Propose communes as « Name (code) », closest first."""
        choices = [*self.spellings, *self.names]
        found = difflib.get_close_matches(plain(spelling), choices, n=limit, cutoff=0.6)
        codes = [code for choice in found for code in self.spellings.get(choice, (choice,))]
        return [f"{self.names[code]} ({code})" for code in dict.fromkeys(codes)]


@kept_a_minute
def communes() -> Communes:
    """Answer the communes, at most a minute old."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT insee, name FROM territoire_commune ORDER BY name")
        )
        names = {row.insee: row.name for row in rows}
    spellings: dict[str, tuple[str, ...]] = {}
    for code, name in names.items():
        spellings[plain(name)] = (*spellings.get(plain(name), ()), code)
    return Communes(names, spellings)


@kept_a_minute
def coverage(codes: tuple[str, ...]) -> str:
    """Draw the communes as one GeoJSON geometry; `""` when no outline is known.

    The member `communes` says that the geometry was made here, and from which
    codes: a coverage drawn by someone else has none and is never replaced.
    """
    outlines = _outlines()
    known = [outlines[code] for code in codes if code in outlines]
    if not known:
        return ""
    union = shapely.union_all([shapely.make_valid(outline) for outline in known])
    drawn = shapely.set_precision(union.simplify(TOLERANCE_DEGREES), GRID_DEGREES)
    return json.dumps({**shapely.geometry.mapping(drawn), "communes": list(codes)})


def is_drawn_here(geometry: str | dict[str, object]) -> bool:
    """Tell whether a coverage was drawn from communes, and follows them."""
    return '"communes"' in geometry if isinstance(geometry, str) else "communes" in geometry


@kept_a_minute
def _outlines() -> dict[str, shapely.Geometry]:
    query = sa.text(
        "SELECT insee, ST_AsBinary(ST_SimplifyPreserveTopology(outline, :tolerance)) AS outline"
        " FROM territoire_commune WHERE outline IS NOT NULL"
    )
    with model.meta.engine.connect() as connection:
        rows = connection.execute(query, {"tolerance": TOLERANCE_DEGREES})
        return {row.insee: shapely.from_wkb(bytes(row.outline)) for row in rows}
