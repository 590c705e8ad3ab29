"""data.gouv.fr, or any portal made with udata: an organisation, a territory, a SIREN, a search.

JSON: `{"data": [dataset, …], "page", "page_size", "total", "next_page": address or null}`. API 1
gives the files with each dataset; API 2 gives `{"resources": {"href", "total"}}`, pages of files
that are asked one dataset after the other. Organisations carry a SIRET in `business_number_id`.
Source: https://www.data.gouv.fr/api/1/swagger.json, https://www.data.gouv.fr/api/2/swagger.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from harvesters.map import udata
from harvesters.map.answer import an_object, next_page, objects, read_json, unread_fields
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Response,
    Role,
    Setting,
    Source,
)

PAGE_SIZE, MAX_WHOLE = 50, 10_000
ID = re.compile(r"[0-9a-f]{24}")
LANGUAGES = frozenset({"fr", "en", "es", "de", "pt"})
# pages of the site, and what of their query is a choice and not a place in the list
WORDS = frozenset({"api", "datasets", "organizations", "organization", "dataset", "pages"})
PLACES = frozenset({"page", "page_size", "sort"})
MASK = ("X-Fields", "data{id,business_number_id,deleted},next_page,page,page_size,total")
READ = frozenset(
    "id title acronym slug description description_short created_at last_modified deleted "
    "private tags badges resources community_resources frequency frequency_date extras harvest "
    "metrics organization owner schema temporal_coverage spatial license access_type "
    "access_audiences authorization_request_url access_type_reason_category access_type_reason "
    "uri page last_update archived quality internal contact_points featured permissions".split()
)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What an address says: the root of the portal, an organisation, choices, API 2 itself."""

    site: str
    organization: str
    choices: dict[str, str]
    api_2: str


def _typed(config: Config) -> _Typed:
    parts = urlsplit(config.url.strip())
    steps = [step for step in parts.path.split("/") if step]
    at = next((n for n, step in enumerate(steps) if step in WORDS or step in LANGUAGES), len(steps))
    site = urlunsplit((*parts[:2], "/".join(["", *steps[:at]]), "", "")).rstrip("/")
    after = [step for step in steps[at:] if step not in LANGUAGES]
    named = [n for n, step in enumerate(after) if step.startswith("organization")]
    slug = "".join(after[named[0] + 1 : named[0] + 2]) if named else ""
    query = dict(parse_qsl(parts.query)) if "datasets" in after else {}
    organization = slug or query.pop("organization", "")
    choices = {key: value for key, value in query.items() if key not in PLACES}
    api_2 = f"{site}/{'/'.join(after)}/" if after[:3] == ["api", "2", "datasets"] else ""
    return _Typed(site, organization, choices, api_2)


def start(config: Config) -> Request:
    typed, siren = _typed(config), _digits(config.get("siren"))
    choices = _choices(config)
    organization = config.get("organization") or typed.organization
    if siren:
        asked = {"business_number_id": siren} if len(siren) == 14 else {}
        query = urlencode({**asked, "page_size": 10 * PAGE_SIZE})
        url = f"{typed.site}/api/1/organizations/?{query}"
        return Request(url, headers=(MASK,), context={"step": "organizations"})
    if organization and (choices or ID.fullmatch(organization)):
        if ID.fullmatch(organization):
            return _list(config, organization)
        url = f"{typed.site}/api/1/organizations/{quote(organization, safe='')}/"
        return Request(url, context={"step": "organization"})
    if organization:
        path = f"api/1/organizations/{quote(organization, safe='')}/datasets/"
        return Request(f"{typed.site}/{path}?sort=created&page_size={PAGE_SIZE}")
    return _list(config)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _choices(config: Config) -> dict[str, str]:
    told = {**_typed(config).choices, **dict(parse_qsl(config.get("filter")))}
    return {**told, "geozone": config.get("zone")} if config.get("zone") else told


def _list(config: Config, organization: str = "", is_one_of: bool = False) -> Request:
    """Ask the datasets that fit the choices, oldest first: what is new comes at the end."""
    typed, choices = _typed(config), _choices(config)
    if organization:
        choices["organization"] = organization
    order = {} if typed.api_2 else {"sort": "created"}
    query = urlencode({**choices, **order, "page_size": PAGE_SIZE})
    base = typed.api_2 or f"{typed.site}/api/1/datasets/"
    return Request(f"{base}?{query}", context={"is_whole": not choices, "is_one_of": is_one_of})


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    step = response.request.context.get("step", "datasets")
    if step == "organization" and ID.fullmatch(str(an_object(body).get("id"))):
        return Page(next_requests=(_list(config, body["id"]),))
    if step == "organization" or not isinstance(an_object(body).get("data"), list):
        found = "une réponse qui n’est pas d’un portail udata"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    readers = {"organizations": _organizations, "resources": _files}
    return readers.get(step, _datasets)(response, body, config)


