"""A portal on loopback with a real territory, for a real browser: server, datasets, pages."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from werkzeug.serving import make_server

from tests.ckan.form_browser import PASSWORD
from tests.patience import PATIENCE_S

EPCI = "243500139"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Serve CKAN's test application on a port, a free one when none is given."""
    server = make_server("127.0.0.1", port, app, threaded=True)
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
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, _mark()])
        yield browser
        browser.close()


def new_page(browser: Browser, **options: Any) -> Page:
    """Open a tab of its own, that waits as long as a slow machine needs."""
    context = browser.new_context(locale="fr-FR", **options)
    context.set_default_timeout(PATIENCE_S * 1000)
    return context.new_page()


def _mark() -> str:
    """What tells the browser of this process from those of others; Chromium passes over it."""
    return f"--started-by={os.getpid()}"


@contextmanager
def answering_within(seconds: float) -> Iterator[None]:
    """Kill the browser of this process when what is asked of it here lasts longer.

    Playwright sets no limit to an evaluation, a key or a change of size: a browser that is stuck
    would never answer. Killed, it makes the call under way fail with a Playwright error.
    """
    timer = threading.Timer(seconds, _kill_browser)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _kill_browser() -> None:
    mark = _mark().encode()
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if mark in told.read_bytes().split(b"\0"):
                os.kill(int(told.parent.name), signal.SIGKILL)


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
        page = new_page(browser, viewport={"width": width, "height": 900})
        visit = cls(page, address)
        visit.page.on("request", visit._note_request)
        visit.page.on("console", visit._note_console)
        visit.page.on("dialog", lambda box: (visit.dialogs.append(box.message), box.dismiss()))
        return visit

    def open(self, path: str) -> int:
        answer = self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        assert answer is not None
        return answer.status

    def log_in(self, name: str) -> None:
        """Sign in as somebody, by the form."""
        self.open("/user/login")
        self.page.fill("main input[name=login]", name)
        self.page.fill("main input[name=password]", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_load_state()

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
