"""Our reading of DCAT beside that of ckanext-dcat, field by field, on real files.

Both read the same bytes; what ckanext-dcat found goes through our cleaning (`harvesters.map.text`,
our vocabularies) and must then be what we found. A licence is compared where theirs finds one: it
looks at files alone, ours at the dataset and its rights too. `DIFFERENCES` names each field that
differs and why; one that differs no more, or another one, fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckanext.dcat.processors import RDFParser

from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import format_of, frequency_of, licence_of, themes_of
from harvesters.model import Config, Dataset, Request, Response
from harvesters.sources import dcat_catalog
from schemas.geometry import to_geometry
from schemas.values import to_email, to_web_address

pytestmark = pytest.mark.usefixtures("with_plugins")
PROFILES = ("euro_dcat_ap_2", "euro_dcat_ap_3")
URL = "http://data.test.org/catalog"
GRAPH = re.compile(r"<rdf:RDF\b.*?</rdf:RDF>", re.DOTALL)
FILES = (
    "dcat/ckanext-dcat-catalog.rdf",
    "dcat/ckanext-dcat-catalog_datasets_list.rdf",
    "dcat/ckanext-dcat-catalog_pod.jsonld",
    "dcat/ckanext-dcat-catalog_with_at_graph.jsonld",
    "dcat/ckanext-dcat-dataset.rdf",
    "dcat/ckanext-dcat-dataset_gob_es.ttl",
    "dcat/ckanext-dcat-dataset_gov_de.rdf",
    "dcat/ckanext-dcat-dataset_multilingual.ttl",
    "dcat/ckanext-dcat-dataset_sweden.rdf",
    "dcat/udata-test-bnodes.jsonld",
    "dcat/udata-test-bnodes.xml",
    "dcat/udata-test-catalog.xml",
    "dcat/udata-test-flat.jsonld",
    "dcat/udata-test-nested.jsonld",
    "dcat/udata-test-paged-collection-1.jsonld",
    "dcat/udata-test-paged-collection-2.jsonld",
    "dcat/udata-test-partial-collection-1.jsonld",
    "dcat/udata-test-partial-collection-2.jsonld",
    "csw/geo2france-dcat-page-1.xml",
    "csw/geo2france-dcat-page-3.xml",
    "csw/geo2france-dcat-page-5.xml",
    "csw/geo2france-geodcatap-page-1.xml",
    "csw/geo2france-geodcatap-page-3.xml",
    "csw/geo2france-geodcatap-page-5.xml",
    "iso/opendataswiss.dcat-ap.dataset.xml",
)
PAGE = "no landing page: ours is the address of the dataset, which leads there on most portals"
ABSTRACT = "written in dct:abstract (GeoNetwork, udata); theirs reads dct:description alone"
SHAPE = "the geometry is GeoSPARQL (asWKT, geoJSONLiteral), which theirs does not know"
CONCEPT = "the theme is a concept known by its label; theirs keeps its address alone"
SERVICE = "the format is seen in the address or in the service; theirs reads dct:format alone"
NAMED = "the producer is named by skos:prefLabel, or by its role in GeoDCAT-AP"
VCARD = "the contact is named by vcard:organisation-name of GeoNetwork"
PERIOD = "the period is two dates with a slash, as DCAT-US writes it"
FRENCH = "theirs wants the language « fr » alone; « fr-t-de » (translated) is French for a reader"
TAGS = "the words of other languages are left where there are French ones"
LICENCE = "CC BY-NC 2.0 is not the 4.0 that we know; theirs makes no difference between them"
GEODCAT = {"spatial": SHAPE, "file_format": SERVICE}
DIFFERENCES: dict[str, dict[str, str]] = {
    "dcat/ckanext-dcat-catalog.rdf": {"landing_page": PAGE},
    "dcat/ckanext-dcat-catalog_datasets_list.rdf": {"landing_page": PAGE},
    "dcat/ckanext-dcat-catalog_pod.jsonld": {"temporal_start": PERIOD, "temporal_end": PERIOD},
    "dcat/ckanext-dcat-catalog_with_at_graph.jsonld": {"landing_page": PAGE},
    "dcat/ckanext-dcat-dataset.rdf": {"licence": LICENCE},
    "dcat/ckanext-dcat-dataset_gob_es.ttl": {"landing_page": PAGE, "publisher": NAMED},
    "dcat/udata-test-bnodes.xml": {"themes": CONCEPT, "spatial": SHAPE, "description": ABSTRACT},
    "dcat/udata-test-catalog.xml": {"description": ABSTRACT, "file_format": SERVICE},
    "dcat/udata-test-flat.jsonld": {"landing_page": PAGE},
    "dcat/udata-test-paged-collection-1.jsonld": {"landing_page": PAGE},
    "dcat/udata-test-partial-collection-1.jsonld": {"landing_page": PAGE},
    "csw/geo2france-dcat-page-1.xml": GEODCAT | {"description": ABSTRACT, "themes": CONCEPT},
    "csw/geo2france-dcat-page-3.xml": {
        "spatial": SHAPE, "description": ABSTRACT, "themes": CONCEPT,
    },
    "csw/geo2france-dcat-page-5.xml": GEODCAT | {"description": ABSTRACT, "themes": CONCEPT},
    "csw/geo2france-geodcatap-page-1.xml": GEODCAT
    | {"themes": CONCEPT, "publisher": NAMED, "landing_page": PAGE},
    "csw/geo2france-geodcatap-page-3.xml": GEODCAT
    | {"themes": CONCEPT, "contact_name": VCARD, "landing_page": PAGE},
    "csw/geo2france-geodcatap-page-5.xml": GEODCAT | {"publisher": NAMED, "contact_name": VCARD},
    "iso/opendataswiss.dcat-ap.dataset.xml": {
        "tags": TAGS, "file_title": FRENCH, "file_description": FRENCH,
    },
}  # fmt: skip


def ours(path: Path) -> dict[str, dict[str, Any]]:
    """What we read, by title."""
    response = Response(Request(URL), URL, 200, {}, path.read_bytes())
    page = dcat_catalog.read(response, Config(URL))
    mapped = [dcat_catalog.to_dataset(record, Config(URL)) for record in page.records]
    return {d.title: _of_ours(d) for d in mapped if isinstance(d, Dataset)}


def _of_ours(found: Dataset) -> dict[str, Any]:
    names = ("remote_id description issued modified frequency themes temporal_start temporal_end "
             "spatial publisher contact_name contact_email landing_page").split()  # fmt: skip
    kept = {name: getattr(found, name) for name in names}
    files = [(r.url, r.title, r.description, r.format, r.media_type, r.size_bytes, r.modified)
             for r in found.resources]  # fmt: skip
    return kept | {"licence": found.licence, "tags": set(found.tags), **_of_files(files)}


FILE_FIELDS = ("url", "title", "description", "format", "media_type", "size", "modified")


def _of_files(files: list[tuple[Any, ...]]) -> dict[str, Any]:
    """One column a field, files in the order of their address."""
    ordered = sorted(files, key=lambda file: str(file[:2]))
    return {f"file_{n}": [file[i] for file in ordered] for i, n in enumerate(FILE_FIELDS)}


def theirs(path: Path, profile: str) -> dict[str, dict[str, Any]]:
    """What ckanext-dcat reads, cleaned as we clean."""
    parser = RDFParser(profiles=[profile])
    text = path.read_text(encoding="utf-8")
    kind = {"ttl": "ttl", "jsonld": "jsonld"}.get(path.suffix[1:], "xml")
    for piece in GRAPH.findall(text) if "csw:GetRecords" in text else [text]:
        parser.parse(piece, _format=kind)
    return {clean_title(d["title"], "")[0]: _of_theirs(d) for d in parser.datasets()}


def _of_theirs(found: dict[str, Any]) -> dict[str, Any]:
    extras = {e["key"]: e["value"] for e in found["extras"]}
    told = {**extras, **{k: v for k, v in found.items() if v}}

    def day(name: str) -> str:
        return clean_date(told.get(name), "")[0]

    shape = next(
        (told[k] for k in ("spatial", "spatial_bbox", "spatial_centroid") if told.get(k)), ""
    )
    themes = told.get("theme") or []
    words = json.loads(themes) if isinstance(themes, str) else themes
    files = [_of_file(resource) for resource in found["resources"]]
    return {
        "remote_id": told.get("uri") or told.get("identifier") or "",
        "description": clean_text(told.get("notes"), "")[0],
        "issued": day("issued"),
        "modified": day("modified"),
        "frequency": frequency_of(told.get("frequency", "")),
        "themes": themes_of(words) or themes_of(_keywords(found)),
        "temporal_start": day("temporal_start"),
        "temporal_end": day("temporal_end"),
        "spatial": to_geometry(shape) or "",
        "publisher": one_line(told.get("publisher_name")),
        "contact_name": one_line(told.get("contact_name")),
        "contact_email": to_email(told.get("contact_email", "")) or "",
        "landing_page": to_web_address(told.get("url", "")) or "",
        "licence": licence_of(found["license_id"])[0] if found.get("license_id") else "",
        "tags": set(clean_tags(_keywords(found))),
        **_of_files([file for file in files if file[0]]),
    }


def _keywords(found: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in found["tags"]]


def _of_file(resource: dict[str, Any]) -> tuple[Any, ...]:
    media = resource.get("mimetype", "").split("media-types/")[-1]
    name = (
        resource.get("format", "").rsplit("/", 1)[-1] if "://" in resource.get("format", "") else ""
    )
    url = to_web_address(resource["url"]) or ""
    return (
        url,
        one_line(resource.get("name")),
        clean_text(resource.get("description"), "")[0],
        format_of(name or resource.get("format", ""), url),
        media if "/" in media else "",
        resource.get("size"),
        clean_date(resource.get("modified"), "")[0],
    )


def differing(path: Path, profile: str) -> Iterator[tuple[str, Any, Any]]:
    """Each field that is not the same, with what each side says."""
    mine, other = ours(path), theirs(path, profile)
    if mine.keys() != other.keys():
        yield "title", sorted(mine), sorted(other)
    for title in mine.keys() & other.keys():
        for name, value in mine[title].items():
            is_untold = name == "licence" and not other[title][name]
            if value != other[title][name] and not is_untold:
                yield name, value, other[title][name]


@pytest.mark.parametrize("profile", PROFILES)
def test_files_are_read_as_ckanext_dcat_reads_them_but_where_we_say_why(
    profile: str, shared_data: Path
) -> None:
    found = {name: list(differing(shared_data / "catalogues" / name, profile)) for name in FILES}
    fields = {name: {field for field, _, _ in told} for name, told in found.items() if told}
    assert fields == {name: set(told) for name, told in DIFFERENCES.items()}, found
