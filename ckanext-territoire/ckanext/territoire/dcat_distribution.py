"""The files of a dataset as DCAT distributions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ckanext.dcat.profiles.base import DCAT, DCT, SPDX, CleanedURIRef
from ckanext.dcat.utils import resource_uri
from rdflib import RDF, RDFS, XSD, BNode, Literal, URIRef

from ckanext.territoire.dcat_terms import add_format, add_licence, add_media_type
from schemas.load import table_schemas
from schemas.values import to_web_address
from schemas.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from ckanext.territoire.dcat_profile import TerritoireDcatAp

# DCAT-AP names the algorithms under the https address of SPDX.
ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256"}
ALGORITHM = "https://spdx.org/rdf/terms#checksumAlgorithm_"
NOT_FILES = {"html", "api", "wms", "wfs", "wmts", "sensorthings"}


def add_distributions(
    profile: TerritoireDcatAp, dataset: dict[str, Any], dataset_ref: URIRef
) -> None:
    """Describe every file; the licence of the dataset is said on each."""
    licence = add_licence(profile.g, dataset)
    if licence is not None:
        profile.g.add((dataset_ref, DCT.license, licence))
    for resource in dataset.get("resources", []):
        ref = CleanedURIRef(resource_uri(resource))
        profile.g.add((dataset_ref, DCAT.distribution, ref))
        profile.g.add((ref, RDF.type, DCAT.Distribution))
        if licence is not None:
            profile.g.add((ref, DCT.license, licence))
        _add_texts(profile, resource, ref)
        _add_addresses(profile, resource, ref)
        _add_file_facts(profile, resource, ref)


def _add_texts(profile: TerritoireDcatAp, resource: dict[str, Any], ref: URIRef) -> None:
    for key, predicate in (("name", DCT.title), ("description", DCT.description)):
        if resource.get(key):
            profile.g.add((ref, predicate, Literal(resource[key], lang="fr")))
    profile._add_date_triple(ref, DCT.issued, resource.get("created"))
    modified = resource.get("last_modified") or resource.get("metadata_modified")
    profile._add_date_triple(ref, DCT.modified, modified)


def _add_addresses(profile: TerritoireDcatAp, resource: dict[str, Any], ref: URIRef) -> None:
    """Say where it is reached, and where the file itself is when it is one."""
    web_address = to_web_address(resource.get("url") or "")
    address = CleanedURIRef(web_address) if web_address else ref
    profile.g.add((ref, DCAT.accessURL, address))
    profile.g.add((address, RDF.type, RDFS.Resource))
    kind = load_vocabulary("formats").match(resource.get("format") or "")
    if web_address and kind not in NOT_FILES:
        profile.g.add((ref, DCAT.downloadURL, address))


def _add_file_facts(profile: TerritoireDcatAp, resource: dict[str, Any], ref: URIRef) -> None:
    graph, label = profile.g, resource.get("format") or ""
    for predicate, node in (
        (DCT["format"], add_format(graph, label)),
        (DCAT.mediaType, add_media_type(graph, resource.get("mimetype") or "", label)),
    ):
        if node is not None:
            graph.add((ref, predicate, node))
    size = str(resource.get("size") or "")
    if size.isdigit():
        graph.add((ref, DCAT.byteSize, Literal(int(size), datatype=XSD.nonNegativeInteger)))
    _add_checksum(profile, resource.get("hash") or "", ref)
    slug = resource.get("table_schema")
    if slug:
        standard = BNode()
        graph.add((ref, DCT.conformsTo, standard))
        graph.add((standard, RDF.type, DCT.Standard))
        graph.add((standard, DCT.identifier, Literal(slug)))
        graph.add((standard, DCT.title, Literal(table_schemas().get(slug, slug), lang="fr")))


def _add_checksum(profile: TerritoireDcatAp, fingerprint: str, ref: URIRef) -> None:
    """Say the fingerprint of the file, when its length tells how it was made."""
    digits = fingerprint.rpartition(":")[2].lower()
    algorithm = ALGORITHMS.get(len(digits))
    if algorithm is None or not re.fullmatch(r"[0-9a-f]+", digits):
        return
    checksum, name = BNode(), URIRef(ALGORITHM + algorithm)
    profile.g.add((ref, SPDX.checksum, checksum))
    profile.g.add((checksum, RDF.type, SPDX.Checksum))
    profile.g.add((checksum, SPDX.checksumValue, Literal(digits, datatype=XSD.hexBinary)))
    profile.g.add((checksum, SPDX.algorithm, name))
    profile.g.add((name, RDF.type, SPDX.ChecksumAlgorithm))
