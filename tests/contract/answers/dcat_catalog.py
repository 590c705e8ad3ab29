"""A DCAT-AP catalogue in two Hydra pages, in Turtle; names of the norm, invented data."""

from __future__ import annotations

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, Serve, response

URL = "https://data.exemple.fr/catalog.ttl"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix gsp: <http://www.opengis.net/ont/geosparql#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
"""
TREES = """
<https://data.exemple.fr/dataset/arbres> a dcat:Dataset ;
    dct:title "Arbres remarquables"@fr, "Remarkable trees"@en ;
    dct:description "<p>Les arbres <b>remarquables</b> de la commune.</p>"@fr ;
    dct:identifier "arbres" ;
    dcat:keyword "arbres"@fr, "parcs, jardins"@fr, "trees"@en ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> ;
    dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
    dct:issued "2024-02-01" ; dct:modified "2026-03-04T10:00:00Z" ;
    dct:language <http://publications.europa.eu/resource/authority/language/FRA> ;
    dct:license <https://www.etalab.gouv.fr/licence-ouverte-open-licence/> ;
    dct:publisher [ a foaf:Organization ; foaf:name "Ville d’Acigné" ] ;
    dcat:contactPoint [ a vcard:Organization ; vcard:fn "Espaces verts" ;
        vcard:hasEmail <mailto:espaces.verts@ville-acigne.fr> ] ;
    dct:temporal [ dcat:startDate "2023-01-01" ; dcat:endDate "2025-12-31" ] ;
    dct:spatial <http://id.insee.fr/geo/commune/35001>, [ a dct:Location ;
        locn:geometry "POINT(-1.53 48.13)"^^gsp:wktLiteral ] ;
    dcat:distribution <https://data.exemple.fr/dataset/arbres/csv>, [ a dcat:Distribution ;
        dct:title "Carte" ; dcat:accessURL <https://carte.exemple.fr/ows> ;
        dcat:accessService [ a dcat:DataService ;
            dct:conformsTo <http://www.opengeospatial.org/standards/wms> ] ] .

<https://data.exemple.fr/dataset/arbres/csv> a dcat:Distribution ;
    dct:title "Arbres" ; dcat:downloadURL <https://data.exemple.fr/arbres.csv> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;
    dcat:byteSize 1204.0 ; dct:modified "2026-03-04" .
"""
PAGE_1 = f"""{PREFIXES}
<https://data.exemple.fr/> a dcat:Catalog, hydra:Collection ; hydra:totalItems 2 ;
    dcat:dataset <https://data.exemple.fr/dataset/arbres>, <https://data.exemple.fr/dataset/bancs> .
<{URL}?page=1> a hydra:PartialCollectionView ; hydra:next <{URL}?page=2> .
{TREES}"""
PAGE_2 = f"""{PREFIXES}
<https://data.exemple.fr/> a dcat:Catalog ; hydra:totalItems 2 .
<{URL}?page=2> a hydra:PartialCollectionView ; hydra:previous <{URL}?page=1> .
<https://data.exemple.fr/dataset/bancs> a dcat:Dataset ; dct:title "Bancs publics" ;
    dct:license "ODbL" ; dcat:distribution [ a dcat:Distribution ; dct:format "GeoJSON" ;
        dcat:accessURL <https://data.exemple.fr/bancs.geojson> ] .
"""
EMPTY = f"{PREFIXES}\n<https://data.exemple.fr/> a dcat:Catalog ; hydra:totalItems 0 ."


def server(pages: dict[str, str]) -> Serve:
    """Answer pages by address; the first one for any other."""

    def serve(request: Request) -> Response | Issue:
        body = pages.get(request.url, next(iter(pages.values())))
        return response(request, body.encode(), "text/turtle")

    return serve


CASES = [
    Case("turtle-paged", "dcat_catalog", Config(URL),
         server({URL: PAGE_1, f"{URL}?page=2": PAGE_2}), 2, empty=EMPTY.encode()),
]  # fmt: skip
