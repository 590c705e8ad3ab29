"""A portal on loopback with a real territory, for a real browser: server, datasets, pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from werkzeug.serving import make_server

EPCI = "243500139"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve CKAN's test application on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A tab that remembers what it asked, what it said and which scripts ran."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    bytes_read: int = 0
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, browser: Browser, address: str, width: int = 1280) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
        visit = cls(context.new_page(), address)
        visit.page.on("request", visit._note_request)
        visit.page.on("console", visit._note_console)
        visit.page.on("dialog", lambda box: (visit.dialogs.append(box.message), box.dismiss()))
        return visit

    def open(self, path: str) -> int:
        answer = self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        assert answer is not None
        return answer.status

    def foreign(self) -> list[str]:
        """What was asked of any other site."""
        own = urlsplit(self.address).netloc
        known = ("data", "blob", "about")
        parts = [(url, urlsplit(url)) for url in self.requests]
        return [url for url, part in parts if part.scheme not in known and part.netloc != own]

    def close(self) -> None:
        self.page.context.close()

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)
