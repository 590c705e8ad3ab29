"""A small portal that answers `package_search` as CKAN does, for the harvest benchmark.

`GET /api/3/action/package_search?rows=&start=&fq=` pages over invented datasets of mixed shape,
three resources each; the filter by date that the stock harvester asks for is obeyed.
`GET /set?count=&changed=&removed=` changes what is served: every hundredth dataset gets another
text, or goes away.
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

SPACE = UUID("6a0f7a62-5d0c-4c3f-9f5e-0f3a4a1b7c11")
SUBJECTS = ("Arbres du parc", "Budget primitif", "Comptages à vélo", "Points d’apport", "Écoles")
TAGS = ("mesure-une", "mesure deux", "été", "x_y", "lot.5")
SINCE = re.compile(r"metadata_modified:\[(\S+?)Z TO \*\]")
OLD = "2020-05-04T03:02:01.123456"


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


@dataclass(slots=True)
class Served:
    """What the portal holds: (id, date, text of the package), in the order of ids."""

    rows: list[tuple[str, str, str]]
    changed_at: str = ""

    def set(self, base: str, count: int, changed: bool, removed: bool) -> None:
        """Make the datasets anew."""
        if not changed:
            self.changed_at = ""
        elif not self.changed_at:
            self.changed_at = datetime.now(UTC).replace(tzinfo=None).isoformat()
        made = []
        for number in range(count):
            if removed and number % 100 == 13:
                continue
            told = package(number, base, self.changed_at if number % 100 == 7 else "")
            made.append((told["id"], told["metadata_modified"], json.dumps(told)))
        self.rows = sorted(made)

    def page(self, query: dict[str, list[str]]) -> str:
        """Answer one page of the search."""
        since = SINCE.search(query.get("fq", [""])[0])
        rows = [r for r in self.rows if r[1] >= since.group(1)] if since else self.rows
        start, length = int(query["start"][0]), min(int(query["rows"][0]), 1000)
        told = ",".join(text for _, _, text in rows[start : start + length])
        return f'{{"success": true, "result": {{"count": {len(rows)}, "results": [{told}]}}}}'


def serve(port: int) -> None:
    """Serve until killed; says `ready` on its standard output."""
    base, served = f"http://127.0.0.1:{port}", Served([])

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            if parts.path == "/set":
                told = {
                    key: int(query.get(key, ["0"])[0]) for key in ("count", "changed", "removed")
                }
                served.set(base, told["count"], bool(told["changed"]), bool(told["removed"]))
                body = b"{}"
            else:
                body = served.page(query).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
