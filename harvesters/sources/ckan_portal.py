"""A CKAN portal (2.2 or later, and DKAN): `package_search`, page after page.

JSON: `{"success": true, "result": {"count": N, "results": [package, …]}}`; DKAN answers a list.
Source: CKAN API 3, https://docs.ckan.org/en/2.12/api/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
from harvesters.map.place import to_box, to_communes
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
from schemas.geometry import to_geometry
from schemas.values import to_email, to_list, to_web_address

ROWS = 500
SEARCH, LIST = "package_search", "current_package_list_with_resources"
NOT_DATASETS = "-dataset_type:(harvest OR showcase OR application)"
SIDES = ("west_long", "south_lat", "east_long", "north_lat")
LICENCE = ("license_id", "license_url", "license_title")
FREQUENCIES = ("frequency", "accrual_periodicity", "frequency_of_update")
READ = frozenset(
    "id name title notes license_id license_title license_url tags groups resources "
    "extras metadata_created metadata_modified author author_email maintainer "
    "maintainer_email url organization owner_org private state type version isopen "
    "num_tags num_resources creator_user_id relationships_as_subject "
    "relationships_as_object revision_id language frequency theme issued modified "
    "temporal_start temporal_end spatial communes publisher_name contact_name "
    "contact_email upstream_uri properties licence_label log_message revision_timestamp "
    "tracking_summary".split()
)


def _site(config: Config) -> str:
    """The root of the portal, whichever of its pages was typed."""
    base = config.url.strip().split("/api/")[0].split("?")[0].split("#")[0].rstrip("/")
    parts = urlsplit(base)
    steps = parts.path.split("/")
    ends = [n for n, step in enumerate(steps) if step in ("dataset", "organization", "group")]
    path = "/".join(steps[: ends[0]]) if ends else parts.path
    return urlunsplit((*parts[:2], path, "", "")).rstrip("/")


def _is_list(config: Config) -> bool:
    """Say whether the portal is DKAN, by its setting or by the address of its list."""
    return config.get("mode") == "dkan" or f"/action/{LIST}" in config.url


def _request(config: Config, first: int) -> Request:
    """Ask the page that begins at a record: by search, or by the list that DKAN has instead."""
    query: dict[str, str | int]
    if _is_list(config):
        action, query = LIST, {"limit": ROWS, "offset": first}
    else:
        told = [config.get("filter"), NOT_DATASETS]
        if config.get("organization"):
            told.append(f"organization:{config.get('organization')}")
        fq = " ".join(part for part in told if part)
        action, query = SEARCH, {"rows": ROWS, "start": first, "sort": "id asc", "fq": fq}
    key = config.get("api_key")
    return Request(
        f"{_site(config)}/api/3/action/{action}?{urlencode(query)}",
        headers=(("Authorization", key),) if key else (),
        context={"start": first},
    )


def start(config: Config) -> Request:
    return _request(config, 0)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict | list) or body.get("success", True) is not True:
        found = "une réponse qui n’est pas de CKAN"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    listed = result.get("results") if isinstance(result, dict) else _flat(result)
    packages = objects(listed)
    count = result.get("count") if isinstance(result, dict) else None
    total = count if isinstance(count, int) else None
    first = int(response.request.context.get("start", 0))
    following = first + len(packages)
    more = following < total if total is not None else _is_list(config)
    records, issues = named(_record(p, first + n + 1) for n, p in enumerate(packages))
    return Page(
        records,
        (_request(config, following),) if more and packages else (),
        total - len(issues) if total is not None else None,
        issues + (unread_fields(READ, (k for p in packages for k in p)) if first == 0 else ()),
    )


def _record(package: dict[str, Any], number: int) -> Record:
    return Record(str(package.get("id") or package.get("name") or ""), package, f"fiche {number}")


def _flat(listed: list[Any]) -> list[Any]:
    """DKAN wraps its list in another one."""
    return listed[0] if len(listed) == 1 and isinstance(listed[0], list) else listed


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    package, where = record.payload, record.where
    title, cut = clean_title(_french(package.get("title")) or package.get("name"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    state = str(package.get("state") or "active")
    # DKAN writes "Active" and calls its public datasets private
    if state.lower() != "active" or (package.get("private") is True and state == "active"):
        return Issue("TER-VAL-010", where, title)
    extras = _extras(package)
    notes, cleaned = clean_text(_french(package.get("notes")), title)
    issued, bad_issued = clean_date(_value(package, extras, "issued", "metadata_created"), title)
    changed = _value(package, extras, "modified", "metadata_modified")
    modified, bad_modified = clean_date(changed, title)
    licence, label = licence_of(*(str(package.get(k) or "") for k in LICENCE))
    resources, bad = _resources(package, title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(_theme_words(package, extras)),
        tags=clean_tags([t.get("display_name") or t.get("name") for t in _dicts(package, "tags")]),
        frequency=frequency_of(str(_value(package, extras, *FREQUENCIES))),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(_value(package, extras, "temporal_start"), title)[0],
        temporal_end=clean_date(_value(package, extras, "temporal_end"), title)[0],
        communes=to_communes(_value(package, extras, "communes")),
        spatial=_spatial(package, extras),
        publisher=one_line(
            _value(package, extras, "publisher_name")
            or an_object(package.get("organization")).get("title")
        ),
        contact_name=one_line(_value(package, extras, "contact_name", "maintainer", "author")),
        contact_email=_email(package, extras),
        language=one_line("".join(to_list(_value(package, extras, "language"))[:1]), 20),
        landing_page=_page(package, config),
        upstream_uri=one_line(_value(package, extras, "upstream_uri", "uri"), 1000),
        resources=resources,
        properties=_properties(package),
        issues=cut + cleaned + bad_issued + bad_modified + bad + told_of_licence(label, title),
    )


def _french(value: object) -> object:
    """The French text of a field in several languages, else the first one."""
    if not isinstance(value, dict):
        return value
    return value.get("fr") or next((text for text in value.values() if text), "")


def _dicts(package: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return objects(package.get(key))


def _extras(package: Mapping[str, Any]) -> dict[str, Any]:
    """The extras by name; a portal fed by GeoNetwork writes them with hyphens."""
    return {str(e.get("key")).replace("-", "_"): e.get("value") for e in _dicts(package, "extras")}


def _value(package: Mapping[str, Any], extras: Mapping[str, Any], *names: str) -> Any:
    """The first field or extra of these names that says something."""
    for name in names:
        value = package.get(name) or extras.get(name)
        if value:
            return value
    return ""


def _email(package: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
    names = ("contact_email", "maintainer_email", "author_email")
    return to_email(str(_value(package, extras, *names))) or ""


def _theme_words(package: Mapping[str, Any], extras: Mapping[str, Any]) -> list[str]:
    words = [g.get(k) for g in _dicts(package, "groups") for k in ("name", "title", "display_name")]
    words += to_list(_value(package, extras, "theme"))
    words += [t.get("name") for t in _dicts(package, "tags")]
    return [str(word) for word in words if word]


def _spatial(package: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
    """A geometry, else the box that GeoNetwork writes side by side."""
    west, south, east, north = (extras.get(f"bbox_{side}") for side in SIDES)
    return to_geometry(_value(package, extras, "spatial")) or to_box(west, south, east, north)


def _page(package: Mapping[str, Any], config: Config) -> str:
    """The page of the dataset on its portal: the one it names, else the usual one."""
    named = to_web_address(str(package.get("url") or ""))
    usual = to_web_address(f"{_site(config)}/dataset/{package.get('name')}")
    return named or (usual or "" if package.get("name") else "")


def _resources(
    package: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found, issues = [], []
    for item in _dicts(package, "resources"):
        url = to_web_address(str(item.get("url") or ""))
        if str(item.get("state") or "active").lower() != "active":
            continue
        if not url:
            issues.append(Issue("TER-MAP-002", title, str(item.get("url") or "")[:200]))
            continue
        size = str(item.get("size") or "")
        found.append(
            Resource(
                url=url,
                title=one_line(_french(item.get("name"))),
                description=clean_text(_french(item.get("description")), title)[0],
                format=format_of(str(item.get("format") or ""), url),
                media_type=_media_type(item.get("mimetype")),
                size_bytes=int(size) if size.isdigit() else None,
                modified=clean_date(item.get("last_modified") or item.get("created"), title)[0],
                table_schema=_schema(item)[1],
            )
        )
    return tuple(found), tuple(issues)


def _schema(item: Mapping[str, Any]) -> tuple[str, str]:
    """The schema of a file as the portal names it, and ours (`""` when we hold none)."""
    told = item.get("schema")
    facts = an_object(told)
    name = item.get("table_schema") or facts.get("name")
    address = told if isinstance(told, str) else facts.get("url")
    version = one_line(facts.get("version"), 50)
    words = [one_line(each, 300) if isinstance(each, str) else "" for each in (name, address)]
    shown = words[0] or to_web_address(words[1]) or ""
    return shown, table_schema_of(words[0], version) or table_schema_of(
        "", version, " ".join(words)
    )


def _properties(package: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The schemas of files that we do not hold."""
    named = (_schema(item) for item in _dicts(package, "resources"))
    unknown = ", ".join(dict.fromkeys(word for word, ours in named if word and not ours))
    return (("table_schemas", unknown[:1000]),) if unknown else ()


