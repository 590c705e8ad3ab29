"""A Data Fair portal (Koumoul): the datasets that a server, an owner or a portal publishes.

JSON: `{"count": N, "results": [dataset, …]}`, at most the first 10,000 (`size` and `page`). A
dataset has `id slug href page title description license {title, href} topics keywords bbox
temporal timePeriod frequency owner originalFile file attachments conformsTo origin visibility`.
Its file is at `href/raw` as it was deposited, at `href/convert` as CSV or GeoJSON when it was not,
and its rows at `href/lines`, which writes at most 10,000 of them at once.
Source: https://data-fair.github.io/master/, https://koumoul.com/data-fair/api/v1/api-docs.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
from harvesters.map.place import to_box
from harvesters.map.table_schema import table_schema_of
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, frequency_of, licence_of, themes_of, told_of_licence
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Setting,
    Source,
)
from schemas.values import to_list, to_web_address

SIZE, LAST, ROWS = 100, 10_000, 10_000
API, CATALOGUE = "data-fair/api/v1/datasets", "/api/v1/catalog"
BACK_OFFICE = "/data-fair/dataset/"
PAGES = frozenset({"api", "data-fair", "datasets", "dataset", "applications", "pages", "catalog"})
CHOICES = ("owner", "publicationSites", "topics", "q", "keywords", "conformsTo")
# what changes, or is made for the reader, without the dataset changing
VOLATILE = frozenset(
    "userPermissions previews thumbnail thumbnails storage readApiKey integrity permissions "
    "esWarning finalizedAt status schema extensions updatedBy createdBy dataUpdatedBy".split()
)
READ = VOLATILE | frozenset(
    "id slug href page title summary description image spatial temporal keywords frequency "
    "creator modified visibility public file originalFile attachments createdAt updatedAt "
    "dataUpdatedAt owner errorStatus errorRetry primaryKey count bbox timePeriod timeZone "
    "projection conformsTo license origin constraints masterData publications publicationSites "
    "requestedPublicationSites hasFiles attachmentsAsImage isVirtual virtual isRest rest "
    "isMetaOnly topics relatedDatasets extras customMetadata analysis draft draftReason "
    "nonBlockingValidation remoteFile exports".split()
)


def _root(config: Config) -> str:
    """Where the datasets are asked: below the portal, or below the API that was typed."""
    parts = urlsplit(config.url.strip())
    steps = [step for step in parts.path.split("/") if step]
    at = next((n for n, step in enumerate(steps) if step in PAGES), len(steps))
    path = "/".join(["", *steps[:at], API])
    if "/api/v1/" in f"{parts.path}/":
        path = f"{parts.path.split('/api/v1/')[0]}/api/v1/datasets"
    if CATALOGUE in parts.path:
        path = f"{parts.path.split(CATALOGUE)[0]}{CATALOGUE}/datasets"
    return urlunsplit((*parts[:2], path, "", ""))


def _request(config: Config, page: int) -> Request:
    typed = dict(parse_qsl(urlsplit(config.url.strip()).query))
    choices = {name: typed[name] for name in CHOICES if typed.get(name)}
    told = {"owner": config.get("owner"), "publicationSites": config.get("site")}
    choices |= {name: value for name, value in told.items() if value}
    place = {"visibility": "public", "sort": "createdAt:1", "size": SIZE, "page": page}
    return Request(f"{_root(config)}?{urlencode(choices | place)}", context={"page": page})


def start(config: Config) -> Request:
    return _request(config, 1)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    items, total = an_object(body).get("results"), an_object(body).get("count")
    if not isinstance(items, list) or not isinstance(total, int):
        found = "une réponse qui n’est pas de Data Fair"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    if total > LAST:
        return Page(issues=(Issue("TER-VAL-074", response.url, str(total), str(LAST)),))
    page = int(response.request.context.get("page", 1))
    first = (page - 1) * SIZE + 1
    records, issues = named(_record(item, n) for n, item in enumerate(items, start=first))
    lost = len(issues)
    if page == 1:
        issues += unread_fields(READ, (key for item in objects(items) for key in item))
    more = len(items) > 0 and page * SIZE < total
    following = (_request(config, page + 1),) if more else ()
    return Page(records, following, total - lost, issues)


def _record(item: object, number: int) -> Record:
    """The dataset without what changes by itself."""
    told = an_object(item)
    kept = {key: value for key, value in told.items() if key not in VOLATILE}
    return Record(str(told.get("id") or ""), kept, f"fiche {number}")


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    item, where = record.payload, record.where
    title, cut = clean_title(item.get("title"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    if item.get("visibility") in ("private", "protected") or item.get("public") is False:
        return Issue("TER-VAL-010", where, title)
    notes, cleaned = clean_text(item.get("description") or item.get("summary"), title)
    issued, bad_issued = clean_date(item.get("createdAt"), title)
    days = (item.get(key) for key in ("modified", "dataUpdatedAt", "updatedAt"))
    modified, bad_modified = clean_date(next((day for day in days if day), ""), title)
    licence, label = licence_of(
        *(str(an_object(item.get("license")).get(key) or "") for key in ("href", "title"))
    )
    topics = [str(topic.get("title") or "") for topic in objects(item.get("topics"))]
    words = to_list(item.get("keywords"))
    first_day, last_day = _period(item)
    href, page = _href(record, config), to_web_address(str(item.get("page") or "")) or ""
    resources = (*_tables(item, href, title), *_attachments(item, title))
    told = () if resources else (Issue("TER-MAP-004", title),)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(topics) or themes_of(words)[:3],
        tags=clean_tags(words),
        frequency=frequency_of(str(item.get("frequency") or "")),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(first_day, title)[0],
        temporal_end=clean_date(last_day, title)[0],
        spatial=_box(item.get("bbox")),
        publisher=one_line(item.get("creator")) or _owner(item),
        landing_page=page,
        upstream_uri=_upstream(page, href),
        resources=resources,
        properties=_properties(item),
        issues=cut + cleaned + bad_issued + bad_modified + told + told_of_licence(label, title),
    )


def _href(record: Record, config: Config) -> str:
    """The address of the dataset in the API."""
    told = to_web_address(str(record.payload.get("href") or ""))
    return told or f"{_root(config)}/{record.remote_id}"


def _upstream(page: str, href: str) -> str:
    """The page on the portal, which is the identity that the DCAT of the same portal gives; the
    address in the API when the page is that of the back office."""
    return one_line(href if not page or BACK_OFFICE in page else page, 1000)


def _owner(item: Mapping[str, Any]) -> str:
    """The organisation that owns the dataset; an account of a person is not named."""
    owner = an_object(item.get("owner"))
    return one_line(owner.get("name")) if owner.get("type") == "organization" else ""


def _period(item: Mapping[str, Any]) -> tuple[object, object]:
    """The period that was written, else the one that the rows cover."""
    told, seen = an_object(item.get("temporal")), an_object(item.get("timePeriod"))
    if told.get("start") or told.get("end"):
        return told.get("start"), told.get("end")
    return seen.get("startDate"), seen.get("endDate")


def _box(value: object) -> str:
    return to_box(*value) if isinstance(value, list) and len(value) == 4 else ""


def _properties(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What has no field of ours."""
    schema = an_object(item.get("conformsTo"))
    words = " ".join(to_list([one_line(schema.get("title")), one_line(schema.get("version"))]))
    told = {
        "origin": to_web_address(str(item.get("origin") or "")) or "",
        "territory": one_line(item.get("spatial")),
        "table_schemas": words if not _schema(item) else "",
    }
    return tuple((name, value[:1000]) for name, value in told.items() if value)


