"""The proxy of the tests breaks a line as it is told, and leaves nothing behind."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.tcp_proxy import LOOPBACK, Fault, Kind, Proxy, Way, proxying
from tests.unit.loopback import http, serving

BODY = b"0123456789" * 10


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with serving(lambda ask, send: send(http(BODY))) as host, proxying(port_of(host)) as made:
        yield made


def port_of(host: str) -> int:
    return int(host.split(":")[1])


def ask(proxy: Proxy) -> bytes:
    """Ask for the page through the proxy; what was received until the end, or the error."""
    with socket.create_connection((LOOPBACK, proxy.port), 3) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        found = b""
        while data := line.recv(100):
            found += data
        return found


def test_a_sound_line_passes_all(proxy: Proxy) -> None:
    assert ask(proxy).endswith(BODY)


def test_a_cut_line_passes_what_came_before(proxy: Proxy) -> None:
    proxy.play(Fault(Kind.CUT, after_bytes=20))
    assert len(ask(proxy)) == 20


def test_a_reset_is_an_error_for_the_client(proxy: Proxy) -> None:
    proxy.play(Fault(Kind.RESET, after_bytes=20))
    with pytest.raises(ConnectionResetError):
        ask(proxy)


def test_a_half_closed_line_ends_the_answer(proxy: Proxy) -> None:
    proxy.play(Fault(Kind.HALF_CLOSE, after_bytes=30))
    assert len(ask(proxy)) == 30


def test_a_question_that_is_cut_gets_no_answer(proxy: Proxy) -> None:
    proxy.play(Fault(Kind.CUT, Way.UP))
    try:
        found = ask(proxy)
    except ConnectionError:
        found = b""
    assert found == b""


@pytest.mark.parametrize("kind", [Kind.DELAY, Kind.DRIP, Kind.HOLD])
def test_a_slow_line_passes_all_within_its_budget(proxy: Proxy, kind: Kind) -> None:
    proxy.play(Fault(kind, pause_s=0.001, budget_s=0.2))
    assert ask(proxy).endswith(BODY)


def test_nobody_listens_until_the_line_is_mended_at_the_same_port(proxy: Proxy) -> None:
    port = proxy.port
    proxy.play(Fault(Kind.REFUSE))
    with pytest.raises(ConnectionRefusedError):
        ask(proxy)
    proxy.play(None)
    assert (ask(proxy).endswith(BODY), proxy.port) == (True, port)


def test_an_open_line_is_concerned_by_a_fault_that_comes_later() -> None:
    with socket.create_server((LOOPBACK, 0)) as server, proxying(server.getsockname()[1]) as made:
        line = socket.create_connection((LOOPBACK, made.port), 3)
        end, _ = server.accept()
        with line, end:
            line.sendall(b"a")
            assert end.recv(1) == b"a"
            made.play(Fault(Kind.CUT, Way.UP, after_bytes=1))
            line.sendall(b"bc")
            assert (end.recv(5), end.recv(5)) == (b"b", b"")


def test_nothing_is_left_behind() -> None:
    before = threading.active_count()
    with serving(lambda ask, send: send(http(BODY))) as host:
        with proxying(port_of(host)) as made:
            ask(made)
        with pytest.raises(ConnectionRefusedError):
            ask(made)
    assert threading.active_count() <= before + 1
