"""A Data Fair portal of ours: invented values in the form of its API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, response

SITE = "https://opendata.boisfleury.example"
API = f"{SITE}/data-fair/api/v1/datasets"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def dataset(known: str, **fields: Any) -> dict[str, Any]:
    """A public dataset made of a CSV file."""
    file = {"name": f"{known}.csv", "size": 5120, "mimetype": "text/csv", "encoding": "UTF-8"}
    return {
        "id": known, "slug": known, "href": f"{API}/{known}", "page": f"{SITE}/datasets/{known}",
        "title": f"Jeu {known}", "summary": "En bref.", "description": "Ce qui est **publié**.",
        "license": {"title": "Licence Ouverte / Open Licence version 2.0",
                    "href": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"},
        "topics": [{"id": "t1", "title": "Transports", "color": "#00695c"}],
        "keywords": ["vélo", "voirie"], "frequency": "monthly", "visibility": "public",
        "public": True, "status": "finalized", "count": 250, "bbox": [-1.7, 48.0, -1.5, 48.2],
        "createdAt": "2024-01-05T10:00:00.000Z", "updatedAt": "2026-02-01T10:00:00.000Z",
        "dataUpdatedAt": "2026-01-15T10:00:00.000Z", "finalizedAt": "2026-02-01T10:00:09.000Z",
        "owner": {"type": "organization", "id": "boisfleury", "name": "Ville de Boisfleury"},
        "schema": [{"key": "nom", "type": "string", "title": "Nom"}],
        "userPermissions": ["readLines"], "previews": [], "extras": {},
        "publicationSites": ["data-fair-portals:boisfleury"], "originalFile": file,
        "file": {**file, "schema": []}, **fields,
    }  # fmt: skip


NATIONAL = "https://schema.data.gouv.fr/schemas/etalab/schema-stationnement/0.1.5/schema.json"
PARKINGS = {"title": "Stationnement hors voirie", "version": "0.1.5", "url": NATIONAL}
SHEET = {"name": "parkings.xlsx", "size": 20480, "mimetype": XLSX}
DATASETS = [
    dataset("parkings", originalFile=SHEET, conformsTo=PARKINGS, modified="2026-01-31",
            temporal={"start": "2025-01-01", "end": "2025-12-31"}, spatial="Boisfleury",
            origin="https://boisfleury.example/parkings", attachments=[
                {"type": "file", "name": "notice.pdf", "title": "Notice", "description": "",
                 "size": 900, "mimetype": "application/pdf", "updatedAt": "2025-05-01T00:00:00Z",
                 "url": f"{API}/parkings/metadata-attachments/notice.pdf"},
                {"type": "url", "title": "Le site du stationnement",
                 "url": "https://boisfleury.example/stationner"}]),
    dataset("releves", isRest=True, originalFile=None, file=None, count=900, bbox=None,
            timePeriod={"startDate": "2025-06-01T00:00:00Z", "endDate": "2026-01-15T00:00:00Z"}),
    dataset("interne", visibility="protected", public=False),
    dataset("fiche", isMetaOnly=True, originalFile=None, file=None, count=None,
            owner={"type": "user", "id": "u1", "name": "Un compte"}),
]  # fmt: skip


def serve(request: Request) -> Response | Issue:
    parts = urlsplit(request.url)
    if parts.path != urlsplit(API).path:
        return Issue("TER-FET-007", request.url)
    query = parse_qs(parts.query)
    page, size = (int(query.get(name, [more])[0]) for name, more in (("page", "1"), ("size", "12")))
    found = DATASETS[(page - 1) * size : page * size]
    body = {"count": len(DATASETS), "results": found}
    return response(request, orjson.dumps(body), "application/json")


EMPTY = orjson.dumps({"count": 0, "results": []})
CASES = [Case("data-fair", "data_fair", Config(SITE), serve, 3, empty=EMPTY)]
