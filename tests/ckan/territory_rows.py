"""Four communes with square outlines, written straight into the table of communes."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ckanext.territoire import minute

# Acigné, Betton, Rennes, and the two Saint-Gilles (Ille-et-Vilaine, Manche).
COMMUNES = {
    "35001": ("Acigné", -1.55, 48.13),
    "35024": ("Betton", -1.65, 48.18),
    "35238": ("Rennes", -1.70, 48.10),
    "35275": ("Saint-Gilles", -1.83, 48.15),
    "50483": ("Saint-Gilles", -1.17, 49.10),
}
INSERT = sa.text(
    "INSERT INTO territoire_commune (insee, name, outline)"
    " VALUES (:insee, :name, ST_MakeEnvelope(:x, :y, :x + 0.05, :y + 0.05, 4326))"
)


def write_communes() -> None:
    """Replace the communes by ours and forget what was kept of the others."""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM territoire_commune"))
        for insee, (name, x, y) in COMMUNES.items():
            connection.execute(INSERT, {"insee": insee, "name": name, "x": x, "y": y})
    minute.forget()
