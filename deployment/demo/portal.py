"""A CKAN portal of the demo: `package_search` and its files. About sixty datasets of communes.

The answers follow CKAN API 3; as many portals do, a page never holds more than 25 datasets
whatever `rows` asks.
"""

from __future__ import annotations

import re
import uuid
from functools import cache
from typing import Any

from deployment.demo.answer import Answer, Asked, file_answer, json_answer, not_found, page
from deployment.demo.files import to_csv, to_geojson
from deployment.demo.tables import MARK, Place, Topic, load_places, load_topics, make_rows

ROWS_MAX = 25
NAMESPACE = uuid.UUID("b2a5d1a0-7c0e-5b5e-9d0f-3c1f2e4d5a6b")
LICENCES = (("lov2", "Licence Ouverte 2.0"), ("odc-odbl", "Open Database License (ODbL)"))
OF_FOLDERS = {"parkings", "defibrillateurs", "arbres", "deliberations", "horaires-services"}
COMMUNES_A_TOPIC = 3


@cache
def entries() -> dict[str, tuple[Topic, Place]]:
    """Say which commune publishes what: each topic by three communes, in turn."""
    places = list(load_places().values())
    found = {}
    turn = 0
    for topic in load_topics().values():
        if topic.slug in OF_FOLDERS:
            continue
        for _ in range(COMMUNES_A_TOPIC):
            place = places[(turn * 7) % len(places)]
            found[f"{topic.slug}-{place.insee}"] = (topic, place)
            turn += 1
    return found


def _package(name: str, topic: Topic, place: Place, site: str) -> dict[str, Any]:
    number = list(entries()).index(name)
    licence, label = LICENCES[number % 2]
    files = f"{site}/portail/fichiers/{name}"
    has_points = "longitude" in topic.columns
    shapes = ("csv", "geojson") if has_points else ("csv",)
    return {
        "id": str(uuid.uuid5(NAMESPACE, name)),
        "name": name,
        "title": f"{topic.title} – {place.name}",
        "notes": f"<p>{topic.notes}</p><p>Jeu de <em>{MARK}</em>, commune de {place.name}.</p>",
        "type": "dataset",
        "state": "active",
        "private": False,
        "license_id": licence,
        "license_title": label,
        "metadata_created": f"2026-0{1 + number % 9}-11T08:00:00.000000",
        "metadata_modified": f"2026-10-{1 + number % 28:02d}T08:00:00.000000",
        "maintainer": f"Commune de {place.name}",
        "maintainer_email": f"opendata@{_slug(place.name)}.example",
        "organization": {"name": _slug(place.name), "title": f"Commune de {place.name}"},
        "groups": [{"name": _slug(topic.theme), "title": topic.theme}],
        "tags": [{"name": tag, "display_name": tag} for tag in topic.tags],
        "extras": [
            {"key": "frequency", "value": topic.frequency},
            {"key": "communes", "value": f'["{place.insee}"]'},
        ],
        "resources": [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{name}.{shape}")),
                "url": f"{files}.{shape}",
                "name": f"{topic.title} ({'tableau' if shape == 'csv' else 'carte'})",
                "format": shape.upper() if shape == "csv" else "GeoJSON",
                "mimetype": None,
                "size": None,
            }
            for shape in shapes
        ],
    }


def _slug(name: str) -> str:
    from schemas.vocabulary import plain

    return plain(name).replace(" ", "-")


def answer(asked: Asked) -> Answer:
    """Answer below `/portail/`."""
    path = asked.path.removeprefix("/portail").rstrip("/")
    if path == "":
        found = '<meta name="generator" content="CKAN 2.11"><p>Portail de démonstration.</p>'
        return page("Portail de démonstration", found)
    if path == "/api/3/action/package_search":
        return _search(asked)
    name, _, shape = path.removeprefix("/fichiers/").rpartition(".")
    if path.startswith("/fichiers/") and name in entries() and shape in ("csv", "geojson"):
        return _file(name, shape)
    return not_found()


def _search(asked: Asked) -> Answer:
    wanted = re.search(r"organization:([\w-]+)", asked.query.get("fq", ""))
    names = sorted(entries())
    if wanted:
        names = [name for name in names if _slug(entries()[name][1].name) == wanted[1]]
    try:
        first, rows = int(asked.query.get("start", 0)), int(asked.query.get("rows", 10))
    except ValueError:
        return json_answer({"success": False, "error": {"message": "start, rows"}}, 409)
    chosen = names[first : first + max(0, min(rows, ROWS_MAX))]
    results = [_package(name, *entries()[name], asked.site) for name in chosen]
    return json_answer({"success": True, "result": {"count": len(names), "results": results}})


def _file(name: str, shape: str) -> Answer:
    rows = make_rows(*entries()[name])
    if shape == "csv":
        return file_answer("x.csv", to_csv(rows))
    return file_answer("x.geojson", to_geojson(rows)) if "longitude" in rows[0] else not_found()
