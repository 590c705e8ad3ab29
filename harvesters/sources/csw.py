"""A geographic catalogue that speaks CSW 2.0.2: GeoNetwork, pycsw, Geo-IDE, Géoportail…

XML: `csw:GetRecordsResponse` with `csw:SearchResults` (`numberOfRecordsMatched`,
`numberOfRecordsReturned`, `nextRecord`, 0 at the end) and the records in it, ISO 19139
(`gmd:MD_Metadata`) or ISO 19115-3 (`mdb:MD_Metadata`); a fault is an `ows:ExceptionReport`.
GET with key-value pairs only. Data are published; services that serve them, maps, applications and
documents are left out and told (the rule stands in `harvesters.map.level`).
Source: OGC 07-006r1, Catalogue Services 2.0.2, HTTP binding; OGC 07-045, ISO application profile.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.map.iso import ROOTS, read_iso
from harvesters.map.iso_dataset import to_dataset as to_iso_dataset
from harvesters.map.text import one_line
from harvesters.map.xml import Element, name_of, read_xml, to_text
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
from schemas.values import to_web_address
from schemas.vocabulary import plain

ROWS = 50
SCHEMAS = {
    "iso19139": "http://www.isotc211.org/2005/gmd",
    "iso19115-3": "http://standards.iso.org/iso/19115/-3/mdb/2.0",
}
CSW = "http://www.opengis.net/cat/csw/2.0.2"
OURS = frozenset(
    "service version request typenames resulttype elementsetname outputschema outputformat "
    "maxrecords startposition constraint constraintlanguage constraint_language_version sortby "
    "namespace id".split()
)
GEONETWORK = re.compile(r"^(?P<root>.*?/srv)(?:/(?P<language>[a-z]{3}))?(?:/(?P<page>[^/]*))?/?$")
FAULTS = ("ExceptionReport", "ServiceExceptionReport")
NAMES_OF_OWNERS = ("{*}organisationName", "{*}CI_Organisation")


def _address(config: Config) -> str:
    """The address of the service, whichever page of the catalogue was typed.

    GeoNetwork has its CSW at `srv/fre/csw`; other software is asked where the officer says.
    """
    parts = urlsplit(config.url.strip().split("#")[0])
    path = parts.path
    if path.rstrip("/").endswith("/geonetwork"):
        path = f"{path.rstrip('/')}/srv"
    found = GEONETWORK.match(path)
    if found:
        page = found["page"] or ""
        path = f"{found['root']}/{found['language'] or 'fre'}/{page if 'csw' in page else 'csw'}"
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
        if key.lower() not in OURS
    ]
    return urlunsplit((*parts[:2], path, urlencode(kept), ""))


def _request(config: Config, first: int, left: int = 0) -> Request:
    """Ask the page that begins at a record; `left` records before it were no records for us."""
    address = _address(config)
    query: dict[str, str | int] = {
        "service": "CSW",
        "version": "2.0.2",
        "request": "GetRecords",
        "typeNames": "csw:Record",
        "resultType": "results",
        "elementSetName": "full",
        "outputSchema": SCHEMAS.get(config.get("schema"), SCHEMAS["iso19139"]),
        "startPosition": first,
        "maxRecords": ROWS,
    }
    if config.get("filter"):
        query |= {
            "constraintLanguage": "CQL_TEXT",
            "constraint_language_version": "1.1.0",
            "constraint": config.get("filter"),
        }
    # without an order, pages of GeoNetwork repeat and miss records; some servers know no order
    order = config.get("sort", "identifier:A" if "/srv/" in address else "")
    if order:
        query["sortBy"] = order
    sign = "&" if "?" in address else "?"
    return Request(
        f"{address}{sign}{urlencode(query)}",
        headers=(("Accept", "application/xml"),),
        context={"start": first, "left": left},
    )


def start(config: Config) -> Request:
    return _request(config, 1)


def read(response: Response, config: Config) -> Page:
    root = read_xml(response)
    if isinstance(root, Issue):
        return Page(issues=(root,))
    if name_of(root) in FAULTS:
        return Page(issues=(Issue("TER-VAL-061", response.url, _fault(root)),))
    results = root.find("{*}SearchResults")
    if results is None:
        found = "une réponse qui n’est pas d’un catalogue CSW"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    first = int(response.request.context.get("start", 1))
    left = int(response.request.context.get("left", 0))
    records, issues, others = _records(list(results), first, config)
    left += len(results) - len(records)
    matched = _number(results.get("numberOfRecordsMatched"))
    following = _following(results, first, matched)
    if others:
        issues.append(Issue("TER-VAL-064", response.url, str(others), config.get("organization")))
    return Page(
        tuple(records),
        (_request(config, following, left),) if following else (),
        max(matched - left, 0) if matched is not None else None,
        tuple(issues),
    )


def _following(results: Element, first: int, matched: int | None) -> int | None:
    """The position of the next page: what the server says, else what follows by counting."""
    returned = len(results)
    told = _number(results.get("nextRecord"))
    following = first + returned if told is None else told
    is_more = matched is None or following <= matched
    return following if returned and following > first and is_more else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _records(
    elements: list[Element], first: int, config: Config
) -> tuple[list[Record], list[Issue], int]:
    """The records of a page, what is said of those left, and how many are of other owners."""
    wanted = plain(config.get("organization"))
    records: list[Record] = []
    issues: list[Issue] = []
    others = 0
    for number, element in enumerate(elements, start=first):
        where = f"fiche {number}"
        if name_of(element) not in ROOTS:
            issues.append(Issue("TER-VAL-063", where, name_of(element)[:80]))
            continue
        if wanted and wanted not in _owners(element):
            others += 1
            continue
        remote_id = _record_id(element)
        if not remote_id:
            issues.append(Issue("TER-VAL-004", where))
            continue
        records.append(Record(remote_id, {"xml": to_text(element)}, f"{where} ({remote_id})"))
    return records, issues, others


def _owners(element: Element) -> str:
    names = (" ".join(found.itertext()) for name in NAMES_OF_OWNERS for found in element.iter(name))
    return plain(" ".join(names))


def _record_id(element: Element) -> str:
    """The identifier of the record; the code space that ISO 19115-3 may give is left out."""
    for path in ("{*}fileIdentifier", "{*}metadataIdentifier/{*}MD_Identifier/{*}code"):
        found = element.find(path)
        if found is not None and (text := "".join(found.itertext()).strip()):
            return text
    return ""


def _fault(root: Element) -> str:
    """What the server says of its fault, in its own words, with its code."""
    told = []
    for found in root.iter("{*}Exception", "{*}ServiceException"):
        code = found.get("exceptionCode") or found.get("code") or ""
        place = found.get("locator") or ""
        text = one_line(" ".join(found.itertext()), 200)
        told.append(" – ".join(part for part in (code, place, text) if part))
    return one_line(" ; ".join(told) or "une erreur sans texte", 280)


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    root = read_iso(str(record.payload.get("xml") or ""))
    if isinstance(root, Issue):
        code = root.code if root.code == "TER-VAL-063" else "TER-VAL-067"
        return Issue(code, record.where, root.found)
    return to_iso_dataset(root, record, _page(record, config))


def _page(record: Record, config: Config) -> str:
    """The page of a record on GeoNetwork; other software has no usual one."""
    address = _address(config)
    if "/srv/" not in address:
        return ""
    base = address.rsplit("/", 1)[0]
    return to_web_address(f"{base}/catalog.search#/metadata/{record.remote_id}") or ""


def looks_like(response: Response) -> bool:
    if CSW.encode() not in response.body[:20_000]:
        return False
    root = read_xml(response)
    return not isinstance(root, Issue) and name_of(root) in ("GetRecordsResponse", "Capabilities")


SOURCE = Source(
    kind="csw",
    label_fr="Catalogue géographique (CSW)",
    description_fr="Un catalogue GeoNetwork, pycsw ou Geo-IDE : région, service de l’État.",
    example_url="https://geo.exemple.fr/geonetwork/srv/fre/csw",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "organization",
            "Organisme",
            "Ne garder que ses fiches : des mots de son nom.",
        ),
        Setting("filter", "Filtre", "Filtre CQL, par exemple « AnyText like '%velo%' »."),
        Setting(
            "schema",
            "Norme des fiches",
            "Pour un catalogue qui n’a pas la norme ISO 19139.",
            choices=(("iso19115-3", "ISO 19115-3"),),
        ),
        Setting("sort", "Ordre de lecture", "Par exemple « dc:identifier:A » pour pycsw."),
    ),
    usual_paths=("geonetwork/srv/fre/csw", "csw"),
)
