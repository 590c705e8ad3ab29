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

from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
from harvesters.map.place import to_box
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, licence_of, themes_of, told_of_licence
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
from schemas.values import to_email, to_list, to_web_address
from schemas.vocabulary import plain

LIMIT = 200
SIDES = ("west_longitude", "south_latitude", "east_longitude", "north_latitude")
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
    items = body if isinstance(body, list) else an_object(body).get("items")
    if not isinstance(items, list):
        found = "une réponse sans liste de fiches"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    told = len(items) if isinstance(body, list) else an_object(body).get("total")
    total = told if isinstance(told, int) else None
    offset = int(response.request.context.get("offset", 0))
    records, issues = named(
        Record(str(an_object(item).get("global_id") or ""), an_object(item), f"fiche {number}")
        for number, item in enumerate(items, start=offset + 1)
    )
    following = offset + len(items)
    more = total is not None and len(items) > 0 and following < total
    lost = len(issues)
    if offset == 0:
        issues += unread_fields(READ, (key for r in records for key in r.payload))
    return Page(
        records,
        (_request(config, following),) if more else (),
        total - lost if total is not None else None,
        issues,
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
    contact, mail, made = _contact(item, title)
    period = _object(item, "temporal_spread")
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
        temporal_start=clean_date(period.get("start_date"), title)[0],
        temporal_end=clean_date(period.get("end_date"), title)[0],
        spatial=_box(_object(_object(item, "geography"), "bounding_box")),
        publisher=one_line(_object(item, "producer").get("organization_name")),
        contact_name=contact,
        contact_email=mail,
        language=one_line("".join(to_list(item.get("resource_languages"))[:1]), 20),
        upstream_uri=f"urn:rudi:{record.remote_id}",
        resources=resources,
        issues=cut
        + cleaned
        + bad_issued
        + bad_modified
        + bad
        + told_of_licence(label, title)
        + made,
    )


def _object(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return an_object(item.get(key))


def _box(box: Mapping[str, Any]) -> str:
    west, south, east, north = (box.get(side) for side in SIDES)
    return to_box(west, south, east, north)


def _words(item: Mapping[str, Any]) -> list[str]:
    value = item.get("keywords")
    return [str(word) for word in value if word] if isinstance(value, list) else []


def _text(item: Mapping[str, Any], key: str) -> str:
    """The French text of a list of texts, else the first one."""
    texts = objects(item.get(key))
    french = [t for t in texts if str(t.get("lang", "")).startswith("fr")]
    return str((french or texts or [{}])[0].get("text") or "")


def _licence(item: Mapping[str, Any]) -> tuple[str, str]:
    licence = _object(_object(item, "access_condition"), "licence")
    label = licence.get("licence_label") or licence.get("custom_licence_label")
    if isinstance(label, list):
        label = next((t.get("text") for t in label if isinstance(t, dict)), "")
    return licence_of(str(label or ""), str(licence.get("custom_licence_uri") or ""))


def _contact(item: Mapping[str, Any], title: str) -> tuple[str, str, tuple[Issue, ...]]:
    """The first contact: its name, its address, and what is said of an address left out.

    Some nodes make addresses by machine from the producer's name
    (`ville_de_rennes@rennes.fr`): they reach nobody and are not published.
    """
    contact = next(iter(objects(item.get("contacts"))), {})
    name, told = one_line(contact.get("contact_name")), str(contact.get("email") or "")
    mail = to_email(told)
    is_made = bool(mail) and plain(mail.split("@")[0] if mail else "") == plain(name)
    if told and (is_made or not mail):
        return name, "", (Issue("TER-MAP-003", title, one_line(told, 100)),)
    return name, mail or "", ()


def _resources(
    item: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found, issues = [], []
    for media in objects(item.get("available_formats")):
        address = str(_object(media, "connector").get("url") or "")
        url = to_web_address(address)
        if not url:
            issues.append(Issue("TER-MAP-002", title, address[:200]))
            continue
        size = str(media.get("file_size") or "")
        name = one_line(media.get("media_name"))
        found.append(
            Resource(
                url=url,
                title=name or title,
                format=_format(media, name, url),
                size_bytes=int(size) if size.isdigit() else None,
            )
        )
    if not found and not issues:
        issues.append(Issue("TER-MAP-004", title))
    return tuple(found), tuple(issues)


def _format(media: Mapping[str, Any], name: str, url: str) -> str:
    """The format by the name of the file, else the declared one: nodes whose files have no
    ending say `application/json` of everything, which is not believed."""
    declared = str(media.get("file_type") or "")
    told = "" if declared == "application/json" else declared
    return format_of("", name) or format_of("", url) or (format_of(told, "") if told else "")


def looks_like(response: Response) -> bool:
    body = read_json(response)
    listed = body if isinstance(body, list) else an_object(body).get("items")
    first = next(iter(objects(listed)), {})
    return "global_id" in first and "resource_title" in first


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
