"""A RUDI producer node (Rennes Métropole): the catalogue of its media and services.

JSON: a list of resources, or `{"total": N, "items": [resource, …]}` with `limit` and `offset`.
Each has `global_id`, `resource_title`, `synopsis`/`summary` (list of `{lang, text}`), `theme`,
`keywords`, `producer`, `contacts`, `dataset_dates`, `available_formats`, `access_condition`.
Source: RUDI API 1.2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from harvesters.map.answer import is_web_page, read_json, unread_fields
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, licence_of, themes_of
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Source,
)
from schemas.values import to_web_address

LIMIT = 200
READ = frozenset(
    "resource_title global_id synopsis summary theme keywords producer contacts "
    "resource_languages dataset_dates storage_status local_id available_formats "
    "access_condition metadata_info collection_tag geography temporal_spread doi "
    "resource_size _id createdAt updatedAt".split()
)


def _request(config: Config, offset: int) -> Request:
    mark = "&" if "?" in config.url else "?"
    query = urlencode({"limit": LIMIT, "offset": offset})
    return Request(f"{config.url}{mark}{query}", context={"offset": offset})


def start(config: Config) -> Request:
    return _request(config, 0)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    items = body if isinstance(body, list) else body.get("items")
    if not isinstance(items, list):
        return Page(
            issues=(Issue("TER-VAL-001", response.url, "une réponse sans liste de fiches"),)
        )
    total = len(items) if isinstance(body, list) else body.get("total")
    offset = int(response.request.context.get("offset", 0))
    records, issues = [], []
    for number, item in enumerate(i for i in items if isinstance(i, dict)):
        where = f"fiche {offset + number + 1}"
        if item.get("global_id"):
            records.append(Record(str(item["global_id"]), item, where))
        else:
            issues.append(Issue("TER-VAL-004", where))
    following = offset + len(items)
    more = not isinstance(body, list) and isinstance(total, int) and len(items) > 0
    if offset == 0:
        issues += unread_fields(READ, {key for r in records for key in r.payload})
    return Page(
        tuple(records),
        (_request(config, following),) if more and following < int(total or 0) else (),
        total if isinstance(total, int) else None,
        tuple(issues),
    )


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    item, where = record.payload, record.where
    title, cut = clean_title(item.get("resource_title"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    notes, cleaned = clean_text(_text(item, "summary") or _text(item, "synopsis"), title)
    dates = _object(item, "dataset_dates")
    issued, bad_issued = clean_date(dates.get("created"), title)
    modified, bad_modified = clean_date(dates.get("updated"), title)
    licence, label = _licence(item)
    resources, bad = _resources(item, title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of([str(item.get("theme") or ""), *_words(item)]),
        tags=clean_tags(_words(item)),
        issued=issued,
        modified=modified,
        publisher=one_line(_object(item, "producer").get("organization_name")),
        language=one_line((item.get("resource_languages") or [""])[0], 20),
        upstream_uri=f"urn:rudi:{record.remote_id}",
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad + _made_mails(item, title),
    )


def _object(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def _words(item: Mapping[str, Any]) -> list[str]:
    value = item.get("keywords")
    return [str(word) for word in value if word] if isinstance(value, list) else []


def _text(item: Mapping[str, Any], key: str) -> str:
    """The French text of a list of texts, else the first one."""
    texts = [t for t in item.get(key) or () if isinstance(t, dict)]
    french = [t for t in texts if str(t.get("lang", "")).startswith("fr")]
    return str((french or texts or [{}])[0].get("text") or "")


def _licence(item: Mapping[str, Any]) -> tuple[str, str]:
    licence = _object(_object(item, "access_condition"), "licence")
    label = licence.get("licence_label") or licence.get("custom_licence_label")
    if isinstance(label, list):
        label = next((t.get("text") for t in label if isinstance(t, dict)), "")
    return licence_of(str(label or ""), str(licence.get("custom_licence_uri") or ""))


def _made_mails(item: Mapping[str, Any], title: str) -> tuple[Issue, ...]:
    """Addresses made by machine from the producer's name reach nobody: they are left out."""
    contacts = [c for c in item.get("contacts") or () if isinstance(c, dict)]
    mails = [str(c["email"]) for c in contacts if c.get("email")]
    return tuple(Issue("TER-MAP-003", title, mail) for mail in mails)


def _resources(
    item: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found, issues = [], []
    for media in item.get("available_formats") or ():
        if not isinstance(media, dict):
            continue
        address = str(_object(media, "connector").get("url") or "")
        url = to_web_address(address)
        if not url:
            issues.append(Issue("TER-MAP-002", title, address[:200]))
            continue
        size = str(media.get("file_size") or "")
        name = str(media.get("media_name") or "")
        found.append(
            Resource(
                url=url,
                title=one_line(name) or title,
                # every node says application/json whatever the file: only the name is believed
                format=format_of("", name) or format_of("", url),
                size_bytes=int(size) if size.isdigit() else None,
            )
        )
    return tuple(found), tuple(issues)


def looks_like(response: Response) -> bool:
    if is_web_page(response):
        return False
    body = read_json(response)
    items = (
        body if isinstance(body, list) else body.get("items") if isinstance(body, dict) else None
    )
    first = items[0] if isinstance(items, list) and items else {}
    return isinstance(first, dict) and "global_id" in first and "resource_title" in first


SOURCE = Source(
    kind="rudi_node",
    label_fr="Nœud producteur RUDI",
    description_fr="Le catalogue d’un nœud producteur RUDI, comme celui de Rennes Métropole.",
    example_url="https://rudi.exemple.fr/api/v1/resources",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
)
