"""Names of new datasets: readable, at most 100 characters, held by nobody, chosen for a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ckan import model
from ckan.lib.munge import munge_title_to_name
from sqlalchemy import text

LONGEST = 90


def choose_names(titles: Mapping[str, str]) -> dict[str, str]:
    """Choose a free name for each dataset id from its title, in one statement."""
    wished = {key: _wish(title) for key, title in titles.items()}
    taken = _taken(sorted(set(wished.values())))
    chosen = {}
    for key, wish in wished.items():
        name, number = wish, 1
        while name in taken:
            number += 1
            name = f"{wish}-{number}"
        taken.add(name)
        chosen[key] = name
    return chosen


def _wish(title: str) -> str:
    name = munge_title_to_name(title)[:LONGEST].strip("-_")
    return name if len(name) >= 2 else f"jeu-{name or 'sans-nom'}"


def _taken(wishes: Sequence[str]) -> set[str]:
    """Read the names that are a wish, or a wish with a number; old addresses stay taken too."""
    query = text("""
        SELECT name FROM package
         WHERE name = ANY(:wishes) OR regexp_replace(name, '-[0-9]+$', '') = ANY(:wishes)
        UNION SELECT old_name FROM territoire_old_address WHERE old_name = ANY(:wishes)
    """)
    return {row.name for row in model.Session.execute(query, {"wishes": list(wishes)})}
