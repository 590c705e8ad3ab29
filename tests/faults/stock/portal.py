"""A portal of few datasets on loopback, read page by page by either harvester of stock.

`GET /api/3/action/package_search?start=&rows=` answers as CKAN, `GET /catalog.ttl?page=` as a DCAT
catalogue in Turtle with Hydra's links. A page is short, so that a few datasets make several pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_URL, uuid5

from tests.benchmarks.turtle import to_page, to_turtle
from tests.ckan.portal_server import Portal, package
from tests.unit.loopback import http

PATHS = {"ckan": "", "dcat_rdf": "/catalog.ttl"}
TYPES = {"ckan": "Content-Type: application/json", "dcat_rdf": "Content-Type: text/turtle"}
NEXT_LINK = re.compile(r" ; hydra:nextPage <[^>]*>")
NO_TITLE = '    dct:title ""@fr ;\n'


def record(number: int, **changes: Any) -> dict[str, Any]:
    """One dataset with what both formats say of it."""
    given = {
        "id": f"http://ville.example/{number}",
        "issued": "2026-01-01",
        "modified": "2026-01-02",
        "publisher_name": "Ville",
    } | changes
    made = package(number, **{"url": given["id"], **given})
    for file in made["resources"]:
        file["id"] = str(uuid5(NAMESPACE_URL, file["url"]))  # stock refuses others
    return made


@dataclass
class PagedPortal(Portal):
    """What the portal says, as CKAN or as DCAT; a fault is told the number of its first dataset."""

    kind: str = "ckan"
    page_size: int = 2

    @property
    def source_url(self) -> str:
        """The address that an owner gives."""
        return f"{self.url}{PATHS[self.kind]}"

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        """Answer a page, or play the fault."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if self.kind == "ckan":  # it asks for so many rows, and goes on by as many
            number = int(query.get("start", "0")) // int(query.get("rows", "100"))
        else:
            number = int(query.get("page", "1")) - 1
        played = self.fault(number * self.page_size)
        send(self.sent(number * self.page_size) if played is None else played)

    def sent(self, start: int) -> bytes:
        """One page as it is sent."""
        return http(self.page(start), TYPES[self.kind])

    def page(self, start: int) -> bytes:
        """One page: the datasets from this number on."""
        rows = self.packages[start : start + self.page_size]
        if self.kind == "ckan":
            return self.body(rows)
        number = start // self.page_size + 1
        texts = [to_turtle(row).replace(NO_TITLE, "") for row in rows]
        return to_page(self.source_url, number, texts, len(self.packages), self.page_size).encode()

    def last_page(self, start: int) -> bytes:
        """One page that says how many datasets there are, and leads nowhere."""
        if self.kind == "ckan":
            return http(self.page(start) if not start else self.body([]), TYPES[self.kind])
        return http(NEXT_LINK.sub("", self.page(start).decode()).encode(), TYPES[self.kind])
