"""The process of features and tiles, on the tables of the tests, and the relay before CKAN."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckan.common import config

from ckanext.territoire.delivery.database import read
from deployment.layout import layout
from deployment.ogc.relay import Relay
from deployment.ogc.settings import to_settings
from deployment.steps import is_listening
from tests.acceptance.portal_site import serving
from tests.free_port import free_port
from tests.patience import PATIENCE_S, wait_until


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


@dataclass(frozen=True, slots=True)
class Ogc:
    """The public address of a portal whose `/ogc` is served."""

    site: str
    process: str

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask below `/ogc`; names of headers have underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        call = urllib.request.Request(f"{self.site}/ogc{path}", headers=named, method=method)
        try:
            with urllib.request.urlopen(call, timeout=PATIENCE_S) as got:
                return Answer(got.status, _lower(got.headers), got.read())
        except urllib.error.HTTPError as got:
            return Answer(got.code, _lower(got.headers), got.read())

    def until(self, path: str, is_so: Any) -> Answer:
        """Ask until the answer is as awaited: tables are looked at every other second."""
        answers: list[Answer] = []
        wait_until(lambda: is_so(self._noted(path, answers)), f"{path} is not as awaited")
        return answers[-1]

    def _noted(self, path: str, answers: list[Answer]) -> Answer:
        answers[:] = [self.get(path)]
        return answers[0]

    def await_rows(self, slug: str, count: int) -> None:
        """Wait until the process has seen and measured the last delivery, of so many rows."""
        (row,) = read("SELECT cursor FROM territoire.merged WHERE slug = %s", (slug,))
        mark = re.compile(rf"W/\"\d+-[^-]+-{row['cursor']}-[\d.]+-\d+m\"")
        tile = f"/collections/{slug}/tiles/WebMercatorQuad/0/0/0"
        self.until(tile, lambda a: bool(mark.fullmatch(a.headers.get("etag", ""))))
        found = self.get(f"/collections/{slug}/items?limit=1").json["numberMatched"]
        assert found == count


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def serving_ogc(folder: Path, portal: Any) -> Iterator[Ogc]:
    """Start the process, and a portal before which the relay stands."""
    port, site_port = free_port(), free_port()
    database = str(config["ckan.datastore.read_url"]).rpartition("/")[2]
    told = to_settings(layout(), database) | {"site_url": f"http://127.0.0.1:{site_port}"}
    settings = folder / "ogc.json"
    settings.write_text(json.dumps(told))
    command = [layout().venv / "bin" / "granian", "--interface", "asgi", "--host", "127.0.0.1",
               "--port", str(port), "--http", "1", "--no-ws", "--log-level", "warning",
               "ckanext.territoire.ogc.app:application"]  # fmt: skip
    with (folder / "ogc.log").open("wb") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "TERRITOIRE_OGC": str(settings)}
        )
    try:
        _await(port, server, folder / "ogc.log")
        relay = Relay(portal, f"http://127.0.0.1:{port}", told["site_url"])
        with serving(relay, site_port) as site:
            yield Ogc(site, f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    wait_until(lambda: is_listening(port) or server.poll() is not None, "it does not listen")
    assert server.poll() is None, log.read_text(errors="replace")[-3000:]