def _schema(item: Mapping[str, Any]) -> str:
    told = an_object(item.get("conformsTo"))
    title, version, url = (one_line(told.get(key), 300) for key in ("title", "version", "url"))
    return table_schema_of("", version, url) or table_schema_of(title, version)


def _tables(item: Mapping[str, Any], href: str, title: str) -> Iterator[Resource]:
    """The file as deposited, as converted, else its rows while they are few; then the API."""
    if item.get("isMetaOnly") is True:
        return
    original, file = an_object(item.get("originalFile")), an_object(item.get("file"))
    day = clean_date(item.get("dataUpdatedAt"), title)[0]
    if original:
        yield _file(original, f"{href}/raw", day, _schema(item))
    if file and file.get("mimetype") != original.get("mimetype"):
        yield _file(file, f"{href}/convert", day, "" if original else _schema(item))
    count = item.get("count")
    if not original and not file and isinstance(count, int) and count <= ROWS:
        query = urlencode({"format": "csv", "size": ROWS})
        yield Resource(
            url=f"{href}/lines?{query}",
            title=f"{title} (CSV)",
            format="CSV",
            modified=day,
            table_schema=_schema(item),
        )
    if count is not None:
        yield Resource(url=f"{href}/lines", title=f"{title} (API)", format="API", modified=day)


def _file(file: Mapping[str, Any], url: str, day: str, schema: str) -> Resource:
    name, media_type = one_line(file.get("name")), one_line(file.get("mimetype"), 100)
    size = file.get("size")
    return Resource(
        url=url,
        title=name,
        format=format_of("", name) or format_of(media_type, ""),
        media_type=media_type if "/" in media_type else "",
        size_bytes=size if type(size) is int and size > 0 else None,
        modified=day,
        table_schema=schema,
    )


def _attachments(item: Mapping[str, Any], title: str) -> Iterator[Resource]:
    """Files and links laid beside the data."""
    for file in objects(item.get("attachments")):
        url = to_web_address(str(file.get("url") or ""))
        if url:
            day = clean_date(file.get("updatedAt"), title)[0]
            found = _file({"name": url, **file}, url, day, "")
            yield replace(
                found,
                title=one_line(file.get("title")),
                description=clean_text(file.get("description"), title)[0],
                format=found.format or format_of("", url) or "Page web",
            )


def looks_like(response: Response) -> bool:
    body = an_object(read_json(response))
    first = next(iter(objects(body.get("results"))), {})
    has_api = "/api/v1/datasets/" in str(first.get("href") or "")
    return isinstance(body.get("count"), int) and has_api and "title" in first


SOURCE = Source(
    kind="data_fair",
    label_fr="Portail Data Fair (Koumoul)",
    description_fr="Les données publiques d’un portail Data Fair, ou d’un de ses producteurs.",
    example_url="https://opendata.exemple.fr",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "owner",
            "Producteur",
            "Ne prendre que ce producteur, par exemple « organization:abc123 ».",
        ),
        Setting(
            "site",
            "Portail du serveur",
            "Ne prendre que ce qui paraît sur ce portail du serveur, par exemple "
            "« data-fair-portals:abc123 ».",
        ),
    ),
)
