"""A small portal that answers `package_search` as CKAN does, for the harvest benchmark.

`GET /api/3/action/package_search?rows=&start=&fq=` pages over invented datasets of mixed shape,
three resources each; the filter by date that the stock harvester asks for is obeyed.
`GET /catalog.ttl?page=` gives the same datasets as a DCAT catalogue, `GET /whole.ttl` in one page.
Below `/part/K` stands the K-th of `parts` portals, each with `count` datasets of its own.
`GET /set?count=&changed=&removed=&parts=` changes what is served: so many datasets in a hundred get
another text, one in a hundred goes away.
"""

from __future__ import annotations

import json
import random
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

from tests.benchmarks.turtle import to_page, to_turtle

SPACE = UUID("6a0f7a62-5d0c-4c3f-9f5e-0f3a4a1b7c11")
SUBJECTS = ("Arbres du parc", "Budget primitif", "Comptages à vélo", "Points d’apport", "Écoles")
TAGS = ("mesure-une", "mesure deux", "été", "x_y", "lot.5")
SINCE = re.compile(r"metadata_modified:\[(\S+?)Z TO \*\]")
OLD = "2020-05-04T03:02:01.123456"
PART = re.compile(r"/part/(\d+)(/.*)")
PER_PAGE = 500


def package(number: int, base: str, changed_at: str = "") -> dict[str, Any]:
    """One dataset; its shape follows from its number."""
    chance = random.Random(number)
    subject = chance.choice(SUBJECTS)
    title = f"{subject} {number:05}"
    often: dict[str, Any] = {
        "notes": f"{subject}.\n\n" + "Une ligne par relevé." * chance.randint(1, 20),
        "theme": chance.sample(["education", "tourisme", "finances"], chance.randint(1, 2)),
        "frequency": chance.choice(["annual", "monthly"]),
        "contact_name": "Service des données",
        "contact_email": "donnees@exemple.fr",
        "upstream_uri": f"https://exemple.fr/id/{number}",
    }
    kept = {key: value for key, value in often.items() if chance.random() < 0.7}
    if changed_at:
        kept["notes"] = f"Texte corrigé le {changed_at}."
    return {
        "id": str(uuid5(SPACE, str(number))),
        "name": f"jeu-{number:05}",
        "title": title,
        "license_id": chance.choice(["lov2", "odbl-1.0"]),
        "tags": [{"name": tag, "display_name": tag} for tag in chance.sample(TAGS, number % 5)],
        "issued": "2020-01-01",
        "modified": "2026-01-01",
        "publisher_name": "Ville",
        "url": f"{base}/dataset/jeu-{number:05}",
        "type": "dataset",
        "state": "active",
        "private": False,
        "metadata_created": OLD,
        "metadata_modified": changed_at or OLD,
        "resources": [_resource(number, place, chance) for place in range(3)],
        **kept,
    }


def _resource(number: int, place: int, chance: random.Random) -> dict[str, Any]:
    often: dict[str, Any] = {
        "description": "Une colonne par mesure.",
        "mimetype": "text/csv",
        "size": chance.randint(100, 10_000),
        "last_modified": "2026-01-01T10:00:00",
    }
    return {
        "id": str(uuid5(SPACE, f"{number}/{place}")),
        "url": f"https://exemple.fr/{number}/{place}.csv",
        "name": f"Fichier {place}",
        "format": "CSV",
        **{key: value for key, value in often.items() if chance.random() < 0.6},
    }


@dataclass(frozen=True, slots=True)
class Row:
    """One dataset as it is served."""

    id: str
    date: str
    json: str
    turtle: str


@dataclass(slots=True)
class Served:
    """What the portal holds, one list a part, in the order of ids, and its last change."""

    parts: list[list[Row]]
    changed: int = 0
    changed_at: str = ""

    def set(self, base: str, told: dict[str, int]) -> None:
        """Make the datasets anew; as many that change as before are the same ones, as they were."""
        if told["changed"] != self.changed:
            self.changed, self.changed_at = told["changed"], datetime.now(UTC).isoformat()[:26]
        now, count = self.changed_at, told["count"]
        self.parts = [
            sorted(
                (_row(number, base, now if _is_among(number, told["changed"]) else "")
                 for number in range(count * part, count * (part + 1))
                 if not (told["removed"] and number % 100 == 13)),
                key=lambda row: row.id,
            )
            for part in range(told["parts"] or 1)
        ]  # fmt: skip

    def search(self, part: int, query: dict[str, list[str]]) -> str:
        """Answer one page of the search."""
        since = SINCE.search(query.get("fq", [""])[0])
        rows = [r for r in self.parts[part] if not since or r.date >= since.group(1)]
        start, length = int(query["start"][0]), min(int(query["rows"][0]), 1000)
        told = ",".join(row.json for row in rows[start : start + length])
        return f'{{"success": true, "result": {{"count": {len(rows)}, "results": [{told}]}}}}'

    def catalogue(self, part: int, url: str, number: int, length: int) -> str:
        """Answer one page of the catalogue; all of it when `length` is 0."""
        rows = self.parts[part]
        length = length or max(len(rows), 1)
        kept = rows[(number - 1) * length : number * length]
        return to_page(url, number, [row.turtle for row in kept], len(rows), length)


def _is_among(number: int, percent: int) -> bool:
    """Whether a dataset is among those that change: 7, 107… for one in a hundred."""
    return percent > 0 and number % (100 // percent) == 7 % (100 // percent)


def _row(number: int, base: str, changed_at: str) -> Row:
    told = package(number, base, changed_at)
    return Row(told["id"], told["metadata_modified"], json.dumps(told), to_turtle(told))


def answer(served: Served, base: str, address: str) -> tuple[str, str]:
    """Answer a request: the type and the text."""
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    found = PART.match(parts.path)
    part, path = (int(found[1]), found[2]) if found else (0, parts.path)
    if path == "/set":
        names = ("count", "changed", "removed", "parts")
        served.set(base, {key: int(query.get(key, ["0"])[0]) for key in names})
        return "application/json", "{}"
    if path.endswith(".ttl"):
        length = 0 if path == "/whole.ttl" else PER_PAGE
        number = int(query.get("page", ["1"])[0])
        return "text/turtle", served.catalogue(part, f"{base}{parts.path}", number, length)
    return "application/json", served.search(part, query)


def serve(port: int) -> None:
    """Serve until killed; says `ready` on its standard output."""
    base, served = f"http://127.0.0.1:{port}", Served([[]])

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, text = answer(served, base, self.path)
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # ckanext-dcat looks before it asks

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("", port), Answer)  # 127.0.0.2… are other servers
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
