"""A Socrata portal (Tyler Data & Insights): the catalogue that each portal answers for itself.

JSON: `{"results": [item, …], "resultSetSize": N}`; an item has `resource` (id, name, description,
attribution, type, createdAt, updatedAt, data_updated_at…), `classification` (domain_category,
domain_tags, domain_metadata), `metadata` (domain, license), `permalink`, `link`. Pages are asked by
`scroll_id`, the id of the last dataset seen: they are stable and have no end, where `offset` stops
at 10,000. Tables only: charts, filters, maps and stories made of them are left out.
Source: https://dev.socrata.com/docs/other/discovery, and a recorded answer of data.seattle.gov.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import licence_of, themes_of, told_of_licence
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

LIMIT = 100
# what changes every day without the dataset changing
VOLATILE = frozenset({"view_count", "page_views", "download_count"})
READ = frozenset(
    "resource classification metadata permalink link owner creator published_copy draft".split()
)


def _site(config: Config) -> str:
    parts = urlsplit(config.url.strip())
    return f"{parts.scheme}://{parts.netloc}"


def _request(config: Config, after: str = "", seen: int = 0) -> Request:
    """Ask the datasets that follow this id."""
    host, token = urlsplit(_site(config)).hostname or "", config.get("app_token")
    told = {"domains": host, "search_context": host, "only": "datasets", "limit": str(LIMIT)}
    choices = dict(parse_qsl(config.get("filter")))
    query = urlencode({**choices, **told, "scroll_id": after})
    return Request(
        f"{_site(config)}/api/catalog/v1?{query}",
        headers=(("X-App-Token", token),) if token else (),
        context={"seen": seen},
    )


def start(config: Config) -> Request:
    return _request(config)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    items, total = an_object(body).get("results"), an_object(body).get("resultSetSize")
    if not isinstance(items, list) or not isinstance(total, int):
        found = "une réponse qui n’est pas d’un catalogue Socrata"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    first = int(response.request.context.get("seen", 0))
    records, issues = named(_record(item, n) for n, item in enumerate(items, start=first + 1))
    lost, seen = len(issues), first + len(items)
    if first == 0:
        issues += unread_fields(READ, (key for item in objects(items) for key in item))
    more = bool(records) and seen < total
    following = (_request(config, records[-1].remote_id, seen),) if more else ()
    return Page(records, following, total - lost, issues)


def _record(item: object, number: int) -> Record:
    resource = an_object(an_object(item).get("resource"))
    return Record(str(resource.get("id") or ""), _steady(an_object(item)), f"fiche {number}")


def _steady(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item without its counters."""
    resource = {k: v for k, v in an_object(item.get("resource")).items() if k not in VOLATILE}
    return {**item, "resource": resource}


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    item = record.payload
    resource, kept = an_object(item.get("resource")), an_object(item.get("classification"))
    title, cut = clean_title(resource.get("name"), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    notes, cleaned = clean_text(resource.get("description"), title)
    issued, bad_issued = clean_date(resource.get("createdAt"), title)
    changed = resource.get("data_updated_at") or resource.get("updatedAt")
    modified, bad_modified = clean_date(changed, title)
    metadata = an_object(item.get("metadata"))
    licence, label = licence_of(one_line(metadata.get("license")))
    tags = to_list(kept.get("domain_tags")) + to_list(kept.get("tags"))
    page = _permalink(record, config)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of([one_line(kept.get("domain_category"))]) or themes_of(tags)[:3],
        tags=clean_tags(tags),
        issued=issued,
        modified=modified,
        publisher=one_line(resource.get("attribution")),
        landing_page=to_web_address(str(item.get("link") or "")) or page,
        upstream_uri=one_line(page, 1000),
        resources=_resources(record.remote_id, page, title, modified),
        issues=cut + cleaned + bad_issued + bad_modified + told_of_licence(label, title),
    )


def _permalink(record: Record, config: Config) -> str:
    """The short address of the dataset on the portal that it comes from."""
    told = to_web_address(str(record.payload.get("permalink") or ""))
    return told or f"{_site(config)}/d/{record.remote_id}"


def _resources(known: str, page: str, title: str, day: str) -> tuple[Resource, ...]:
    """The whole table, and the API that answers a part of it; both stand on the same portal."""
    parts = urlsplit(page)
    root = f"{parts.scheme}://{parts.netloc}"
    table, api = f"{root}/api/views/{known}/rows.csv", f"{root}/resource/{known}.json"
    return (
        Resource(f"{table}?accessType=DOWNLOAD", f"{title} (CSV)", format="CSV", modified=day),
        Resource(api, f"{title} (API)", format="API", modified=day),
    )


def looks_like(response: Response) -> bool:
    body = an_object(read_json(response))
    items = body.get("results")
    if not isinstance(items, list) or not isinstance(body.get("resultSetSize"), int):
        return False
    return not items or "id" in an_object(an_object(items[0]).get("resource"))


SOURCE = Source(
    kind="socrata",
    label_fr="Portail Socrata",
    description_fr="Les tableaux du catalogue d’un portail Socrata (Tyler Data & Insights).",
    example_url="https://data.exemple.org",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "filter",
            "Filtre",
            "Choix de la recherche du portail, par exemple « q=transport ».",
        ),
        Setting(
            "app_token",
            "Jeton d’application",
            "Celui que donne le portail, pour être mieux servi.",
            is_secret=True,
        ),
    ),
)