def _media_type(value: object) -> str:
    """DKAN writes the format here: what is not `type/subtype` is left out."""
    text = one_line(value, 100)
    return text if "/" in text else ""


def looks_like(response: Response) -> bool:
    body = read_json(response)
    if not isinstance(body, dict) or body.get("success") is not True:
        return False
    return isinstance(body.get("result"), dict | list)


SOURCE = Source(
    kind="ckan_portal",
    label_fr="Portail CKAN",
    description_fr="Un catalogue CKAN ou DKAN : ville, département, région, service de l’État.",
    example_url="https://data.exemple.fr",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    usual_paths=(f"api/3/action/{LIST}",),
    settings=(
        Setting(
            "organization",
            "Organisation",
            "Ne moissonner que cette organisation du portail : son nom court.",
        ),
        Setting("filter", "Filtre", "Filtre de recherche de CKAN, par exemple « tags:velo »."),
        Setting(
            "mode",
            "Logiciel du portail",
            "DKAN n’a pas la recherche de CKAN : ses fiches sont lues par listes.",
            choices=(("dkan", "DKAN"),),
        ),
        Setting(
            "api_key",
            "Clé d’accès",
            "Celle que donne le portail, si ses données ne sont pas publiques.",
            is_secret=True,
        ),
    ),
)
