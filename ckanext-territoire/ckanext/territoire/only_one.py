"""The right to do something alone, in all processes of the site, freed when its process dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ckan import model
from sqlalchemy import text

TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
FREE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Hold the only right to do what `name` names. `False`: another one has it."""
    values = {"name": f"territoire:{name}"}
    with model.meta.engine.connect() as connection:
        taken = bool(connection.execute(TAKE, values).scalar())
        connection.commit()
        try:
            yield taken
        finally:
            if taken:
                connection.execute(FREE, values)
                connection.commit()
