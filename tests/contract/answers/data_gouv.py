"""A udata portal of ours, with two organisations: invented values in the form of API 1 and 2."""

from __future__ import annotations

from typing import Any

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.answers.udata_server import Udata
from tests.contract.case import Case, response

SITE = "https://portail.example"
TOWN, EPCI = "5f0c0000000000000000a001", "5f0c0000000000000000a002"
ORGANIZATIONS: list[dict[str, Any]] = [
    {"id": TOWN, "slug": "ville-de-boisfleury", "name": "Ville de Boisfleury", "badges": [],
     "business_number_id": "21990001500017", "deleted": None},
    {"id": "5f0c0000000000000000a003", "slug": "club-de-voile", "name": "Club de voile",
     "badges": [], "business_number_id": None, "deleted": None},
    {"id": EPCI, "slug": "val-de-lune", "name": "Communauté du Val de Lune", "badges": [],
     "business_number_id": "21990001500025", "deleted": None},
]  # fmt: skip


def file(number: int, **fields: Any) -> dict[str, Any]:
    """A file kept elsewhere, in CSV."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}", "title": f"donnees-{number}.csv",
        "description": "", "filetype": "remote", "type": "main", "format": "csv",
        "url": f"https://fichiers.example/{number}.csv", "latest": f"{SITE}/datasets/r/{number}",
        "checksum": None, "filesize": 1200 + number, "mime": "text/csv", "extras": {},
        "created_at": "2025-02-03T08:00:00+00:00", "last_modified": "2026-05-04T08:00:00+00:00",
        "harvest": None, "metrics": {"views": 12}, "preview_url": None, "internal": {},
        "schema": {"name": None, "version": None, "url": None}, **fields,
    }  # fmt: skip


def dataset(number: int, owner: str = TOWN, **fields: Any) -> dict[str, Any]:
    """A public dataset with one file."""
    known = f"5f0c0000000000000000d{number:03d}"
    name = next(one["name"] for one in ORGANIZATIONS if one["id"] == owner)
    return {
        "id": known, "title": f"Jeu de données {number}", "acronym": None, "slug": f"jeu-{number}",
        "description": "Ce que la ville **publie**.", "created_at": "2025-02-03T08:00:00+00:00",
        "last_modified": "2026-05-04T08:00:00+00:00", "last_update": "2026-05-04T08:00:00+00:00",
        "deleted": None, "archived": None, "private": False, "tags": ["velo", "mobilite"],
        "badges": [], "frequency": "monthly", "frequency_date": None, "harvest": None,
        "extras": {}, "metrics": {"views": 3}, "license": "lov2", "owner": None,
        "organization": {"id": owner, "name": name, "slug": "ville"}, "temporal_coverage": None,
        "spatial": {"zones": ["fr:commune:35001"], "granularity": "fr:commune", "geom": None},
        "uri": f"{SITE}/api/1/datasets/jeu-{number}/", "page": f"{SITE}/datasets/jeu-{number}",
        "quality": {"score": 0.5}, "internal": {}, "contact_points": [], "featured": False,
        "resources": [file(number)], "permissions": {"edit": False}, **fields,
    }  # fmt: skip


STATION = {"name": "etalab/schema-stationnement", "version": "0.1.5", "url": None}
DATASETS = [
    dataset(1, resources=[
        file(11, type="documentation", format="pdf", title="notice.pdf", mime="application/pdf"),
        file(12, schema=STATION, filetype="file", title="parkings.csv"),
    ], contact_points=[{"name": "Service voirie", "email": "voirie@boisfleury.example",
                        "role": "contact"}]),
    dataset(2, harvest={"backend": "DCAT", "domain": "data.boisfleury.example",
                        "uri": "https://data.boisfleury.example/explore/dataset/arbres/",
                        "remote_url": "https://data.boisfleury.example/explore/dataset/arbres/"}),
    dataset(3, archived="2024-01-01T00:00:00+00:00"),
    dataset(4, EPCI, community_resources=[file(41), file(42)], license=None, tags=[],
            spatial={"zones": ["fr:epci:249900001"], "granularity": "fr:epci", "geom": None}),
    dataset(5, EPCI, resources=[file(n) for n in range(51, 58)]),
]  # fmt: skip
PORTAL = Udata(SITE, DATASETS, ORGANIZATIONS, page_size=2)
EMPTY = orjson.dumps(PORTAL.page(f"{SITE}/api/1/datasets/", []))


def serve(request: Request) -> Response | Issue:
    found = PORTAL.answer(request.url)
    if found is None:
        return Issue("TER-FET-007", request.url)
    return response(request, orjson.dumps(found), "application/json")


CASES = [
    Case("udata", "data_gouv", Config(SITE), serve, 4, empty=EMPTY),
    Case("udata-page", "data_gouv", Config(f"{SITE}/fr/organizations/val-de-lune/"), serve, 2),
    Case("udata-siren", "data_gouv", Config(SITE, {"siren": "219 900 015"}), serve, 4),
    Case("udata-api-2", "data_gouv", Config(f"{SITE}/api/2/datasets/search/?q=velo"), serve, 4),
]  # fmt: skip
