"""An ArcGIS Hub or Open Data site: its DCAT-US 1.1 feed, or its search API.

Feed: `{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [{…}]}`, whole in
one answer, with the downloads of each dataset (`harvesters.map.dcat_us`). Search: GeoJSON features
(`id`, `geometry`, `properties` of the item: `title snippet description tags categories type url
created modified licenseInfo accessInformation owner source access additionalResources slug`), pages
by `startindex`, `numberMatched`. Which one answers is seen in the answer; an item has the same
identity in both: `<item>` or `<item>_<layer>`.
Source: https://hub.arcgis.com/api/search/definition, https://resources.data.gov/resources/dcat-us/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from harvesters.map import dcat_us
from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
from harvesters.map.online import Online, to_resources
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import themes_of, told_of_licence
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
from schemas.geometry import to_geometry
from schemas.values import to_web_address

FEED = "api/feed/dcat-us/1.1.json"
SEARCH = "/api/search/v1/collections/dataset/items"
ROWS = 100
ITEM = re.compile(r"(?:^|[?&]id=|/)([0-9a-f]{32})(?:(?:&sublayer=|_)(\d+))?(?:$|[&#])")
ITEM_PAGE = "https://www.arcgis.com/home/item.html?id="
ITEM_DATA = "https://www.arcgis.com/sharing/rest/content/items/{}/data"
FILES = {"CSV": "text/csv", "GeoJson": "application/geo+json", "KML": "", "PDF": "application/pdf",
         "Shapefile": "", "Microsoft Excel": "", "GeoPackage": ""}  # fmt: skip
READ = frozenset(
    "id title description snippet summary searchDescription tags categories type typeKeywords url "
    "created modified licenseInfo license accessInformation owner source access slug culture "
    "additionalResources extent spatialReference size name guid thumbnail documentation "
    "orgId orgName numViews numRatings avgRating scoreCompleteness groupDesignations "
    "contentStatus classification banner screenshots lastViewed apiToken1ExpirationDate "
    "apiToken2ExpirationDate subInfo advancedSettings appCategories industries languages "
    "largeThumbnail proxyFilter "
    "properties metrics boundary hubType itemControl ownerFolder protected isOrgItem".split()
)


def _site(config: Config) -> str:
    parts = urlsplit(config.url.strip())
    return urlunsplit((*parts[:2], "", "", ""))


def start(config: Config) -> Request:
    """The address as typed when it names a feed or a search, else the feed of the site."""
    typed, path = config.url.strip(), urlsplit(config.url.strip()).path
    if config.get("mode") == "search" or "/api/search/" in path:
        return _search(config, 1)
    return Request(typed if path.endswith(".json") else f"{_site(config)}/{FEED}")


def _search(config: Config, first: int) -> Request:
    query = urlencode({"limit": ROWS, "startindex": first})
    return Request(f"{_site(config)}{SEARCH}?{query}", context={"start": first})


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    told = an_object(body)
    if isinstance(told.get("dataset"), list):
        return _read_feed(objects(told["dataset"]))
    if isinstance(told.get("features"), list):
        return _read_search(told, response, config)
    found = "une réponse qui n’est pas d’un site ArcGIS Hub"
    return Page(issues=(Issue("TER-VAL-001", response.url, found),))


def _read_feed(entries: list[dict[str, Any]]) -> Page:
    records = [
        Record(_item_of(dcat_us.identity_of(e)) or dcat_us.identity_of(e), e, f"fiche {n}")
        for n, e in enumerate(entries, start=1)
    ]
    heard = unread_fields(dcat_us.READ, (key for entry in entries for key in entry))
    return _page(records, None, (), heard)


def _read_search(body: Mapping[str, Any], response: Response, config: Config) -> Page:
    first = response.request.context.get("start", 1)
    features = objects(body["features"])
    records = [
        Record(one_line(f.get("id"), 200), f, f"fiche {n}") for n, f in enumerate(features, first)
    ]
    total = body.get("numberMatched")
    declared = total if isinstance(total, int) else None
    following = first + len(features)
    is_more = features and (following <= declared if declared is not None else _has_next(body))
    keys = (key for f in features for key in an_object(f.get("properties")))
    heard = unread_fields(READ, keys) if first == 1 else ()
    return _page(records, declared, (_search(config, following),) if is_more else (), heard)


def _has_next(body: Mapping[str, Any]) -> bool:
    return any(link.get("rel") == "next" for link in objects(body.get("links")))


def _page(
    records: list[Record], declared: int | None, following: tuple[Request, ...],
    heard: tuple[Issue, ...],
) -> Page:  # fmt: skip
    kept, nameless = named(records)
    left = None if declared is None else declared - len(nameless)
    return Page(kept, following, left, nameless + heard)


def _item_of(identifier: str) -> str:
    """The item of an identifier, with its layer, `""` when it is none of ArcGIS.

    >>> _item_of("https://www.arcgis.com/home/item.html?id=" + "0a" * 16 + "&sublayer=2")
    '0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a_2'
    """
    found = ITEM.search(identifier)
    if not found:
        return ""
    return f"{found[1]}_{found[2]}" if found[2] else found[1]


def _page_of_item(remote_id: str) -> str:
    """The address of an item, the same whichever site shows it."""
    item, _, layer = remote_id.partition("_")
    return f"{ITEM_PAGE}{item}{f'&sublayer={layer}' if layer else ''}" if _item_of(item) else ""


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    upstream = _page_of_item(record.remote_id)
    if "properties" not in record.payload:
        found = dcat_us.to_dataset(record)
        if isinstance(found, Issue) or not upstream:
            return found
        return replace(found, upstream_uri=upstream)
    about = an_object(record.payload.get("properties"))
    title, cut = clean_title(_text(about, "title", "name"), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    if _text(about, "access") not in ("", "public"):
        return Issue("TER-VAL-010", record.where, title)
    notes, cleaned = clean_text(_text(about, "description", "snippet"), title)
    issued, bad_issued = clean_date(_moment(about.get("created")), title)
    modified, bad_modified = clean_date(_moment(about.get("modified")), title)
    licence, label = dcat_us.licence_of_text(_text(about, "license"), _text(about, "licenseInfo"))
    resources, bad_files = to_resources(_onlines(record, about), title)
    words = [*_texts(about, "categories"), *_texts(about, "tags")]
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(word.rsplit("/", 1)[-1] for word in words),
        tags=clean_tags(_texts(about, "tags")),
        issued=issued,
        modified=modified,
        spatial=to_geometry(record.payload.get("geometry")) or "",
        publisher=one_line(_text(about, "source", "orgName", "accessInformation"), 200),
        language=_text(about, "culture")[:2].lower(),
        landing_page=_landing_page(record, about, config),
        upstream_uri=upstream,
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad_files
        + (told_of_licence(label, title) if licence == "notspecified" else ()),
    )  # fmt: skip


def _onlines(record: Record, about: Mapping[str, Any]) -> list[Online]:
    """The service or the file of an item, and the links its owner added."""
    kind, address = _text(about, "type"), _text(about, "url")
    item = _item_of(record.remote_id).partition("_")[0]
    found = [Online(address, protocol="ESRI:REST", name=kind)] if address else []
    if not address and kind in FILES and item:
        media_type, url = FILES[kind], ITEM_DATA.format(item)
        found.append(
            Online(url, name=kind, function="download", media_type=media_type, container=kind)
        )
    found += [
        Online(_text(link, "url"), name=_text(link, "name"))
        for link in objects(about.get("additionalResources"))
    ]
    return found


def _landing_page(record: Record, about: Mapping[str, Any], config: Config) -> str:
    name = _text(about, "slug") or record.remote_id
    return to_web_address(f"{_site(config)}/datasets/{name}") or ""


def _moment(value: object) -> str:
    """Milliseconds since 1970, or a text."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _text(about: Mapping[str, Any], *names: str) -> str:
    return next((v for name in names if isinstance(v := about.get(name), str) and v.strip()), "")


def _texts(about: Mapping[str, Any], name: str) -> list[str]:
    value = about.get(name)
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def looks_like(response: Response) -> bool:
    body = an_object(read_json(response))
    if isinstance(body.get("dataset"), list):
        return "project-open-data" in str(body.get("conformsTo"))
    first = next(iter(objects(body.get("features"))), {})
    about = an_object(first.get("properties"))
    is_search = "/api/search/v1/" in response.url or "typeKeywords" in about
    return is_search and isinstance(body.get("features"), list)


SOURCE = Source(
    kind="arcgis_hub",
    label_fr="Site ArcGIS Hub",
    description_fr="Un portail ArcGIS Hub ou Open Data, ou tout fichier data.json (DCAT-US 1.1).",
    example_url="https://data-exemple.opendata.arcgis.com",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "mode",
            "Manière de lire",
            "Par le moteur du site quand son fichier DCAT-US est trop gros.",
            choices=(("search", "le moteur de recherche du site"),),
        ),
    ),
    usual_paths=(FEED, "data.json"),
)
