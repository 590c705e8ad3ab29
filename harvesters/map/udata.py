"""Map a dataset of udata (data.gouv.fr and its like), as API 1 and API 2 tell it.

JSON keys: `id title description private deleted archived tags license frequency spatial
temporal_coverage organization contact_points harvest resources extras page created_at
last_update`; a file has `title type format url latest filesize mime last_modified schema`.
API 2, asked for whole objects, gives `license`, `frequency` and zones as objects with an `id`.
Source: https://github.com/opendatateam/udata, https://www.data.gouv.fr/api/1/swagger.json.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from harvesters.map.answer import an_object, objects
from harvesters.map.place import to_communes
from harvesters.map.table_schema import table_schema_of
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import (
    format_of,
    frequency_of,
    licence_of,
    themes_of,
    told_of_licence,
    words_of,
)
from harvesters.model import Dataset, Issue, Record, Resource
from schemas.geometry import to_geometry
from schemas.load import find
from schemas.values import to_email, to_list, to_web_address
from schemas.vocabulary import load_vocabulary

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
COMMUNE = re.compile(r"fr:commune:(\w{5})(@.*)?")
# what changes every day without the dataset changing
VOLATILE = frozenset({"metrics", "quality", "permissions", "internal"})
KINDS = {
    "documentation": "Documentation",
    "update": "Mise à jour",
    "api": "API",
    "code": "Code source",
    "other": "Autre",
}
MAX_THEMES = 3
ORDER = ("main", "update", "api", "other", "code", "documentation")


def steady(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dataset without its counters, so that it comes back the same while nothing changes."""
    kept = {key: value for key, value in item.items() if key not in VOLATILE}
    files = item.get("resources")
    if isinstance(files, list):
        kept["resources"] = [
            {k: v for k, v in file.items() if k not in VOLATILE and k != "extras"}
            if isinstance(file, dict)
            else file
            for file in files
        ]
    return kept


