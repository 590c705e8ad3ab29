"""An Opendatasoft portal, now called Huwise: the catalogue of its Explore API.

JSON of version 2.1: `{"total_count": N, "results": [dataset, …]}`; of version 2.0:
`{"total_count": N, "datasets": [{"dataset": dataset}, …]}`. Pages hold at most 100, are stable only
when ordered by `dataset_id`, and end at the 10,000th: `limit + offset` may not go further. A
larger catalogue is asked at once by `catalog/exports/json` (a list of datasets), the way that the
documentation gives: `dataset_id` is a text, which the query language does not compare by order,
so that asking what follows the last one is not possible. Choose with `where` or `refine` when
such an answer is beyond the size of a file (`harvesters.fetch.Limits`).
Source: https://help.opendatasoft.com/apis/ods-explore-v2/.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.map import opendatasoft
from harvesters.map.answer import an_object, named, objects, read_json, unread_fields
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

LIMIT, LAST = 100, 10_000
# the first step of every page of a portal, after the folder where it stands
PAGES = frozenset({"api", "explore", "page", "pages", "map", "chart", "login", "signup"})
READ = frozenset(
    "visibility dataset_id dataset_uid has_records features attachments alternative_exports "
    "data_visible fields metas".split()
)
TEMPLATES = frozenset(
    "default dcat dcat_ap dcat_ap_fr dcat_ap_hvd inspire custom internal explore semantic "
    "visualization asset_content_configuration".split()
)
READ_METAS = frozenset(
    "title description theme keyword license license_url language metadata_languages timezone "
    "modified modified_updates_on_metadata_change modified_updates_on_data_change "
    "data_processed metadata_processed geographic_reference geographic_reference_auto "
    "geographic_area geographic_area_mode geometry_types bbox bbox_x_min bbox_y_min bbox_x_max "
    "bbox_y_max territory publisher references records_count attributions source_domain "
    "source_domain_title source_domain_address source_dataset shared_catalog federated "
    "oauth_scope parent_domain update_frequency".split()
)
KNOWN = READ | {f"metas.{t}" for t in TEMPLATES} | {f"metas.default.{m}" for m in READ_METAS}


def _site(config: Config) -> str:
    """The root of the portal, whichever of its pages was typed."""
    parts = urlsplit(config.url.strip())
    steps = [step for step in parts.path.split("/") if step]
    at = next((n for n, step in enumerate(steps) if step in PAGES), len(steps))
    return urlunsplit((*parts[:2], "/".join(["", *steps[:at]]), "", "")).rstrip("/")


def _choices(config: Config) -> list[tuple[str, str]]:
    """What the settings and the typed search choose: `refine.theme=Eau` is `refine=theme:Eau`."""
    found = [("where", config.get("where"))]
    for name, value in parse_qsl(urlsplit(config.url.strip()).query):
        if name in ("where", "refine", "exclude"):
            found.append((name, value))
        elif name.startswith(("refine.", "exclude.")):
            word, _, facet = name.partition(".")
            found.append((word, f"{facet}:{value}"))
    found += [("refine", each.strip()) for each in config.get("refine").split(";")]
    return [(name, value) for name, value in dict.fromkeys(found) if value]


def _request(config: Config, offset: int, total: int | None = None) -> Request:
    """Ask a page; or, when `total` is told, the whole catalogue in one answer."""
    version = "v2.0" if "/v2.0/" in config.url else "v2.1"
    key = config.get("api_key")
    headers = (("Authorization", f"Apikey {key}"),) if key else ()
    root, choices = f"{_site(config)}/api/explore/{version}/catalog", _choices(config)
    if total is not None:
        query = f"?{urlencode(choices)}" if choices else ""
        return Request(f"{root}/exports/json{query}", Role.FILE, headers, {"total": total})
    place = [("order_by", "dataset_id"), ("limit", str(LIMIT)), ("offset", str(offset))]
    url = f"{root}/datasets?{urlencode([*choices, *place])}"
    return Request(url, headers=headers, context={"offset": offset})


def start(config: Config) -> Request:
    return _request(config, 0)


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    items, context = _items(body), response.request.context
    total = context.get("total") if isinstance(body, list) else an_object(body).get("total_count")
    if items is None or not isinstance(total, int):
        found = "une réponse qui n’est pas d’Opendatasoft"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    offset = int(context.get("offset", 0))
    if offset == 0 and total > LAST and not isinstance(body, list):
        return Page(next_requests=(_request(config, 0, total),), declared_total=total)
    records, issues = _records(items, offset)
    following = offset + len(items)
    more = len(items) > 0 and following < total and not isinstance(body, list)
    return Page(
        records,
        (_request(config, following),) if more else (),
        total - len(issues),
        issues + (_unread(items) if offset == 0 else ()),
    )


def _items(body: Any) -> list[Any] | None:
    """The datasets of a page or of an export, in either version; `None` when it is neither."""
    listed = body if isinstance(body, list) else an_object(body).get("results")
    if listed is None and isinstance(an_object(body).get("datasets"), list):
        listed = [an_object(each).get("dataset") for each in body["datasets"]]
    return listed if isinstance(listed, list) else None


def _records(items: list[Any], offset: int) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    told = enumerate(map(an_object, items), start=offset + 1)
    return named(
        Record(str(item.get("dataset_id") or ""), opendatasoft.steady(item), f"fiche {number}")
        for number, item in told
    )


def _unread(items: list[Any]) -> tuple[Issue, ...]:
    """The fields nobody reads, those of `metas` with the path to them."""
    found: set[str] = set()
    for item in objects(items):
        metas = an_object(item.get("metas"))
        found |= {str(key) for key in item}
        found |= {f"metas.{key}" for key in metas}
        found |= {f"metas.default.{key}" for key in an_object(metas.get("default"))}
    return unread_fields(KNOWN, found)


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    return opendatasoft.to_dataset(record, _site(config))


def looks_like(response: Response) -> bool:
    body = an_object(read_json(response))
    items = _items(body)
    if items is None or not isinstance(body.get("total_count"), int):
        return False
    return not items or "dataset_id" in an_object(items[0])


SOURCE = Source(
    kind="opendatasoft",
    label_fr="Portail Opendatasoft (Huwise)",
    description_fr="Le catalogue d’un portail Opendatasoft, que son éditeur appelle aussi Huwise.",
    example_url="https://data.exemple.fr",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "where",
            "Filtre",
            'Dans la langue du portail (ODSQL), par exemple « publisher = "Acigné" ».',
        ),
        Setting(
            "refine",
            "Choix du portail",
            "Choix parmi les filtres du portail, par exemple « theme:Transports » ; "
            "plusieurs se séparent par un point-virgule.",
        ),
        Setting(
            "api_key",
            "Clé d’accès",
            "Celle que donne le portail, si ses données ne sont pas publiques.",
            is_secret=True,
        ),
    ),
)
