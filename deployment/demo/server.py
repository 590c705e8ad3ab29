"""The demo server: which address answers what, over `http.server`.

`/` lists the sources. With `has_faults` (tests), `POST /faults/<name>` sets a fault for every
address, `POST /faults/none` mends it, and `/faults/<name>/…` shows one address with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from deployment.demo import folders, national, portal, reuses, rudi, sensorthings, transport
from deployment.demo.answer import Answer, Asked, not_found, page
from deployment.demo.faults import FAULTS, Ask
from deployment.demo.tables import MARK

ROUTES: Mapping[str, Ask] = {
    "communes": folders.answer,
    "portail": portal.answer,
    "transport": transport.answer,
    "capteurs": sensorthings.answer,
    "rudi": rudi.answer,
    "national": national.answer,
    "reutilisations": reuses.answer,
}


@cache
def load_sources() -> dict[str, Any]:
    """Load what the demo territory adds: `partners` and `sources`."""
    text = (Path(__file__).parent / "sources.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def answer(asked: Asked) -> Answer:
    """Answer one address."""
    if asked.path == "/":
        return _home(asked)
    route = ROUTES.get(asked.path.split("/")[1])
    try:
        return route(asked) if route else not_found()
    except ValueError:
        return page("Demande illisible", "<p>Un nombre était attendu.</p>", 400)


def _home(asked: Asked) -> Answer:
    rows = "".join(
        f"<tr><td>{escape(s['title'])}</td><td><code>{escape(s['kind'])}</code></td>"
        f'<td><a href="{escape(s["path"])}">{escape(asked.site + s["path"])}</a></td></tr>'
        for s in load_sources()["sources"]
    )
    told = (
        f"<p>Ces sources ont été écrites pour l’essai de Territoire. Ce sont des {MARK} : les "
        "communes existent, les valeurs sont inventées.</p>"
        "<table><thead><tr><th>Source</th><th>Type</th><th>Adresse</th></tr></thead>"
    )
    return page("Sources de démonstration", f"{told}<tbody>{rows}</tbody></table>")


class DemoServer(ThreadingHTTPServer):
    """A server of the demo sources. `fault` is the name of the fault of every address, or `""`."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], has_faults: bool = False) -> None:
        self.fault = ""
        self.has_faults = has_faults
        self.asked: list[str] = []
        super().__init__(address, _Handler)

    @property
    def site(self) -> str:
        """The address of this server."""
        return f"http://{self.server_address[0]}:{self.server_address[1]}"

    def reply(self, asked: Asked) -> Answer:
        """Answer one address, with the fault it names or that was set."""
        fault, path = self.fault, asked.path
        if self.has_faults and path.startswith("/faults/"):
            fault, _, rest = path.removeprefix("/faults/").partition("/")
            asked = Asked(f"/{rest}", asked.query, asked.site, asked.now)
            if fault not in FAULTS:
                return not_found()
        return FAULTS[fault](asked, answer) if fault else answer(asked)

    def set_fault(self, name: str) -> bool:
        """Set the fault of every address; `none` mends. An unknown name answers `False`."""
        if name not in (*FAULTS, "none"):
            return False
        self.fault = "" if name == "none" else name
        return True


class _Handler(BaseHTTPRequestHandler):
    """Reads one request and writes one answer."""

    server: DemoServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.server.asked.append(self.path)
        del self.server.asked[:-1_000]
        self._write(self.server.reply(Asked(unquote(parts.path), query, self._site())))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        name = self.path.removeprefix("/faults/")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_set = self.server.has_faults and self.server.set_fault(name)
        self._write(page("Panne réglée", "") if is_set else not_found())

    def _site(self) -> str:
        """The address the caller used; a host with strange letters is not repeated."""
        host = self.headers.get("Host", "")
        is_plain = host and all(c.isalnum() or c in ".:-[]" for c in host)
        return f"http://{host}" if is_plain else self.server.site

    def _write(self, found: Answer) -> None:
        self.send_response(found.status)
        self.send_header("Content-Type", found.media_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(found.body[: len(found.body) // 2] if found.cut else found.body)
        if found.cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the process manager keeps the logs of what matters."""
