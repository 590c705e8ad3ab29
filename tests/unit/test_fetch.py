"""The way out: what it brings back, and what it refuses."""

from __future__ import annotations

import gzip
import hashlib
import http.server as http_server
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harvesters.fetch import Fetcher, Limits, World
from harvesters.model import Issue, Request, Response, Role
from tests.unit.loopback import http, serving

QUICK = Limits(
    max_bytes=dict.fromkeys(Role, 10_000), connect_s=1, read_s=1, total_s=1.5, tries=2, pause_s=0
)


def fetch(host: str, path: str = "/", limits: Limits = QUICK) -> Response | Issue:
    fetcher = Fetcher(frozenset({host}), limits, world=World(sleep=lambda _: None))
    return fetcher.fetch(Request(f"http://{host}{path}"))


def code(answer: Response | Issue) -> str:
    return answer.code if isinstance(answer, Issue) else "ok"


def test_an_answer_comes_back_whole() -> None:
    with serving(lambda path, send: send(http(b"bonjour", "Content-Type: text/plain"))) as host:
        answer = fetch(host)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.media_type) == (200, b"bonjour", "text/plain")


def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(b"bonjour" * 100)
    with serving(lambda path, send: send(http(body, "Content-Encoding: gzip"))) as host:
        answer = fetch(host)
    assert isinstance(answer, Response)
    assert answer.body == b"bonjour" * 100


def test_a_chunked_answer_is_read() -> None:
    def chunked(path: str, send: Callable[[bytes], None]) -> None:
        send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        send(b"3\r\nbon\r\n4\r\njour\r\n0\r\n\r\n")

    with serving(chunked) as host:
        answer = fetch(host)
    assert isinstance(answer, Response)
    assert answer.body == b"bonjour"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("404 Not Found", "TER-FET-007"),
        ("403 Forbidden", "TER-FET-008"),
        ("500 Oops", "TER-FET-009"),
        ("429 Slow", "TER-FET-010"),
    ],
)
def test_a_refusal_of_the_server_is_named(status: str, expected: str) -> None:
    with serving(lambda path, send: send(http(b"", status=status))) as host:
        assert code(fetch(host)) == expected


def test_a_passing_fault_is_tried_again() -> None:
    asked: list[str] = []

    def once_down(path: str, send: Callable[[bytes], None]) -> None:
        asked.append(path)
        send(http(b"", status="503 Busy") if len(asked) == 1 else http(b"ok"))

    with serving(once_down) as host:
        assert code(fetch(host)) == "ok"
    assert len(asked) == 2


def test_a_lasting_fault_is_asked_once() -> None:
    asked: list[str] = []

    def absent(path: str, send: Callable[[bytes], None]) -> None:
        asked.append(path)
        send(http(b"", status="404 Not Found"))

    with serving(absent) as host:
        fetch(host)
    assert len(asked) == 1


def test_a_short_body_is_a_fault() -> None:
    with serving(lambda path, send: send(http(b"half", length=400))) as host:
        assert code(fetch(host)) == "TER-FET-013"


def test_a_short_compressed_body_is_a_fault() -> None:
    body = gzip.compress(b"x" * 5000)[:-12]
    with serving(lambda path, send: send(http(body, "Content-Encoding: gzip"))) as host:
        assert code(fetch(host)) == "TER-FET-013"


def test_a_bomb_is_refused_by_its_real_size() -> None:
    body = gzip.compress(b"\0" * 5_000_000)
    assert len(body) < QUICK.max_bytes[Role.PAGE]
    with serving(lambda path, send: send(http(body, "Content-Encoding: gzip"))) as host:
        assert code(fetch(host)) == "TER-FET-011"


@pytest.mark.parametrize("path", ["/length", "/chunked", "/gzip", "/same"])
def test_one_connection_serves_many_requests(path: str) -> None:
    callers: set[object] = set()

    class Handler(http_server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            callers.add(self.client_address)
            body = gzip.compress(b"ok") if path == "/gzip" else b"ok"
            self.send_response(304 if path == "/same" else 200)
            if path == "/gzip":
                self.send_header("Content-Encoding", "gzip")
            if path == "/chunked":
                self.send_header("Transfer-Encoding", "chunked")
                body = b"2\r\nok\r\n0\r\n\r\n"
            elif path != "/same":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if path == "/same" else body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with http_server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        fetcher = Fetcher(frozenset({host}), QUICK)
        request = Request(f"http://{host}{path}", headers=(("If-None-Match", '"v1"'),))
        answers = [fetcher.fetch(request) for _ in range(3)]
        fetcher.close()
        server.shutdown()
    assert all(isinstance(answer, Response) for answer in answers)
    assert len(callers) == 1


def test_a_large_body_is_refused_before_it_is_read() -> None:
    with serving(lambda path, send: send(http(b"", length=10**9))) as host:
        assert code(fetch(host)) == "TER-FET-011"


def test_a_dripping_body_meets_the_deadline() -> None:
    def drip(path: str, send: Callable[[bytes], None]) -> None:
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            send(b"x")
            time.sleep(0.1)

    with serving(drip) as host:
        answer = fetch(host, limits=Limits(total_s=0.5, read_s=1, tries=1))
    assert code(answer) == "TER-FET-003"


def test_a_silent_server_is_given_up() -> None:
    with serving(lambda path, send: time.sleep(3)) as host:
        assert code(fetch(host, limits=Limits(read_s=0.3, tries=1))) == "TER-FET-003"


def test_a_closed_port_is_named() -> None:
    with serving(lambda path, send: None) as host:
        pass
    assert code(fetch(host)) == "TER-FET-001"


def test_a_private_address_is_refused_before_connecting() -> None:
    asked: list[str] = []

    def answer(path: str, send: Callable[[bytes], None]) -> None:
        asked.append(path)
        send(http(b"secret"))

    with serving(answer) as host:
        found = Fetcher(limits=QUICK).fetch(Request(f"http://{host}/"))
    assert (code(found), asked) == ("TER-FET-004", [])


def test_a_file_is_brought_to_disk_with_its_hash(tmp_path: Path) -> None:
    with serving(lambda path, send: send(http(b"a;b\n1;2\n"))) as host:
        fetcher = Fetcher(frozenset({host}), QUICK)
        found = fetcher.fetch_to_file(Request(f"http://{host}/f", Role.FILE), tmp_path / "f")
    assert not isinstance(found, Issue)
    assert found.path.read_bytes() == b"a;b\n1;2\n"
    assert found.sha256 == hashlib.sha256(b"a;b\n1;2\n").hexdigest()
