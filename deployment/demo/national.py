"""A national catalogue of the demo, as udata answers: organisations with their SIRET, datasets.

One organisation shows what the demo portal holds (harvested from it), one the files of a web
folder that is harvested too, two have datasets of their own, one has none; the others are
strangers to the territory.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from deployment.demo import folders, portal
from deployment.demo.answer import Answer, Asked, file_answer, json_answer, not_found, page
from deployment.demo.files import to_csv
from deployment.demo.tables import MARK, Place, load_places, load_topics, make_rows

ROOT = "/national"
EPCI, EPCI_SIREN = "fr:epci:243500139", "243500139"
PAGE_MAX = 20
HARVESTED = 24
OWN_TOPICS = ("defibrillateurs", "horaires-services", "deliberations", "parkings")


@dataclass(frozen=True, slots=True)
class Shown:
    """One dataset of the catalogue. `url` is its file, `harvest` the page it comes from."""

    slug: str
    title: str
    url: str
    shape: str
    zone: str
    harvest: str = ""


@dataclass(frozen=True, slots=True)
class Producer:
    """One organisation."""

    slug: str
    name: str
    siren: str
    datasets: tuple[Shown, ...] = field(default=())


@cache
def producers(site: str) -> dict[str, Producer]:
    """Make the organisations and what they show, addresses on this server."""
    places = load_places()
    found = [
        Producer("ministere-de-demonstration", "Ministère de démonstration", "110000023"),
        Producer("rennes-metropole", "Rennes Métropole", EPCI_SIREN, _harvested(site)),
        _of_commune(places["35024"], _of_folder("betton", places["35024"], site)),
        *(_of_commune(places[code], _own(places[code], site)) for code in ("35352", "35196")),
        _of_commune(places["35139"], ()),
    ]
    return {each.slug: each for each in found}


def _of_commune(place: Place, datasets: tuple[Shown, ...]) -> Producer:
    slug = f"commune-de-{_slug(place.name)}"
    return Producer(slug, f"Commune de {place.name}", place.siren, datasets)


def _slug(name: str) -> str:
    from schemas.vocabulary import plain

    return plain(name).replace(" ", "-")


def _harvested(site: str) -> tuple[Shown, ...]:
    return tuple(
        Shown(name, f"{topic.title} – {place.name}", f"{site}/portail/fichiers/{name}.csv", "csv",
              EPCI, f"{site}/portail/dataset/{name}")
        for name, (topic, place) in sorted(portal.entries().items())[:HARVESTED]
    )  # fmt: skip


def _of_folder(folder: str, place: Place, site: str) -> tuple[Shown, ...]:
    return tuple(
        Shown(f"{folder}-{number}", f"{name.rsplit('/', 1)[-1]} – {place.name}",
              f"{site}/communes/{folder}/{quote(name)}", name.rsplit(".", 1)[-1],
              f"fr:commune:{place.insee}")
        for number, name in enumerate(sorted(folders.files_of(folder)))
    )  # fmt: skip


def _own(place: Place, site: str) -> tuple[Shown, ...]:
    return tuple(
        Shown(f"{topic}-{place.insee}", f"{load_topics()[topic].title} – {place.name}",
              f"{site}{ROOT}/fichiers/{topic}-{place.insee}.csv", "csv",
              f"fr:commune:{place.insee}")
        for topic in OWN_TOPICS
    )  # fmt: skip


def siret_of(siren: str) -> str:
    """Make the SIRET of the first establishment: an order number and its key (Luhn)."""
    body = f"{siren}0001"
    total = sum(
        sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body))
    )
    return f"{body}{-total % 10}"


def _id(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:24]


def _organization(each: Producer, site: str) -> dict[str, Any]:
    return {
        "id": _id(each.slug), "name": each.name, "slug": each.slug, "acronym": None,
        "business_number_id": siret_of(each.siren), "deleted": None,
        "page": f"{site}{ROOT}/organizations/{each.slug}/",
        "metrics": {"datasets": len(each.datasets)},
    }  # fmt: skip


def _dataset(shown: Shown, owner: Producer, site: str) -> dict[str, Any]:
    harvest = {"backend": "CKAN", "remote_url": shown.harvest, "remote_id": shown.slug}
    return {
        "id": _id(shown.slug), "slug": shown.slug, "title": shown.title,
        "description": f"Jeu de {MARK}.", "license": "lov2", "frequency": "annual",
        "created_at": "2026-02-03T08:00:00+00:00", "last_modified": "2026-10-12T08:00:00+00:00",
        "last_update": "2026-10-12T08:00:00+00:00", "private": False, "deleted": None,
        "archived": None, "tags": ["demonstration"],
        "page": f"{site}{ROOT}/datasets/{shown.slug}/",
        "spatial": {"zones": [shown.zone], "granularity": "other", "geom": None},
        "organization": {"id": _id(owner.slug), "name": owner.name, "slug": owner.slug},
        "harvest": harvest if shown.harvest else None,
        "resources": [
            {"id": _id(shown.url), "title": shown.title, "type": "main", "filetype": "remote",
             "format": shown.shape, "url": shown.url, "latest": shown.url, "filesize": None,
             "mime": None, "last_modified": "2026-10-12T08:00:00+00:00", "schema": None}
        ],
    }  # fmt: skip


def answer(asked: Asked) -> Answer:
    """Answer below `/national/`."""
    path = asked.path.removeprefix(ROOT).rstrip("/")
    known = producers(asked.site)
    if path == "":
        return page("Catalogue national de démonstration", f"<p>{MARK}</p>")
    if path.startswith("/fichiers/"):
        return _file(path.removeprefix("/fichiers/"))
    steps = path.split("/")[1:]
    if steps[:3] == ["api", "1", "datasets"] and len(steps) == 3:
        return _datasets(asked, list(known.values()))
    if steps[:3] != ["api", "1", "organizations"]:
        return not_found()
    if len(steps) == 3:
        return _listed(asked, [_organization(each, asked.site) for each in known.values()])
    owner = next((o for o in known.values() if steps[3] in (o.slug, _id(o.slug))), None)
    if owner is None:
        return not_found()
    is_list = steps[4:] == ["datasets"]
    return _datasets(asked, [owner]) if is_list else json_answer(_organization(owner, asked.site))


def _datasets(asked: Asked, owners: list[Producer]) -> Answer:
    wanted, zone = asked.query.get("organization"), asked.query.get("geozone")
    return _listed(
        asked,
        [
            _dataset(shown, owner, asked.site)
            for owner in owners
            if not wanted or wanted in (owner.slug, _id(owner.slug))
            for shown in owner.datasets
            if not zone or zone == shown.zone
        ],
    )


def _listed(asked: Asked, items: list[dict[str, Any]]) -> Answer:
    """One page of a list, with the address of the next one."""
    number = max(1, int(asked.query.get("page", 1)))
    size = max(1, min(int(asked.query.get("page_size", PAGE_MAX)), PAGE_MAX))
    query = urlencode({**asked.query, "page": number + 1, "page_size": size})
    has_more = number * size < len(items)
    return json_answer({
        "data": items[(number - 1) * size : number * size],
        "page": number, "page_size": size, "total": len(items), "previous_page": None,
        "next_page": f"{asked.site}{asked.path}?{query}" if has_more else None,
    })  # fmt: skip


def _file(name: str) -> Answer:
    topic, _, insee = name.removesuffix(".csv").rpartition("-")
    place = load_places().get(insee)
    if place is None or topic not in OWN_TOPICS:
        return not_found()
    return file_answer("x.csv", to_csv(make_rows(load_topics()[topic], place)))
