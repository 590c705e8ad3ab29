"""A catalogue that speaks OGC API – Records: pygeoapi, GeoNetwork, pycsw 3.

JSON: `/collections` lists catalogues (`itemType` `record`); `/collections/{id}/items` answers a
GeoJSON `FeatureCollection` of records (`id`, `geometry`, `time`, `links`, and in `properties`
`type title description…`) with `numberMatched` and a link `next`. Data are published; services,
maps and documents are left out and told (the rule stands in `harvesters.map.level`).
Source: OGC 20-004r1, OGC API – Records, Part 1: Core; the drafts that pygeoapi still follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from harvesters.map.answer import an_object, named, next_page, objects, read_json, unread_fields
from harvesters.map.ogc_record import to_dataset as to_record_dataset
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Response,
    Setting,
    Source,
)
from schemas.values import to_web_address

ROWS = 100
COLLECTIONS = "/collections"
ACCEPT = (("Accept", "application/geo+json, application/json"),)
OURS = ("f", "limit", "offset", "startindex", "bbox", "q")
READ = frozenset(
    "type title description keywords themes contacts license rights formats language languages "
    "resourceLanguages created updated externalIds externalId extent time datetime "
    "recordUpdated recordCreated associations providers record-created record-updated "
    "conformsTo status frequency accrualPeriodicity".split()
)


def _place(config: Config) -> tuple[str, str, str]:
    """The root of the service, the collection that the address names, and what it asks more."""
    parts = urlsplit(config.url.strip().split("#")[0])
    root, _, below = parts.path.rstrip("/").partition(COLLECTIONS)
    collection = below.strip("/").split("/")[0] or quote(config.get("collection"), safe=":")
    kept = [(k, v) for k, v in parse_qsl(parts.query, max_num_fields=100) if k.lower() not in OURS]
    return urlunsplit((*parts[:2], root.rstrip("/"), "", "")), collection, urlencode(kept)


def _items(root: str, collection: str, more: str) -> Request:
    query = urlencode({"f": "json", "limit": ROWS}) + (f"&{more}" if more else "")
    return Request(f"{root}{COLLECTIONS}/{collection}/items?{query}", headers=ACCEPT)


def start(config: Config) -> Request:
    root, collection, more = _place(config)
    if collection:
        return _items(root, collection, more)
    return Request(f"{root}{COLLECTIONS}?f=json", headers=ACCEPT)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    answer = an_object(body)
    if isinstance(answer.get("collections"), list):
        return _choose(response, objects(answer["collections"]), config)
    if not isinstance(answer.get("features"), list):
        found = "une réponse qui n’est pas d’OGC API – Records"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    first = int(response.request.context.get("read", 0))
    lost = int(response.request.context.get("lost", 0))
    features = objects(answer["features"])
    records, issues = named(
        Record(str(f.get("id") or ""), f, f"fiche {n}") for n, f in enumerate(features, first + 1)
    )
    lost += len(issues)
    following = _following(response, answer, {"read": first + len(features), "lost": lost})
    matched = answer.get("numberMatched")
    if first == 0:
        fields = (key for f in features for key in an_object(f.get("properties")))
        issues += unread_fields(READ, fields)
    if isinstance(following, Issue):
        issues += (following,)
    return Page(
        records,
        (following,) if isinstance(following, Request) and features else (),
        max(matched - lost, 0) if isinstance(matched, int) else None,
        issues,
    )


def _following(
    response: Response, answer: Mapping[str, Any], context: Mapping[str, Any]
) -> Request | Issue | None:
    """The next page as JSON, of the links that some servers give once a format."""
    links = [link for link in objects(answer.get("links")) if link.get("rel") == "next"]
    links.sort(key=lambda link: "json" not in str(link.get("type") or "json"))
    if not links:
        return None
    found = next_page(response, links[0].get("href"), context)
    return found if isinstance(found, Issue) else Request(found.url, found.role, ACCEPT, context)


def _choose(response: Response, collections: list[dict[str, Any]], config: Config) -> Page:
    """Read the only catalogue of a server; several are told, so that the officer chooses."""
    names = [str(c.get("id") or "") for c in collections if c.get("itemType") == "record"]
    names = [name for name in names if name]
    root, _, more = _place(config)
    if len(names) == 1:
        return Page(next_requests=(_items(root, quote(names[0], safe=":"), more),))
    if names:
        return Page(issues=(Issue("TER-VAL-065", response.url, ", ".join(names)[:280]),))
    others = ", ".join(str(c.get("id") or "") for c in collections)[:280] or "aucune collection"
    return Page(issues=(Issue("TER-VAL-066", response.url, others),))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    return to_record_dataset(record, _page(record, config))


def _page(record: Record, config: Config) -> str:
    """The address of the record here, which shows a page to a browser."""
    root, collection, _ = _place(config)
    links = objects(record.payload.get("links"))
    own = next((str(link.get("href") or "") for link in links if link.get("rel") == "self"), "")
    usual = f"{root}{COLLECTIONS}/{collection}/items/{quote(record.remote_id, safe='')}"
    return to_web_address(usual if collection else own.split("?")[0]) or ""


def looks_like(response: Response) -> bool:
    answer = an_object(read_json(response))
    collections = objects(answer.get("collections"))
    if any(collection.get("itemType") == "record" for collection in collections):
        return True
    first = next(iter(objects(answer.get("features"))), {})
    about = an_object(first.get("properties"))
    return bool(about.get("title") and about.get("type") and objects(first.get("links")))


SOURCE = Source(
    kind="ogc_records",
    label_fr="Catalogue OGC API – Records",
    description_fr="Un catalogue pygeoapi, ou le catalogue OGC API d’un GeoNetwork récent.",
    example_url="https://geo.exemple.fr/ogcapi/collections/catalogue",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "collection",
            "Catalogue",
            "Celui à lire, quand le serveur en a plusieurs : son nom court.",
        ),
    ),
    usual_paths=("collections",),
)
