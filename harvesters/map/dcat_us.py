"""From a dataset of a DCAT-US 1.1 feed (Project Open Data) to ours.

Input: one object of `dataset`: `identifier title description keyword theme modified issued
publisher{name} contactPoint{fn, hasEmail} accessLevel license rights spatial temporal
accrualPeriodicity landingPage language distribution[{title, description, format, mediaType,
accessURL, downloadURL, describedBy, conformsTo}]`. ArcGIS Hub writes the licence in HTML and the
place as « west,south,east,north ».
Source: https://resources.data.gov/resources/dcat-us/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvesters.map.answer import an_object, objects
from harvesters.map.dcat_place import to_shape
from harvesters.map.online import Online, format_of_online
from harvesters.map.rights import licence_in
from harvesters.map.table_schema import table_schema_of
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, frequency_of, themes_of, told_of_licence
from harvesters.model import Dataset, Issue, Record, Resource
from schemas.geometry import to_geometry
from schemas.values import to_email, to_web_address

READ = frozenset(
    "@id @type @context identifier title description keyword theme modified issued publisher "
    "contactPoint accessLevel license rights spatial temporal accrualPeriodicity landingPage "
    "language distribution references conformsTo describedBy describedByType isPartOf bureauCode "
    "programCode dataQuality primaryITInvestmentUII systemOfRecords".split()
)


def identity_of(entry: Mapping[str, Any]) -> str:
    """The identifier of a dataset, else its address."""
    return one_line(entry.get("identifier") or entry.get("@id"), 1000)


def to_dataset(record: Record) -> Dataset | Issue:
    """Map one dataset; what is not public stays where it is."""
    entry = record.payload
    title, cut = clean_title(_text(entry.get("title")), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    if _text(entry.get("accessLevel") or "public").lower() != "public":
        return Issue("TER-VAL-010", record.where, title)
    notes, cleaned = clean_text(_text(entry.get("description")), title)
    issued, bad_issued = clean_date(_text(entry.get("issued")), title)
    modified, bad_modified = clean_date(_text(entry.get("modified")), title)
    first, _, last = _text(entry.get("temporal")).partition("/")
    licence, label = licence_of_text(_text(entry.get("license")), _text(entry.get("rights")))
    spatial, bad_place = _place(entry.get("spatial"), title)
    contact = an_object(entry.get("contactPoint"))
    resources, bad_files = _resources(entry, title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(_texts(entry.get("theme"))) or themes_of(_texts(entry.get("keyword"))),
        tags=clean_tags(_texts(entry.get("keyword"))),
        frequency=frequency_of(_text(entry.get("accrualPeriodicity"))),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(first, title)[0],
        temporal_end=clean_date(last, title)[0],
        spatial=spatial,
        publisher=one_line(an_object(entry.get("publisher")).get("name")),
        contact_name=one_line(contact.get("fn")),
        contact_email=to_email(_text(contact.get("hasEmail"))) or "",
        language=_text(next(iter(_texts(entry.get("language"))), "")).split("-")[0].lower()[:3],
        landing_page=to_web_address(_text(entry.get("landingPage"))) or "",
        upstream_uri=record.remote_id if to_web_address(record.remote_id) else "",
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad_place + bad_files
        + (told_of_licence(label, title) if licence == "notspecified" else ()),
    )  # fmt: skip


def licence_of_text(*told: str) -> tuple[str, str]:
    """Our licence out of addresses and texts, in HTML or not, and the label to keep."""
    said = [one_line(text, 2000) for text in told if text]
    addresses = [text for text in said if text.startswith(("http://", "https://"))]
    licence, label = licence_in([text for text in said if text not in addresses], addresses)
    return licence, label or ("" if licence != "notspecified" else next(iter(said), "")[:300])


def _place(value: object, title: str) -> tuple[str, tuple[Issue, ...]]:
    """A box, WKT or GeoJSON; the name of a place is no geometry and no fault."""
    if isinstance(value, dict):
        shape = to_geometry(value) or ""
        return shape, () if shape else (Issue("TER-MAP-020", title, str(value)[:80]),)
    text = _text(value)
    shape = to_shape(text) if text else ""
    is_meant = "(" in text or "{" in text or text.replace(",", "").replace(".", "").isdigit()
    return shape, (Issue("TER-MAP-020", title, text[:80]),) if is_meant and not shape else ()


def _resources(
    entry: Mapping[str, Any], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    found: list[Resource] = []
    issues: list[Issue] = []
    for item in objects(entry.get("distribution")):
        written = [_text(item.get(key)) for key in ("downloadURL", "accessURL")]
        url = next((good for text in written if (good := to_web_address(text))), "")
        if url:
            found.append(_resource(item, url, title))
        else:
            issues.append(Issue("TER-MAP-002", title, one_line(written[0] or written[1], 200)))
    if not found and not issues:
        issues.append(Issue("TER-MAP-004", title))
    return tuple(found), tuple(issues)


def _resource(item: Mapping[str, Any], url: str, title: str) -> Resource:
    """One file. Of a ZIP, the title says what it holds: « Shapefile », « File Geodatabase »."""
    name, media_type = one_line(item.get("title")), _text(item.get("mediaType")).strip().lower()
    declared = one_line(item.get("format"), 60)
    is_service = "geoservice" in declared.lower().replace(" ", "")
    by_title = format_of_online(Online(url, name=name, container=name, function="download"))
    by_words = format_of(declared, "") or format_of("", url)
    is_page = declared.lower() == "web page"
    return Resource(
        url=url,
        title=name,
        description=clean_text(_text(item.get("description")), title)[0],
        format="Page web" if is_page else "API" if is_service else by_title or by_words,
        media_type=media_type if "/" in media_type and not is_service else "",
        modified=clean_date(_text(item.get("modified")), title)[0],
        table_schema=table_schema_of("", "", _text(item.get("describedBy")))
        or table_schema_of("", "", _text(item.get("conformsTo"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
