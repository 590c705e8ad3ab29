"""The public page on who publishes what: by table, by commune, on the map. No blame, no detail."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, request

from ckanext.territoire.delivery.merged import load_merged
from ckanext.territoire.portal.matrix_words import PUBLIC_STATES
from ckanext.territoire.portal.typography import count, number
from schemas.load import latest
from schemas.vocabulary import plain

progress = Blueprint("territoire_progress", __name__)
Data = Mapping[str, Any]
LEVELS = 3
# how a state is coloured on the map: the more is published, the darker
OF_STATE = {"fine": 3, "stale": 2, "underway": 1, "absent": 0}


@progress.route("/suivi")
def index() -> str:
    """Every table and every commune, or one table with its communes."""
    shown = toolkit.get_action("territoire_matrix_public")({}, {})
    slugs = [column["slug"] for column in shown["columns"]]
    slug = request.args.get("theme", "")
    rows = sorted(shown["rows"], key=lambda row: plain(row["name"]))
    if slug in slugs:
        return _one(shown, rows, slugs.index(slug))
    total = len(slugs)
    says = {
        row["insee"]: f"{row['name']} : {count(row['published'], 'tableau', 'tableaux')}"
        f" sur {number(total)}"
        for row in rows
    }
    return toolkit.render("territoire/progress.html", {
        "columns": sorted(shown["columns"], key=lambda c: (-c["published"], plain(c["title"]))),
        "rows": rows,
        "classes": {row["insee"]: f"is-level-{level(row['published'], total)}" for row in rows},
        "says": says,
        "legend": legend(total),
    })  # fmt: skip


def _one(shown: Data, rows: list[Data], place: int) -> str:
    column = shown["columns"][place]
    states = {each.key: each for each in PUBLIC_STATES}
    of_commune = {row["insee"]: states[row["states"][place]] for row in rows}
    return toolkit.render("territoire/progress_theme.html", {
        "column": column,
        "columns": sorted(shown["columns"], key=lambda each: plain(each["title"])),
        "schema": latest(column["slug"]),
        "dataset": _dataset(column["slug"]),
        "rows": rows,
        "states": of_commune,
        "legend": [(OF_STATE[each.key], each) for each in PUBLIC_STATES],
        "classes": {insee: f"is-level-{OF_STATE[s.key]}" for insee, s in of_commune.items()},
        "says": {row["insee"]: f"{row['name']} : {of_commune[row['insee']].label}" for row in rows},
    })  # fmt: skip


def level(found: int, total: int) -> int:
    """Say how dark a commune is: 0 for nothing, then by thirds.

    >>> [level(n, 14) for n in (0, 1, 5, 14)]
    [0, 1, 2, 3]
    """
    return min(-(-found * LEVELS // total), LEVELS) if total else 0


def legend(total: int) -> list[tuple[int, str]]:
    """Say what each level means.

    >>> legend(14)
    [(0, 'aucun'), (1, '1 à 4'), (2, '5 à 9'), (3, '10 à 14')]
    """
    bounds = [step * total // LEVELS for step in range(LEVELS + 1)]
    ranges = [
        f"{low + 1} à {high}" if high > low + 1 else str(high)
        for low, high in itertools.pairwise(bounds)
        if high > low
    ]
    return list(enumerate(["aucun", *ranges]))


def _dataset(slug: str) -> Data | None:
    """The merged dataset of a table, if the reader may see it."""
    merged = load_merged(slug)
    try:
        context = {"user": toolkit.g.user}
        found = merged and toolkit.get_action("package_show")(context, {"id": merged.dataset_id})
        return found or None
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return None
