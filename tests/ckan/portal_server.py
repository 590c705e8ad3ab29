"""A CKAN portal on loopback: `package_search` over a list that a test changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.loopback import http, serving


@dataclass
class Portal:
    """What the portal says: its packages, and faults to play on the next answers."""

    packages: list[dict[str, Any]] = field(default_factory=list)
    fault: Callable[[int], bytes | None] = lambda start: None
    asked: list[str] = field(default_factory=list)
    page_size: int = 500
    host: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        self.asked.append(path)
        query = parse_qs(urlsplit(path).query)
        start = int(query.get("start", ["0"])[0])
        played = self.fault(start)
        if played is not None:
            send(played)
            return
        page = self.packages[start : start + self.page_size]
        send(http(self.body(page), "Content-Type: application/json"))

    def body(self, page: list[dict[str, Any]], count: int | None = None) -> bytes:
        total = len(self.packages) if count is None else count
        return json.dumps({"success": True, "result": {"count": total, "results": page}}).encode()


def package(number: int, **changes: Any) -> dict[str, Any]:
    """One package of a portal, with two resources."""
    made = {
        "id": f"id-{number}",
        "name": f"jeu-{number}",
        "title": f"Jeu numéro {number}",
        "notes": "Des données.",
        "license_id": "lov2",
        "tags": [{"name": "école"}],
        "metadata_modified": "2026-01-02T03:04:05",
        "resources": [
            {"id": f"r{number}-{n}", "url": f"https://portail.example/{number}/{n}.pdf",
             "name": f"Fichier {n}", "format": "PDF"}
            for n in range(2)
        ],
    }  # fmt: skip
    return made | changes


@contextmanager
def portal_of(*packages: dict[str, Any]) -> Iterator[Portal]:
    """Serve a portal with these packages."""
    portal = Portal(list(packages))
    # looked up at each request, so that a test may replace it
    with serving(lambda path, send: portal.answer(path, send)) as host:  # noqa: PLW0108
        portal.host = host
        yield portal
