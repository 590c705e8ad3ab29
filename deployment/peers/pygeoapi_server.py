"""Serve a real pygeoapi on loopback: one catalogue of records that may be written over HTTP.

Run by the Python of the peers: `python pygeoapi_server.py FOLDER PORT`; FOLDER keeps its settings
and `records.json`, its TinyDB database, which the test writes first.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

CONTACT = {"name": "Territoire", "url": "https://territoire.example"}
ABOUT = {
    "identification": {
        "title": "Catalogue d’essai",
        "description": "Catalogue d’essai",
        "keywords": ["essai"],
        "keywords_type": "theme",
        "terms_of_service": "https://territoire.example",
        "url": "https://territoire.example",
    },
    "license": {"name": "Licence Ouverte", "url": "https://spdx.org/licenses/etalab-2.0"},
    "provider": CONTACT,
    "contact": CONTACT,
}


def settings(folder: Path, port: int) -> dict[str, Any]:
    """The settings of a server with one collection of records and one of features."""
    records = {
        "type": "record",
        "name": "TinyDBCatalogue",
        "data": str(folder / "records.json"),
        "id_field": "id",
        "time_field": "updated",
        "title_field": "title",
        "editable": True,
    }
    features = records | {"type": "feature", "name": "TinyDB", "editable": False}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["fr-FR", "en-US"],
            "limits": {"default_items": 10, "max_items": 10},
            "map": {"url": "https://tile.example/{z}/{x}/{y}.png", "attribution": "essai"},
        },
        "logging": {"level": "ERROR"},
        "metadata": ABOUT,
        "resources": {
            "fiches": collection("fiches", records),
            "objets": collection("objets", features),
        },
    }


def collection(name: str, provider: dict[str, Any]) -> dict[str, Any]:
    """One collection over a provider."""
    return {
        "type": "collection",
        "title": name,
        "description": name,
        "keywords": ["essai"],
        "links": [],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
        "providers": [provider],
    }


class Quiet(WSGIRequestHandler):
    """A request is no event of the test."""

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    """Write the settings, then answer until ended."""
    folder, port = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    told = folder / "pygeoapi.json"
    told.write_text(json.dumps(settings(folder, port)), encoding="utf-8")
    openapi = folder / "openapi.json"
    openapi.write_text(json.dumps({"openapi": "3.0.2", "info": {}, "paths": {}}), encoding="utf-8")
    os.environ["PYGEOAPI_CONFIG"], os.environ["PYGEOAPI_OPENAPI"] = str(told), str(openapi)
    # its settings are read when it is imported
    from pygeoapi.flask_app import APP

    make_server("127.0.0.1", port, APP, handler_class=Quiet).serve_forever()


if __name__ == "__main__":
    main()
