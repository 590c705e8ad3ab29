"""Terms of our vocabularies as RDF nodes: themes, languages, licences, formats."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckanext.dcat.profiles.base import DCT, CleanedURIRef
from rdflib import RDF, SKOS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from schemas.vocabulary import load_vocabulary

EU = "http://publications.europa.eu/resource/authority"
DATA_THEMES = URIRef(f"{EU}/data-theme")
IANA = "https://www.iana.org/assignments/media-types/"
# The languages met in French catalogues: ISO 639-1 or the name, to the EU code.
LANGUAGES = {
    "fr": "FRA", "fra": "FRA", "fre": "FRA", "français": "FRA", "french": "FRA",
    "en": "ENG", "eng": "ENG",
    "de": "DEU", "es": "SPA", "it": "ITA", "nl": "NLD", "pt": "POR", "br": "BRE", "eu": "EUS",
    "oc": "OCI", "co": "COS", "ca": "CAT",
}  # fmt: skip
LANGUAGE_FR = URIRef(f"{EU}/language/FRA")


def language_uri(language: str) -> URIRef | None:
    """Name a language in the EU table: `fr`, `fr-FR` or the address itself."""
    if language.startswith(f"{EU}/language/"):
        return URIRef(language)
    code = LANGUAGES.get(language.casefold()) or LANGUAGES.get(language.casefold()[:2])
    return URIRef(f"{EU}/language/{code}") if code else None


def add_concept(graph: Graph, theme_id: str) -> URIRef:
    """Describe a theme once in the graph: its label, its scheme, the theme above it."""
    term = load_vocabulary("themes").terms[theme_id]
    ref = theme_uri(term.uri)
    graph.add((ref, RDF.type, SKOS.Concept))
    graph.add((ref, SKOS.prefLabel, Literal(term.label, lang="fr")))
    if term.parent:
        graph.add((ref, SKOS.broader, add_concept(graph, term.parent)))
    else:
        graph.add((ref, SKOS.inScheme, DATA_THEMES))
    return ref


def theme_uri(uri: str) -> URIRef:
    """Complete the path of one of our own themes with the address of the portal."""
    return URIRef(toolkit.config["ckan.site_url"].rstrip("/") + uri if uri.startswith("/") else uri)


def add_licence(graph: Graph, dataset: dict[str, Any]) -> Node | None:
    """Describe the licence: an address when it has one, else its label; None when none is said."""
    licence_id = dataset.get("license_id") or ""
    term = load_vocabulary("licences").get(licence_id)
    label = dataset.get("licence_label") or (
        term.label if term and licence_id != "notspecified" else ""
    )
    if term and term.uri:
        node: Node = URIRef(term.uri)
        label = term.label
    elif label:
        node = BNode()
    else:
        return None
    graph.add((node, RDF.type, DCT.LicenseDocument))
    graph.add((node, DCT.title, Literal(label, lang="fr")))
    return node


def add_format(graph: Graph, label: str) -> URIRef | None:
    """Name a file format in the EU table, when it has it."""
    formats = load_vocabulary("formats")
    term = formats.get(formats.match(label) or "")
    if term is None or not term.uri:
        return None
    graph.add((URIRef(term.uri), RDF.type, DCT.MediaTypeOrExtent))
    return URIRef(term.uri)


def add_media_type(graph: Graph, media_type: str, label: str) -> URIRef | None:
    """Name a media type at IANA: the declared one, else the usual one of the format."""
    formats = load_vocabulary("formats")
    term = formats.get(formats.match(label) or "")
    declared = (
        (media_type or (term.facts.get("media_type", "") if term else "")).split(";")[0].strip()
    )
    if declared.count("/") != 1:
        return None
    ref = CleanedURIRef(IANA + declared.lower())
    graph.add((ref, RDF.type, DCT.MediaType))
    return ref
