"""The rules that judge our catalogue do refuse what DCAT-AP refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph

SHAPES = Path(__file__).parents[1] / "ckan" / "dcat_ap_shapes.ttl"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix locn: <http://www.w3.org/ns/locn#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
DATASET = "?d a dcat:Dataset ; dct:title 't' ; dct:description 'd'"


def conforms(turtle: str) -> bool:
    graph = Graph().parse(data=PREFIXES + turtle.replace("?d", "<http://a.fr/d>"))
    rules = Graph().parse(SHAPES, format="turtle")
    verdict, _, _ = validate(graph, shacl_graph=rules, advanced=True)
    return bool(verdict)


def test_a_dataset_with_a_title_and_a_description_is_enough() -> None:
    assert conforms(f"{DATASET} .")


@pytest.mark.parametrize(
    "broken",
    [
        "?d a dcat:Dataset ; dct:title 'sans description' .",
        f"{DATASET} ; dct:language 'fr' .",
        f"{DATASET} ; dcat:theme <http://x.fr/a> .",
        "?d a dcat:Distribution ; dct:title 'sans adresse' .",
        "?d a dcat:Distribution ; dcat:accessURL <http://a.fr/> ; dct:format 'CSV' .",
        "?d a dcat:Distribution ; dcat:accessURL <http://a.fr/> ; dcat:byteSize '12.0' .",
        "?d a dct:Location ; locn:geometry 'POINT (1 2)' .",
        "?d a dcat:Catalog ; dct:title 't' ; dct:description 'd' .",
        "?d a dct:PeriodOfTime ; dcat:startDate 'hier' .",
    ],
)
def test_the_rules_refuse_what_dcat_ap_refuses(broken: str) -> None:
    assert not conforms(broken)
