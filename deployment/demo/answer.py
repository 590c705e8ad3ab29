"""What a demo source answers, and the pages it writes for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

import orjson

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `site` is the address of the server as the caller wrote it."""

    path: str
    query: Mapping[str, str]
    site: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `cut` leaves out the end of the body although its length is declared."""

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    cut: bool = False


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(orjson.dumps(value), "application/json; charset=utf-8", status)


def file_answer(name: str, body: bytes) -> Answer:
    """Serve a file by the end of its name."""
    return Answer(body, MEDIA_TYPES[name.rsplit(".", 1)[-1]])


def page(title: str, body: str, status: int = 200) -> Answer:
    """Write a page in French for people."""
    html = (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return Answer(html.encode(), status=status)


def not_found() -> Answer:
    return page("Page introuvable", "<p>Rien ne se trouve à cette adresse.</p>", 404)
