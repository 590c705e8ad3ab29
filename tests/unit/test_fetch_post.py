"""What is sent out keeps the guards of what is fetched: bounds, no proxy, no redirect, https."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from harvesters.fetch import Fetcher, Limits, Posted, Posting, World
from harvesters.fetch.post import MAX_ANSWER_BYTES, fault_of_posting
from harvesters.model import Issue
from tests.tcp_proxy import Fault, Kind, Way, proxying
from tests.unit.loopback import Ask, Send, http, serving
from tests.unit.test_fetch_tls import authority, server_tls

__all__ = ["authority"]

QUICK = Limits(connect_s=1, read_s=1, total_s=1.5, tries=1)


def post(host: str, body: bytes = b"{}", **headers: str) -> Posted | Issue:
    return Fetcher(frozenset({host}), QUICK).post(Posting(f"http://{host}/", body, headers))


def test_bytes_and_headers_arrive_and_any_status_is_an_answer() -> None:
    asked: list[Ask] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(ask)
        send(http(b"plus tard", "Retry-After: 30", status="503 Later"))

    with serving(answer) as host:
        found = post(host, b'{"a": 1}', **{"webhook-id": "msg_1"})
    assert isinstance(found, Posted)
    assert (found.status, found.body, found.headers["retry-after"]) == (503, b"plus tard", "30")
    assert asked[0].headers["webhook-id"] == "msg_1"
    assert asked[0].headers["content-length"] == "8"


def test_an_endless_answer_is_read_up_to_the_bound() -> None:
    def answer(ask: Ask, send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            send(b"a" * 10_000)

    with serving(answer) as host:
        found = post(host)
    assert isinstance(found, Posted)
    assert len(found.body) == MAX_ANSWER_BYTES


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b""])
def test_an_answer_that_drips_ends_with_the_deadline(part: bytes) -> None:
    def answer(ask: Ask, send: Send) -> None:
        send(part)
        for _ in range(100):
            send(b"a")
            time.sleep(0.05)

    with serving(answer) as host:
        found = post(host)
    assert isinstance(found, Issue)
    assert found.code in ("TER-FET-003", "TER-FET-001")


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.RESET, Kind.HALF_CLOSE, Kind.REFUSE])
def test_a_line_that_breaks_is_an_issue(kind: Kind) -> None:
    with serving(lambda ask, send: send(http(b""))) as host, proxying(int(host[10:])) as proxy:
        proxy.play(Fault(kind, Way.DOWN))
        found = post(f"127.0.0.1:{proxy.port}")
    assert isinstance(found, Issue)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(lambda ask, send: send(http(b"oui"))) as host:
        found = post(host)
    assert isinstance(found, Posted)
    assert found.body == b"oui"


def test_a_name_that_leads_to_a_private_address_is_refused_at_the_socket() -> None:
    def to_loopback(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    fetcher = Fetcher(limits=QUICK, world=World(resolve=to_loopback))
    found = fetcher.post(Posting("https://public.example/", b"{}"))
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-004"


def test_a_certificate_nobody_vouches_for_is_refused(authority: Path) -> None:
    with serving(lambda ask, send: send(http(b"")), server_tls(authority)) as host:
        found = Fetcher(frozenset({host}), QUICK).post(Posting(f"https://{host}/", b"{}"))
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-012"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://exemple.fr/a", ""),
        ("http://exemple.fr/a", "TER-FET-030"),
        ("http://127.0.0.1:80@exemple.fr/", "TER-FET-005"),
        ("http://127.0.0.1:80/", ""),
        ("http://127.0.0.1:80.exemple.fr/", "TER-FET-005"),
    ],
)
def test_only_https_is_sent_to_but_for_what_the_operator_allowed(url: str, code: str) -> None:
    found = fault_of_posting(url, frozenset({"127.0.0.1:80"}))
    assert (found.code if found else "") == code