def _turn(response: Response, body: Mapping[str, Any]) -> tuple[tuple[Request, ...], Issue | None]:
    """Turn the page as the portal says; a list that ends before its total is not believed."""
    context = response.request.context
    seen = int(context.get("seen", 0)) + len(body["data"])
    total, link = body.get("total"), body.get("next_page")
    if link and body["data"]:
        following = next_page(response, link, {**context, "seen": seen})
        if isinstance(following, Issue):
            return (), following
        return (replace(following, headers=response.request.headers),), None
    if isinstance(total, int) and seen < total:
        return (), Issue("TER-VAL-045", found=str(seen), expected=str(total))
    return (), None


def _organizations(response: Response, body: Mapping[str, Any], config: Config) -> Page:
    """Look for those that carry the number: each is then listed."""
    siren = _digits(config.get("siren"))
    found = [
        str(one.get("id"))
        for one in objects(body["data"])
        if _digits(str(one.get("business_number_id") or "")).startswith(siren)
        and not one.get("deleted")
    ]
    more, fault = _turn(response, body)
    so_far = int(response.request.context.get("found", 0)) + len(found)
    more = tuple(replace(r, context={**r.context, "found": so_far}) for r in more)
    if not more and not fault and not so_far:
        fault = Issue("TER-VAL-071", urlsplit(response.url).netloc, siren)
    lists = tuple(_list(config, one, is_one_of=True) for one in found)
    return Page(next_requests=lists + more, issues=(fault,) if fault else ())


def _datasets(response: Response, body: Mapping[str, Any], config: Config) -> Page:
    context, total = response.request.context, body.get("total")
    first = int(context.get("seen", 0))
    if context.get("is_whole") and isinstance(total, int) and total > MAX_WHOLE:
        where = urlsplit(response.url).netloc
        return Page(issues=(Issue("TER-VAL-070", where, str(total), str(MAX_WHOLE)),))
    more, fault = _turn(response, body)
    records, details, issues = [], [], [fault] if fault else []
    for number, item in enumerate(body["data"], start=first + 1):
        where = f"fiche {number}"
        if not isinstance(item, dict) or not item.get("id"):
            issues.append(Issue("TER-VAL-004", where))
        elif isinstance(item.get("resources"), dict):
            details.append(_ask_files(response, item, where))
        else:
            records.append(Record(str(item["id"]), udata.steady(item), where))
    issues += [each for each in details if isinstance(each, Issue)]
    if first == 0:
        issues += unread_fields(READ, (key for item in objects(body["data"]) for key in item))
    is_counted = isinstance(total, int) and not context.get("is_one_of")
    nameless = sum(issue.code == "TER-VAL-004" for issue in issues)
    return Page(
        tuple(records),
        tuple(each for each in details if isinstance(each, Request)) + more,
        total - nameless if is_counted and isinstance(total, int) else None,
        tuple(issues),
    )


def _ask_files(response: Response, item: dict[str, Any], where: str) -> Request | Issue:
    context = {"step": "resources", "dataset": udata.steady(item), "where": where}
    found = next_page(response, item["resources"].get("href"), {**context, "files": []})
    return found if isinstance(found, Issue) else replace(found, role=Role.DETAIL)


def _files(response: Response, body: Mapping[str, Any], config: Config) -> Page:
    """Gather the files of one dataset of API 2; with the last page it becomes a record."""
    context = response.request.context
    files = [*context["files"], *body["data"]]
    more, fault = _turn(response, body)
    if fault and fault.code == "TER-VAL-045":
        fault = Issue("TER-VAL-072", context["where"], fault.found, fault.expected)
    if fault:
        return Page(issues=(fault,))
    if more:
        [following] = more
        told = {**following.context, "files": files}
        return Page(next_requests=(replace(following, role=Role.DETAIL, context=told),))
    whole = udata.steady({**context["dataset"], "resources": files})
    return Page((Record(str(whole["id"]), whole, context["where"]),))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    return udata.to_dataset(record, _typed(config).site)


def looks_like(response: Response) -> bool:
    body = an_object(read_json(response))
    is_list = isinstance(body.get("data"), list) and isinstance(body.get("total"), int)
    return is_list and {"next_page", "page", "page_size"} <= body.keys()


SOURCE = Source(
    kind="data_gouv",
    label_fr="data.gouv.fr ou portail udata",
    description_fr="Les données d’une organisation, d’un territoire ou d’un SIREN sur "
    "data.gouv.fr, ou sur un autre portail udata.",
    example_url="https://www.data.gouv.fr/organizations/ma-commune/",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "organization",
            "Organisation",
            "Identifiant ou nom court de l’organisation sur le portail.",
        ),
        Setting(
            "siren",
            "SIREN ou SIRET",
            "Les données de toutes les organisations qui portent ce numéro.",
        ),
        Setting(
            "zone",
            "Territoire",
            "Celui que décrivent les données, par exemple « fr:epci:243500139 ».",
        ),
        Setting(
            "filter",
            "Autres choix",
            "Choix de la recherche du portail, par exemple « tag=velo&format=csv ».",
        ),
    ),
)
