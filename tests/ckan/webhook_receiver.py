"""A real server on loopback that is told of changes, and answers as a test says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit

from tests.ckan.conftest import act
from tests.ckan.people import make_territory

Answer = Callable[["Received"], tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Received:
    """What one request brought."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def changes(self) -> list[dict[str, Any]]:
        return list(self.told["data"]["changes"])


@dataclass
class Receiver:
    """What was received, challenges apart; `answer` says what to answer next."""

    host: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Answer = lambda _: (204, {})

    def keys(self) -> list[str]:
        """The key of each change, as they came."""
        return [change["key"] for each in self.received for change in each.changes]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port of loopback."""
    receiver = Receiver()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Received(self.path, headers, body)
            if got.told["type"] == "webhook.challenge":
                self._send(200, {}, got.told["data"]["challenge"].encode())
                return
            receiver.received.append(got)
            status, more = receiver.answer(got)
            self._send(status, more, b"")

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            return  # who sent was cut

    with Server(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        receiver.host = f"127.0.0.1:{server.server_address[1]}"
        try:
            yield receiver
        finally:
            server.shutdown()


@pytest.fixture
def receiver(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A territory, and a receiver that this process may reach."""
    make_territory(tmp_path, monkeypatch)
    with receiving() as made:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", made.host)
        yield made


def dataset(name: str, **more: Any) -> Any:
    given = {"name": name, "title": name.title(), "owner_org": "acigne", "license_id": "lov2"}
    return act("package_create", **given, **more)


def due_now(webhook_id: str) -> None:
    """Let the wait before the next try be over."""
    query = model.meta.engine
    with query.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE territoire_webhook_message SET due_at = '2020-01-01' WHERE webhook_id = %s",
            (webhook_id,),
        )


def is_signed(got: Received, secret: str) -> bool:
    """Check a signature as Standard Webhooks says, without any code of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode()
    mark = base64.b64encode(hmac.digest(key, head + got.body, hashlib.sha256)).decode()
    return f"v1,{mark}" in got.headers["webhook-signature"].split()


def by(user: str, action: str, **data: Any) -> Any:
    """Call an action as somebody."""
    return toolkit.get_action(action)({"user": user}, data)


def subscribe(receiver: Receiver, user: str = "mairie", path: str = "/", **wish: Any) -> Any:
    """Subscribe a path of the receiver and verify it; answer the webhook with its secret."""
    made = by(user, "territoire_webhook_create", url=f"http://{receiver.host}{path}", **wish)
    by(user, "territoire_webhook_verify", id=made["id"])
    return made
