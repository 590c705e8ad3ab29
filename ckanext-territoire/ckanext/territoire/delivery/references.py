"""What rows are compared with: the official list of communes, and the outlines of the members."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa
from ckan import model

from ckanext.territoire import config
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.territory import members
from ckanext.territoire.territory.cog import load_cog
from harvesters.errors import Refused
from harvesters.table.received import Commune, References

OUTLINES = """
    SELECT insee, ST_AsBinary(outline) AS outline FROM territoire_commune
     WHERE outline IS NOT NULL AND insee = ANY(:codes)
"""


@kept_a_minute
def references() -> References:
    """Answer the references, at most a minute old; without the official list, the members alone."""
    codes = [each.insee for each in members.members()]
    known = set(codes)
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(OUTLINES), {"codes": codes}).all()
    outlines = {row.insee: bytes(row.outline) for row in rows}
    official = _official(config.cog_dir())
    if not official:
        own = tuple(Commune(each.insee, each.name, True) for each in members.members())
        pairs = {(postcode, c.insee) for c in members.members() for postcode in c.postcodes}
        return References(own, frozenset(pairs), outlines)
    communes = tuple(Commune(insee, name, insee in known) for insee, name, _ in official)
    pairs = {(postcode, insee) for insee, _, postcodes in official for postcode in postcodes}
    return References(communes, frozenset(pairs), outlines)


@lru_cache(maxsize=1)
def _official(folder: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """INSEE code, name and postcodes of every commune of France; read once a process."""
    try:
        cog = load_cog(folder)
    except Refused:
        return ()
    return tuple(
        (insee, entry["nom"].replace("'", "’"), tuple(entry.get("codesPostaux", ())))
        for insee, entry in cog.communes.items()
    )
