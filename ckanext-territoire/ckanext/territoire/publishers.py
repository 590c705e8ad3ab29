"""The organisations that publish, for the catalogue: one query a minute, not one a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute

QUERY = """
    SELECT id, name, title, extras FROM "group"
    WHERE is_organization AND state = 'active'
"""


@dataclass(frozen=True, slots=True)
class Publisher:
    """An organisation: `siren` and `insee` are `""` when it has none."""

    id: str
    name: str
    title: str
    kind: str = ""
    siren: str = ""
    insee: str = ""

    @property
    def is_local_authority(self) -> bool:
        return self.kind in {"epci", "commune"}


@kept_a_minute
def publishers() -> Mapping[str, Publisher]:
    """Answer the organisations by id, at most a minute old."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(QUERY)).all()
    return {
        row.id: Publisher(
            row.id,
            row.name,
            row.title or row.name,
            *((row.extras or {}).get(key) or "" for key in ("kind", "siren", "insee")),
        )
        for row in rows
    }


def find(id_or_name: object) -> Publisher | None:
    """Look an organisation up by its id or its name."""
    known = publishers()
    if isinstance(id_or_name, str):
        by_name = (publisher for publisher in known.values() if publisher.name == id_or_name)
        return known.get(id_or_name) or next(by_name, None)
    return None
