"""The addresses of the API: each reads what is asked and answers one document."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from morecantile import tms

from ckanext.territoire.api.asked import Fault
from ckanext.territoire.ogc import documents
from ckanext.territoire.ogc.asked import read_asked, read_format
from ckanext.territoire.ogc.collection import SHAPE, columns_of, queryables_of
from ckanext.territoire.ogc.features import Page
from ckanext.territoire.ogc.refusal import Refusal, cut, refused
from ckanext.territoire.ogc.state import State, find_table, state_of
from ckanext.territoire.ogc.tables import Published
from ckanext.territoire.ogc.tiles import LEVEL, MIN_COMPRESSED
from harvesters.model import Issue

router = APIRouter()


@router.get("/", summary="Entrée de l’API", tags=["Généralités"])
async def landing(request: Request) -> Any:
    """Où se trouve le reste."""
    _only_format(request)
    return documents.to_landing(state_of(request).settings)


@router.get("/conformance", summary="Normes suivies", tags=["Généralités"])
async def conformance(request: Request) -> Any:
    """Les parties des normes OGC que suit cette API."""
    _only_format(request)
    return documents.to_conformance()


@router.get("/collections", summary="Collections", tags=["Objets"])
async def collections(request: Request) -> Any:
    """Les tables du territoire dont les lignes ont une position."""
    _only_format(request)
    state = state_of(request)
    return documents.to_collections(state.settings, state.tables.all())


@router.get("/collections/{collectionId}", summary="Une collection", tags=["Objets"])
async def collection(request: Request, collectionId: str) -> Any:
    """Emprise, licence, mention à citer et adresses d’une table."""
    _only_format(request)
    table = find_table(request, collectionId)
    return documents.to_collection_document(state_of(request).settings, table)


@router.get("/collections/{collectionId}/queryables", summary="Colonnes", tags=["Objets"])
async def queryables(request: Request, collectionId: str) -> Any:
    """Les colonnes qu’un filtre peut nommer, en JSON Schema."""
    _only_format(request)
    table = find_table(request, collectionId)
    told = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": f"{state_of(request).settings.root}/collections/{table.slug}/queryables",
        "type": "object",
        "title": table.schema.title,
        "properties": queryables_of(table),
        "additionalProperties": False,
    }
    return JSONResponse(told, media_type=documents.SCHEMA)


@router.get("/collections/{collectionId}/items", summary="Objets", tags=["Objets"])
async def items(request: Request, collectionId: str) -> Any:
    """Une page d’objets en GeoJSON."""
    state, table = state_of(request), find_table(request, collectionId)
    names = frozenset(each.name for each in columns_of(table))
    asked = read_asked(request.query_params.multi_items(), names, SHAPE)
    page = await state.reader.read_page(table, asked)
    return await _compressed(request, _to_body(state, table, page, request))


@router.get("/collections/{collectionId}/items/{itemId:path}", summary="Un objet", tags=["Objets"])
async def item(request: Request, collectionId: str, itemId: str) -> Any:
    """L’objet d’un identifiant (`territoire_cle`)."""
    _only_format(request)
    state, table = state_of(request), find_table(request, collectionId)
    found = await state.reader.read_one(table, itemId) if "\x00" not in itemId else None
    if found is None:
        issue = Issue("TER-API-181", found=cut(itemId), expected="aucun")
        raise Refusal(404, Fault(issue, "itemId"))
    here = f"{state.settings.root}/collections/{table.slug}"
    links = [
        documents.link("self", f"{here}/items/{_path(itemId)}", documents.GEOJSON, "Cet objet"),
        documents.link("collection", here, documents.JSON, table.schema.title),
    ]
    body = f'{found[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}'
    return Response(body, media_type=documents.GEOJSON)


@router.get("/collections/{collectionId}/tiles", summary="Jeux de tuiles", tags=["Tuiles"])
async def tilesets(request: Request, collectionId: str) -> Any:
    """Les jeux de tuiles d’une table."""
    _only_format(request)
    return documents.to_tilesets(state_of(request).settings, find_table(request, collectionId))


@router.get(
    "/collections/{collectionId}/tiles/WebMercatorQuad", summary="Jeu de tuiles", tags=["Tuiles"]
)
async def tileset(request: Request, collectionId: str) -> Any:
    """Le jeu de tuiles d’une table dans la grille des cartes du web."""
    _only_format(request)
    return documents.to_tileset(state_of(request).settings, find_table(request, collectionId))


@router.get(
    "/collections/{collectionId}/tiles/WebMercatorQuad/tilejson.json",
    summary="TileJSON",
    tags=["Tuiles"],
)
async def tilejson(request: Request, collectionId: str) -> Any:
    """Ce qu’il faut à MapLibre ou à QGIS pour dessiner les tuiles."""
    return documents.to_tilejson(state_of(request).settings, find_table(request, collectionId))


@router.get(
    "/collections/{collectionId}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    summary="Une tuile vectorielle",
    tags=["Tuiles"],
)
async def tile(request: Request, collectionId: str, z: str, y: str, x: str) -> Any:
    """Une tuile (Mapbox Vector Tile). Un numéro qui n’en est pas un arrive ici."""
    find_table(request, collectionId)
    raise refused("TER-API-213", "tile", f"{z}/{y}/{x}")


@router.get("/tileMatrixSets", summary="Grilles de tuiles", tags=["Tuiles"])
async def grids(request: Request) -> Any:
    """Les grilles dans lesquelles les tuiles sont coupées."""
    root = state_of(request).settings.root
    here = documents.link(
        "self", f"{root}/tileMatrixSets/{documents.GRID}", documents.JSON, "Grille"
    )
    return {"tileMatrixSets": [{"id": documents.GRID, "title": "Cartes du web", "links": [here]}]}


@router.get("/tileMatrixSets/WebMercatorQuad", summary="Une grille", tags=["Tuiles"])
async def grid(request: Request) -> Any:
    """La grille des cartes du web."""
    return JSONResponse(tms.get(documents.GRID).model_dump(mode="json", exclude_none=True))


def _only_format(request: Request) -> None:
    """Refuse a parameter that says nothing here."""
    for name, value in request.query_params.multi_items():
        if name != "f":
            raise refused("TER-API-160", name, name, ("f",))
        read_format(value)


def _to_body(state: State, table: Published, page: Page, request: Request) -> bytes:
    here = f"{state.settings.root}/collections/{table.slug}"
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "offset"]
    links = [
        documents.link("self", _address(f"{here}/items", request.query_params.multi_items()),
                       documents.GEOJSON, "Cette page"),
        documents.link("collection", here, documents.JSON, table.schema.title),
    ]  # fmt: skip
    if page.next:
        following = _address(f"{here}/items", [*pairs, ("offset", str(page.next))])
        links.append(documents.link("next", following, documents.GEOJSON, "Page suivante"))
    told = {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": links,
    }
    head = json.dumps(told, ensure_ascii=False)[:-1]
    return f'{head}, "features": [{",".join(page.features)}]}}'.encode()


async def _compressed(request: Request, body: bytes) -> Response:
    """Compress a page beside the other requests, for who takes it so."""
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) > MIN_COMPRESSED:
        body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=documents.GEOJSON)


def _address(path: str, pairs: Any) -> str:
    return f"{path}?{urlencode(list(pairs))}" if pairs else path


def _path(key: str) -> str:
    return quote(key, safe="")