def to_dataset(record: Record, site: str) -> Dataset | Issue:
    """Map one dataset; `site` is the root of the portal, without a last slash."""
    item = record.payload
    title, cut = clean_title(item.get("title"), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    if item.get("private") is True:
        return Issue("TER-VAL-010", record.where, title)
    if item.get("deleted") or item.get("archived"):
        return Issue("TER-VAL-073", record.where, title)
    notes, cleaned = clean_text(item.get("description"), title)
    issued, bad_issued = clean_date(item.get("created_at"), title)
    modified, bad_modified = clean_date(item.get("last_update") or item.get("last_modified"), title)
    licence, label = _licence(item.get("license"))
    period = an_object(item.get("temporal_coverage"))
    spatial = an_object(item.get("spatial"))
    zones = [_id(zone) for zone in _list(spatial.get("zones"))]
    tags = [str(tag) for tag in _list(item.get("tags")) if tag]
    contact, email = _contact(item)
    resources, told = _resources(item, title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=_themes(resources, tags, title),
        tags=clean_tags(tags),
        frequency=frequency_of(_id(item.get("frequency"))),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(period.get("start"), title)[0],
        temporal_end=clean_date(period.get("end"), title)[0],
        communes=to_communes([m[1] for m in map(COMMUNE.fullmatch, zones) if m]),
        spatial=to_geometry(spatial.get("geom")) or "",
        publisher=one_line(an_object(item.get("organization")).get("name")),
        contact_name=contact,
        contact_email=email,
        landing_page=_page(item, site),
        upstream_uri=_upstream(item, record.remote_id, site),
        resources=resources,
        properties=_properties(item, zones, _id(spatial.get("granularity"))),
        issues=cut + cleaned + bad_issued + bad_modified + told + told_of_licence(label, title),
    )


def _themes(resources: Iterable[Resource], tags: list[str], title: str) -> tuple[str, ...]:
    """udata has no themes: those of the schemas of its files, else of its tags or its title."""
    schemas = (find(file.table_schema) for file in resources if file.table_schema)
    stated = tuple(dict.fromkeys(schema.theme for schema in schemas if schema))
    return (stated or themes_of(tags) or themes_of(words_of(title)))[:MAX_THEMES]


def _id(value: object) -> str:
    """A word, or the `id` of the object that API 2 gives in its place."""
    return str(an_object(value).get("id") or "") if isinstance(value, dict) else str(value or "")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _licence(value: object) -> tuple[str, str]:
    whole = an_object(value)
    return licence_of(_id(value), *(str(whole.get(key) or "") for key in ("url", "title")))


def _contact(item: Mapping[str, Any]) -> tuple[str, str]:
    """The first contact point that is one, else the first one."""
    points = objects(item.get("contact_points"))
    contacts = [point for point in points if point.get("role") in ("contact", None)]
    first = next(iter(contacts or points), {})
    return one_line(first.get("name")), to_email(str(first.get("email") or "")) or ""


def _page(item: Mapping[str, Any], site: str) -> str:
    """The page at its first publisher when it was harvested, else the one of the portal."""
    told = (an_object(item.get("harvest")).get("remote_url"), item.get("page"))
    found = [to_web_address(str(address or "")) for address in told]
    usual = to_web_address(f"{site}/datasets/{item.get('slug') or item.get('id') or ''}")
    return next((address for address in found if address), usual or "")


def _upstream(item: Mapping[str, Any], remote_id: str, site: str) -> str:
    """The identity at the first publisher, the same as when that one is harvested itself.

    A CKAN portal is known by the id of its dataset, a DCAT catalogue by its URI, an Opendatasoft
    portal by its page, a Data Fair by the address of its API.
    """
    harvest, extras = an_object(item.get("harvest")), an_object(item.get("extras"))
    ids = [str(harvest.get(key) or "").strip() for key in ("uri", "dct_identifier", "remote_id")]
    for told in ids:
        if to_web_address(told) or told.startswith("urn:") or UUID.fullmatch(told):
            return one_line(told, 1000)
    page = to_web_address(str(harvest.get("remote_url") or ""))
    origin = to_web_address(str(extras.get("datafairOrigin") or ""))
    if not page and origin and extras.get("datafairDatasetId"):
        page = f"{origin}/api/v1/datasets/{extras['datafairDatasetId']}"
    return one_line(page or f"{site}/datasets/{remote_id}", 1000)


def _properties(
    item: Mapping[str, Any], zones: list[str], granularity: str
) -> tuple[tuple[str, str], ...]:
    """What has no field of ours: where else it covers, and schemas we do not hold."""
    wider = [zone for zone in zones if zone and not COMMUNE.fullmatch(zone)]
    schemas = [_schema_words(file) for file in objects(item.get("resources"))]
    unknown = [word for word, ours in schemas if word and not ours]
    told = {
        "zones": ", ".join(wider),
        "granularity": granularity if granularity != "other" else "",
        "table_schemas": ", ".join(dict.fromkeys(unknown)),
        "harvested_from": one_line(an_object(item.get("harvest")).get("domain"), 200),
    }
    return tuple((name, value[:1000]) for name, value in told.items() if value)


def _schema_words(file: Mapping[str, Any]) -> tuple[str, str]:
    """The schema of a file as the portal names it, and ours (`""` when we hold none)."""
    told = an_object(file.get("schema"))
    name, version, url = (one_line(told.get(key), 300) for key in ("name", "version", "url"))
    return " ".join(to_list([name or url, version])), table_schema_of(name, version, url)


def _resources(
    item: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found, issues = [], []
    for file in sorted(objects(item.get("resources")), key=_rank):
        url = _address(file)
        if url:
            found.append(_resource(file, url, title))
        else:
            issues.append(Issue("TER-MAP-002", title, str(file.get("url") or "")[:200]))
    if not found and not issues:
        issues.append(Issue("TER-MAP-004", title))
    return tuple(found), (*issues, *_community(item, title))


def _rank(file: Mapping[str, Any]) -> int:
    kind = str(file.get("type") or "main")
    return ORDER.index(kind) if kind in ORDER else ORDER.index("other")


def _address(file: Mapping[str, Any]) -> str:
    """The lasting address of a file kept by the portal, whose own one changes at each deposit;
    the address itself of a file kept elsewhere."""
    lasting = (
        to_web_address(str(file.get("latest") or "")) if file.get("filetype") == "file" else ""
    )
    return lasting or to_web_address(str(file.get("url") or "")) or ""


def _resource(file: Mapping[str, Any], url: str, title: str) -> Resource:
    size, kind = file.get("filesize"), KINDS.get(str(file.get("type") or ""), "")
    media_type, words = one_line(file.get("mime"), 100), clean_text(file.get("description"), title)
    found = format_of(one_line(file.get("format"), 50), str(file.get("url") or ""))
    return Resource(
        url=url,
        title=one_line(file.get("title")),
        description=". ".join(part for part in (kind, words[0]) if part),
        format=found,
        media_type=media_type if "/" in media_type else "",
        size_bytes=size if type(size) is int and size > 0 else None,
        modified=clean_date(file.get("last_modified") or file.get("created_at"), title)[0],
        table_schema=_schema_words(file)[1] if _may_be_table(found) else "",
    )


def _may_be_table(name: str) -> bool:
    """A portal also gives the schema to the PDF that stands beside the table."""
    vocabulary = load_vocabulary("formats")
    term = vocabulary.get(vocabulary.match(name) or "")
    return term is None or bool(term.facts.get("is_machine_readable"))


def _community(item: Mapping[str, Any], title: str) -> tuple[Issue, ...]:
    """Say that the files of re-users are left out: API 2 counts them, API 1 may list them."""
    told = item.get("community_resources")
    count = an_object(told).get("total") if isinstance(told, dict) else len(_list(told))
    return (Issue("TER-MAP-040", title, str(count)),) if isinstance(count, int) and count else ()
