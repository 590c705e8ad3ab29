"""Map a dataset of an Opendatasoft (Huwise) portal, as its Explore API gives it.

JSON keys: `dataset_id has_records data_visible visibility features fields attachments
alternative_exports metas`; `metas` holds one object a template: `default` (title, description,
theme, keyword, license, license_url, modified, data_processed, publisher, references,
attributions, geographic_reference, bbox, source_domain_address, source_dataset…), and `dcat`,
`dcat_ap`, `inspire`, `custom` where the portal has them.
Source: Explore API 2.1, https://help.opendatasoft.com/apis/ods-explore-v2/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from harvesters.map.answer import an_object, objects
from harvesters.map.place import to_box, to_communes
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, frequency_of, licence_of, themes_of, told_of_licence
from harvesters.model import Dataset, Issue, Record, Resource
from schemas.geometry import to_geometry
from schemas.values import to_email, to_list, to_web_address

API = "api/explore/v2.1/catalog/datasets"
# what changes without the dataset changing
VOLATILE = frozenset({"metadata_processed", "records_count"})
COMMUNE = re.compile(r"fr_\d+_(\w{5})")
SIDES = ("bbox_x_min", "bbox_y_min", "bbox_x_max", "bbox_y_max")
# (end of the address, format, needs a geometry); labels for column names where people read them
EXPORTS = (
    ("csv?use_labels=true", "CSV", False),
    ("geojson", "GeoJSON", True),
    ("shp", "Shapefile", True),
    ("json", "JSON", False),
    ("parquet", "Parquet", False),
    ("xlsx?use_labels=true", "XLSX", False),
)


def steady(item: Mapping[str, Any]) -> dict[str, Any]:
    """The dataset without its counters, so that it comes back the same while nothing changes."""
    metas = an_object(item.get("metas"))
    default = {k: v for k, v in an_object(metas.get("default")).items() if k not in VOLATILE}
    kept = {name: template for name, template in metas.items() if name != "explore"}
    return {**item, "metas": {**kept, "default": default}} if metas else dict(item)


def to_dataset(record: Record, site: str) -> Dataset | Issue:
    """Map one dataset; `site` is the root of the portal, without a last slash."""
    item = record.payload
    metas = an_object(item.get("metas"))
    default, dcat = an_object(metas.get("default")), an_object(metas.get("dcat"))
    title, cut = clean_title(default.get("title") or record.remote_id, record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    if item.get("visibility") == "restricted":
        return Issue("TER-VAL-010", record.where, title)
    notes, cleaned = clean_text(default.get("description"), title)
    issued, bad_issued = clean_date(dcat.get("issued") or dcat.get("created"), title)
    changed = default.get("modified") or default.get("data_processed")
    modified, bad_modified = clean_date(changed, title)
    licence, label = licence_of(*(str(default.get(k) or "") for k in ("license", "license_url")))
    words = to_list(default.get("keyword"))
    page = _page(default, record.remote_id, site)
    first_day, last_day = _period(dcat)
    resources, told = _resources(record, site, title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(to_list(default.get("theme"))) or themes_of(words)[:3],
        tags=clean_tags(words),
        frequency=frequency_of(_frequency(default, dcat)),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(first_day, title)[0],
        temporal_end=clean_date(last_day, title)[0],
        communes=to_communes(_codes(default)),
        spatial=_spatial(default),
        publisher=one_line(default.get("publisher") or dcat.get("creator")),
        contact_name=one_line(dcat.get("contact_name")),
        contact_email=to_email(str(dcat.get("contact_email") or "")) or "",
        language=one_line("".join(to_list(default.get("language"))[:1]), 20),
        landing_page=page,
        upstream_uri=page,
        resources=resources,
        properties=_properties(item, default, metas),
        issues=cut + cleaned + bad_issued + bad_modified + told + told_of_licence(label, title),
    )


def _page(default: Mapping[str, Any], remote_id: str, site: str) -> str:
    """The page at the portal that a federated dataset comes from, else on this portal."""
    origin = one_line(default.get("source_domain_address"), 200)
    known = one_line(default.get("source_dataset"), 300)
    root, name = (f"https://{origin}", known) if origin and known else (site, remote_id)
    return to_web_address(f"{root}/explore/dataset/{quote(name, safe='@')}/") or ""


def _frequency(default: Mapping[str, Any], dcat: Mapping[str, Any]) -> str:
    told = (dcat.get("accrualperiodicity"), default.get("update_frequency"))
    return next((str(word) for word in told if word), "")


def _period(dcat: Mapping[str, Any]) -> tuple[str, str]:
    """Two dates, or the interval of ISO 8601 that DCAT had first."""
    first, last = (str(dcat.get(f"temporal_coverage_{end}") or "") for end in ("start", "end"))
    interval = str(dcat.get("temporal") or "")
    if not (first or last) and interval.count("/") == 1 and len(interval) < 60:
        first, last = interval.split("/")
    return first, last


def _codes(default: Mapping[str, Any]) -> list[str]:
    """The communes among references such as `fr_40_53` or `fr_80_35238`."""
    found = map(COMMUNE.fullmatch, to_list(default.get("geographic_reference")))
    return [match[1] for match in found if match]


def _spatial(default: Mapping[str, Any]) -> str:
    """The box or the geometry, in any of the forms that portals give."""
    for told in (default.get("bbox"), default.get("geographic_area")):
        if isinstance(told, list) and len(told) == 4:
            return to_box(*told)
        area = an_object(told)
        found = to_geometry(area.get("geometry") or area) if area else None
        if found or all(side in area for side in SIDES):
            return found or to_box(*(area[side] for side in SIDES))
    return to_box(*(default.get(side) for side in SIDES))


def _properties(
    item: Mapping[str, Any], default: Mapping[str, Any], metas: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """What has no field of ours."""
    inspire = an_object(metas.get("inspire"))
    told = {
        "references": ", ".join(_texts(default.get("references"))),
        "attributions": ", ".join(_texts(default.get("attributions"))),
        "territory": ", ".join(_texts(default.get("territory"))),
        "inspire_theme": ", ".join(_texts(inspire.get("theme"))),
        "geo_fields": ", ".join(_geo_fields(item)),
        "federated_from": one_line(default.get("source_domain_address"), 200),
    }
    return tuple((name, value[:1000]) for name, value in told.items() if value)


def _texts(value: object) -> list[str]:
    """One text or several: a comma inside a text does not cut it."""
    listed = value if isinstance(value, list) else [value]
    return [one_line(text) for text in listed if isinstance(text, str) and text.strip()]


def _geo_fields(item: Mapping[str, Any]) -> list[str]:
    return [
        one_line(field.get("name"), 100)
        for field in objects(item.get("fields"))
        if field.get("type") in ("geo_point_2d", "geo_shape")
    ]


def _resources(
    record: Record, site: str, title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    """The table in each format, when the portal shows it, then files laid beside it."""
    item = record.payload
    root = f"{site}/{API}/{quote(record.remote_id, safe='@')}"
    found = list(_exports(item, root, title))
    for folder in ("alternative_exports", "attachments"):
        for file in objects(item.get(folder)):
            url = _file_address(file, f"{root}/{folder}")
            if url:
                found.append(_file(file, url, title))
    return tuple(found), () if found else (Issue("TER-MAP-004", title),)


def _exports(item: Mapping[str, Any], root: str, title: str) -> Iterator[Resource]:
    if item.get("has_records") is not True or item.get("data_visible") is False:
        return
    default = an_object(an_object(item.get("metas")).get("default"))
    # the day when the rows came, which `modified` may ignore: tables are read again by it
    day = clean_date(default.get("data_processed") or default.get("modified"), title)[0]
    is_placed = "geo" in to_list(item.get("features")) or bool(_geo_fields(item))
    for end, name, needs_place in EXPORTS:
        url = to_web_address(f"{root}/exports/{end}")
        if url and (is_placed or not needs_place):
            yield Resource(url=url, title=f"{title} ({name})", format=name, modified=day)


def _file_address(file: Mapping[str, Any], folder: str) -> str:
    """The address of a file; the API may give only its place in the store (`odsfile://`)."""
    known = one_line(file.get("id"), 300)
    usual = f"{folder}/{quote(known, safe='')}" if known else ""
    return to_web_address(str(file.get("url") or "")) or to_web_address(usual) or ""


def _file(file: Mapping[str, Any], url: str, title: str) -> Resource:
    name, media_type = one_line(file.get("title")), one_line(file.get("mimetype"), 100)
    return Resource(
        url=url,
        title=name,
        description=clean_text(file.get("description"), title)[0],
        format=format_of("", name) or format_of(media_type, ""),
        media_type=media_type if "/" in media_type else "",
    )
