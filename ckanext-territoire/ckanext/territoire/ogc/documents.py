"""The documents that lead to features and tiles: landing page, conformance, collections, tile sets.

Shapes: OGC API – Features 1 and 3, OGC API – Tiles 1, TileJSON 3. Every address is the public one;
every title is French; each collection says its licence and whom to name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckanext.territoire.ogc.asked import CRS84
from ckanext.territoire.ogc.settings import Settings
from ckanext.territoire.ogc.tables import Published
from ckanext.territoire.ogc.tile_sql import shown
from schemas.vocabulary import load_vocabulary

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI, SCHEMA = "application/vnd.oai.openapi+json;version=3.0", "application/schema+json"
MVT = "application/vnd.mapbox-vector-tile"
GRID = "WebMercatorQuad"
REL = "http://www.opengis.net/def/rel/ogc/1.0"
MAX_SHOWN_ZOOM = 18  # a map enlarges the tiles of this one beyond
FOLDED = (
    "De loin, les objets trop proches pour être vus un à un sont réunis en un point, qui dit leur "
    "nombre («\u00a0nombre\u00a0»)\u00a0; un tracé ou une surface de moins d’un pixel y est compté "
    "aussi. Aucun n’est retiré."
)
CONFORMS = (
    "ogcapi-common-1/1.0/conf/core", "ogcapi-common-1/1.0/conf/landingPage",
    "ogcapi-common-1/1.0/conf/json", "ogcapi-common-1/1.0/conf/oas30",
    "ogcapi-common-2/1.0/conf/collections", "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/oas30", "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
    "ogcapi-features-3/1.0/conf/queryables", "cql2/1.0/conf/cql2-text", "cql2/1.0/conf/cql2-json",
    "cql2/1.0/conf/basic-cql2", "cql2/1.0/conf/advanced-comparison-operators",
    "cql2/1.0/conf/case-insensitive-comparison", "cql2/1.0/conf/basic-spatial-functions",
    "ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/tileset",
    "ogcapi-tiles-1/1.0/conf/tilesets-list", "ogcapi-tiles-1/1.0/conf/mvt",
)  # fmt: skip
Document = dict[str, Any]


def link(rel: str, href: str, type: str, title: str) -> Document:
    """One link."""
    return {"rel": rel, "href": href, "type": type, "title": title}


def to_landing(settings: Settings) -> Document:
    """The entry."""
    root = settings.root
    return {
        "title": f"{settings.site_title}\u00a0: tables du territoire, pour les cartes et les SIG",
        "description": (
            "Les tables réunies des communes qui ont une position, comme objets géographiques (OGC "
            "API – Features) et comme tuiles vectorielles (OGC API – Tiles)."
        ),
        "links": [
            link("self", f"{root}/", JSON, "Cette page"),
            link("service-desc", f"{root}/api", OPENAPI, "Description de l’API (OpenAPI)"),
            link("service-doc", f"{settings.site_url}/aide/developpeurs#cartes-et-sig", HTML,
                 "Guide\u00a0: cartes et SIG"),
            link("conformance", f"{root}/conformance", JSON, "Normes suivies"),
            link("data", f"{root}/collections", JSON, "Collections"),
            link(f"{REL}/tiling-schemes", f"{root}/tileMatrixSets", JSON, "Grilles de tuiles"),
        ],
    }  # fmt: skip


def to_conformance() -> Document:
    """The parts of the standards that are served."""
    return {"conformsTo": [f"http://www.opengis.net/spec/{part}" for part in CONFORMS]}


def to_collections(settings: Settings, tables: Sequence[Published]) -> Document:
    """All collections."""
    return {
        "links": [link("self", f"{settings.root}/collections", JSON, "Collections")],
        "numberMatched": len(tables),
        "numberReturned": len(tables),
        "collections": [to_collection_document(settings, each) for each in tables],
    }


def to_collection_document(settings: Settings, table: Published) -> Document:
    """One collection: what it holds, its licence, whom to name, where its features are."""
    here = f"{settings.root}/collections/{table.slug}"
    told: Document = {
        "id": table.slug,
        "title": table.schema.title,
        "description": table.schema.description,
        "attribution": attribution(settings, table),
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link("self", here, JSON, table.schema.title),
            link("items", f"{here}/items", GEOJSON, "Objets"),
            link(f"{REL}/queryables", f"{here}/queryables", SCHEMA, "Colonnes pour filtrer"),
            link(f"{REL}/tilesets-vector", f"{here}/tiles", JSON, "Tuiles vectorielles"),
            *_about(settings, table),
        ],
    }
    if table.measure.extent:
        box = [round(edge, 6) for edge in table.measure.extent]
        told["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
    licence = _licence(table)
    if licence:
        told["license"] = licence[0]
    return told


def attribution(settings: Settings, table: Published) -> str:
    """Whom a map must name: the publisher, the portal, the licence."""
    licence = _licence(table)
    parts = (table.publisher, settings.site_title, licence[1] if licence else "")
    return " – ".join(part for part in parts if part)


def to_tilesets(settings: Settings, table: Published) -> Document:
    """The tile sets of a collection: one."""
    here = f"{settings.root}/collections/{table.slug}/tiles"
    return {
        "links": [link("self", here, JSON, "Jeux de tuiles")],
        "tilesets": [to_tileset(settings, table)],
    }


def to_tileset(settings: Settings, table: Published) -> Document:
    """What is said of the tiles of a collection."""
    here = f"{settings.root}/collections/{table.slug}/tiles/{GRID}"
    tile = link("item", f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MVT, "Une tuile")
    return {
        "title": table.schema.title,
        "description": FOLDED,
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{GRID}",
        "attribution": attribution(settings, table),
        "links": [
            link("self", here, JSON, table.schema.title),
            {**tile, "templated": True},
            link("describedby", f"{here}/tilejson.json", JSON, "TileJSON"),
            link(f"{REL}/tiling-scheme", f"{settings.root}/tileMatrixSets/{GRID}", JSON, "Grille"),
        ],
    }


def to_tilejson(settings: Settings, table: Published) -> Document:
    """What a map library needs to draw the tiles."""
    titles = {each.name: each.title for each in table.schema.fields}
    fields = {name: titles.get(name, name) for name in shown(table.schema)}
    fields |= {
        "territoire_cle": "Identifiant de la ligne",
        "territoire_commune": "Code Insee de la commune",
        "nombre": "Nombre de lignes du tableau réunies en ce point",
    }
    here = f"{settings.root}/collections/{table.slug}/tiles/{GRID}"
    told: Document = {
        "tilejson": "3.0.0",
        "name": table.schema.title,
        "description": f"{table.schema.description}\n\n{FOLDED}",
        "attribution": attribution(settings, table),
        "tiles": [f"{here}/{{z}}/{{y}}/{{x}}"],
        "minzoom": 0,
        "maxzoom": MAX_SHOWN_ZOOM,
        "vector_layers": [{"id": table.slug, "fields": fields}],
    }
    if table.measure.extent:
        told["bounds"] = [round(edge, 6) for edge in table.measure.extent]
    return told


def _about(settings: Settings, table: Published) -> list[Document]:
    site, slug = settings.site_url, table.slug
    told = [link("describedby", f"{site}/modeles/{slug}", HTML, "Modèle du tableau")]
    if table.page:
        page = f"{site}/dataset/{table.page}"
        told.append(link("canonical", page, HTML, "Page du jeu de données"))
    whole = f"{site}/api/territoire/v1/tables/{slug}.geojson"
    told.append(link("enclosure", whole, GEOJSON, "Toute la table (GeoJSON)"))
    licence = _licence(table)
    if licence:
        told.append(link("license", licence[0], HTML, licence[1]))
    return told


def _licence(table: Published) -> tuple[str, str] | None:
    """Address and name of the licence."""
    terms = {term.id: term for term in load_vocabulary("licences")}
    term = terms.get(table.licence)
    return (term.uri, term.label) if term else None
