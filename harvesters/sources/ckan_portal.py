"""A CKAN portal (2.2 or later, and DKAN): `package_search`, page after page.

JSON: `{"success": true, "result": {"count": N, "results": [package, …]}}`; DKAN answers a list.
Source: CKAN API 3, https://docs.ckan.org/en/2.12/api/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from harvesters.map.answer import read_json, unread_fields
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, frequency_of, licence_of, themes_of
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
from schemas.values import to_email, to_web_address

ROWS = 500
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


def _action(config: Config, start: int) -> str:
    base = config.url.strip().split("/api/")[0].rstrip("/")
    parts = urlsplit(base)
    for ending in ("/dataset", "/organization", "/group"):
        if ending in parts.path:
            base = urlunsplit((*parts[:2], parts.path.split(ending)[0], "", "")).rstrip("/")
    filters = [config.get("filter")]
    if config.get("organization"):
        filters.append(f"organization:{config.get('organization')}")
    query = {"rows": ROWS, "start": start, "sort": "id asc"}
    told = " ".join(part for part in filters if part)
    return f"{base}/api/3/action/package_search?{urlencode(query | ({'fq': told} if told else {}))}"


def _request(config: Config, start: int) -> Request:
    key = config.get("api_key")
    headers = (("Authorization", key),) if key else ()
    return Request(_action(config, start), headers=headers, context={"start": start})


def start(config: Config) -> Request:
    return _request(config, 0)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict | list) or not body.get("success", True):
        return Page(
            issues=(Issue("TER-VAL-001", response.url, "une réponse qui n’est pas de CKAN"),)
        )
    packages = result if isinstance(result, list) else result.get("results") or []
    packages = [p for p in packages if isinstance(p, dict)]
    total = None if isinstance(result, list) else result.get("count")
    first = int(response.request.context.get("start", 0))
    records = tuple(
        Record(
            str(p.get("id") or p.get("name") or f"sans-identifiant-{first + n}"),
            p,
            f"fiche {first + n + 1}",
        )
        for n, p in enumerate(packages)
    )
    following = first + len(packages)
    more = isinstance(total, int) and len(packages) > 0 and following < total
    return Page(
        records,
        (_request(config, following),) if more else (),
        total if isinstance(total, int) else None,
        unread_fields(READ, {key for p in packages for key in p}) if first == 0 else (),
    )


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    package, where = record.payload, record.where
    title, cut = clean_title(package.get("title") or package.get("name"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    extras = _extras(package)
    notes, cleaned = clean_text(package.get("notes"), title)
    issued, bad_issued = clean_date(_value(package, extras, "issued", "metadata_created"), title)
    modified, bad_modified = clean_date(
        _value(package, extras, "modified", "metadata_modified"), title
    )
    licence, label = licence_of(
        *(str(package.get(k) or "") for k in ("license_id", "license_url", "license_title"))
    )
    resources, bad = _resources(package, title)
    email = to_email(
        str(_value(package, extras, "contact_email", "maintainer_email", "author_email"))
    )
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(_theme_words(package, extras)),
        tags=clean_tags([t.get("display_name") or t.get("name") for t in _dicts(package, "tags")]),
        frequency=frequency_of(str(_value(package, extras, "frequency", "accrual_periodicity"))),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(_value(package, extras, "temporal_start"), title)[0],
        temporal_end=clean_date(_value(package, extras, "temporal_end"), title)[0],
        communes=_codes(package.get("communes")),
        spatial=to_geometry(_value(package, extras, "spatial")) or "",
        publisher=one_line(
            _value(package, extras, "publisher_name") or _organization(package).get("title")
        ),
        contact_name=one_line(_value(package, extras, "contact_name", "maintainer", "author")),
        contact_email=email or "",
        language=one_line(_value(package, extras, "language"), 20),
        landing_page=_page(package, config),
        upstream_uri=one_line(_value(package, extras, "upstream_uri", "uri"), 1000),
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad,
    )


def _dicts(package: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = package.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _extras(package: Mapping[str, Any]) -> dict[str, Any]:
    return {str(e.get("key")): e.get("value") for e in _dicts(package, "extras")}


def _value(package: Mapping[str, Any], extras: Mapping[str, Any], *names: str) -> Any:
    """The first field or extra of these names that says something."""
    for name in names:
        value = package.get(name) or extras.get(name)
        if value:
            return value
    return ""


def _organization(package: Mapping[str, Any]) -> Mapping[str, Any]:
    value = package.get("organization")
    return value if isinstance(value, dict) else {}


def _theme_words(package: Mapping[str, Any], extras: Mapping[str, Any]) -> list[str]:
    words = [g.get(k) for g in _dicts(package, "groups") for k in ("name", "title", "display_name")]
    themes = _value(package, extras, "theme")
    words += themes if isinstance(themes, list) else [themes]
    words += [t.get("name") for t in _dicts(package, "tags")]
    return [str(word) for word in words if word]


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _page(package: Mapping[str, Any], config: Config) -> str:
    """The page of the dataset on its portal: the one it names, else the usual one."""
    named = to_web_address(str(package.get("url") or ""))
    if named:
        return named
    base = start(config).url.split("/api/")[0]
    return f"{base}/dataset/{package.get('name')}" if package.get("name") else ""


def _resources(
    package: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found, issues = [], []
    for item in _dicts(package, "resources"):
        url = to_web_address(str(item.get("url") or ""))
        if not url:
            issues.append(Issue("TER-MAP-002", title, str(item.get("url") or "")[:200]))
            continue
        size = str(item.get("size") or "")
        found.append(
            Resource(
                url=url,
                title=one_line(item.get("name")),
                description=clean_text(item.get("description"), title)[0],
                format=format_of(str(item.get("format") or ""), url),
                media_type=one_line(item.get("mimetype"), 100),
                size_bytes=int(size) if size.isdigit() else None,
                modified=clean_date(item.get("last_modified") or item.get("created"), title)[0],
                table_schema=one_line(item.get("table_schema"), 100),
            )
        )
    return tuple(found), tuple(issues)


def looks_like(response: Response) -> bool:
    body = read_json(response)
    return isinstance(body, dict) and body.get("success") is True and "result" in body


SOURCE = Source(
    kind="ckan_portal",
    label_fr="Portail CKAN",
    description_fr="Un catalogue CKAN ou DKAN : ville, département, région, service de l’État.",
    example_url="https://data.exemple.fr",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting("organization", "Ne moissonner que cette organisation du portail (son nom court)."),
        Setting("filter", "Filtre de recherche de CKAN, par exemple « tags:velo »."),
        Setting(
            "api_key",
            "Clé d’accès au portail, si ses données ne sont pas publiques.",
            is_secret=True,
        ),
    ),
)
