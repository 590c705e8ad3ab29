"""Where a dataset is about, in RDF: the communes by their INSEE address, and the geometry.

DCAT-AP 3 wants a geometry to be a node; the box around it is a plain literal.
"""

from __future__ import annotations

import json
from typing import Any

import shapely
from ckanext.dcat.profiles.base import DCAT, DCT, GSP, LOCN
from rdflib import RDF, SKOS, BNode, Graph, Literal, URIRef
from shapely.geometry import shape

from ckanext.territoire import coverage
from schemas.values import to_list

COMMUNE = "http://id.insee.fr/geo/commune/"


def add_places(graph: Graph, dataset: dict[str, Any], dataset_ref: URIRef) -> None:
    """Describe the places of a dataset."""
    codes = to_list(dataset.get("communes"))
    names = coverage.communes().names if codes else {}
    for code in codes:
        place = URIRef(COMMUNE + code)
        graph.add((dataset_ref, DCT.spatial, place))
        graph.add((place, RDF.type, DCT.Location))
        graph.add((place, DCT.identifier, Literal(code)))
        if code in names:
            graph.add((place, SKOS.prefLabel, Literal(names[code], lang="fr")))
    geometry = _read_geometry(dataset.get("spatial"))
    if geometry is not None:
        _add_geometry(graph, dataset_ref, geometry)


def _add_geometry(graph: Graph, dataset_ref: URIRef, geometry: shapely.Geometry) -> None:
    place, node = BNode(), BNode()
    graph.add((dataset_ref, DCT.spatial, place))
    graph.add((place, RDF.type, DCT.Location))
    graph.add((place, DCAT.bbox, _to_wkt(shapely.box(*geometry.bounds))))
    graph.add((place, DCAT.centroid, _to_wkt(geometry.centroid)))
    graph.add((place, LOCN.geometry, node))
    graph.add((node, RDF.type, LOCN.Geometry))
    graph.add((node, GSP.asWKT, _to_wkt(geometry)))


def _to_wkt(geometry: shapely.Geometry) -> Literal:
    return Literal(shapely.to_wkt(geometry, rounding_precision=5), datatype=GSP.wktLiteral)


def _read_geometry(text: object) -> shapely.Geometry | None:
    """Read a stored GeoJSON geometry; a broken or empty one is left out."""
    try:
        geometry = shape(json.loads(text) if isinstance(text, str) else text or {})
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError):
        return None
    return None if geometry.is_empty else geometry
