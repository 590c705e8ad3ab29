"""The addresses that no fetcher may reach: refused before one byte leaves (FAULTS, row 21)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from harvesters.fetch import Fetcher, Limits, World
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import Ask, Send, http, redirect, serving

pytestmark = pytest.mark.fault(21)

QUICK = Limits(connect_s=1, read_s=1, total_s=2, tries=2, pause_s=0)
PUBLIC = "193.52.94.51"
PRIVATE_NAMES = [
    "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "017700000001", "127.0.0.1", "127.0.0.1.",
    "localhost", "[::1]", "[::]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fec0::1]", "[fe80::1]", "[fd00:ec2::254]", "100.64.0.1", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0", "0", "255.255.255.255",
    "[::ffff:0:7f00:1]", "[2001:0:7f00:1::]",
]  # fmt: skip
OTHER_SCHEMES = [
    "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://a/", "//127.0.0.1/",
    "javascript:1", "unix:/run/s", "http+unix://%2Frun%2Fs/",
]  # fmt: skip


@dataclass
class Resolver:
    """Answers each look-up of a name with the next address, the last one for ever."""

    addresses: list[str]
    port: int = 80
    looked_up: list[str] = field(default_factory=list)

    def __call__(self, name: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        self.looked_up.append(name)
        address = self.addresses[min(len(self.looked_up), len(self.addresses)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, self.port))]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address a socket of this process tries to connect to."""
    tried: list[Any] = []
    connect: Callable[..., None] = socket.socket.connect

    def spy(sock: socket.socket, address: Any) -> None:
        tried.append(address)
        if address[0] == PUBLIC:
            raise ConnectionRefusedError("no test leaves this machine")
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", spy)
    return tried


def code(answer: Response | Issue) -> str:
    return answer.code if isinstance(answer, Issue) else "ok"


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_an_odd_spelling_of_a_private_address_is_refused(name: str, connected: list[Any]) -> None:
    answer = Fetcher(limits=QUICK).fetch(Request(f"http://{name}/"))
    # the resolver itself refuses some spellings: nothing is reached either way
    assert code(answer) in ("TER-FET-004", "TER-FET-002", "TER-FET-005")
    assert connected == []


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_a_redirect_to_a_private_address_is_refused(name: str, connected: list[Any]) -> None:
    with serving(lambda ask, send: send(redirect(f"http://{name}/"))) as host:
        answer = Fetcher(frozenset({host}), QUICK).fetch(Request(f"http://{host}/"))
    assert code(answer) in ("TER-FET-004", "TER-FET-002", "TER-FET-005")
    assert [f"{a}:{p}" for a, p in connected] == [host]


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_another_scheme_is_refused_at_once(url: str, connected: list[Any]) -> None:
    assert code(Fetcher(limits=QUICK).fetch(Request(url))) == "TER-FET-005"
    assert connected == []


@pytest.mark.parametrize("url", [u for u in OTHER_SCHEMES if not u.startswith("//")])
def test_a_redirect_to_another_scheme_is_refused(url: str, connected: list[Any]) -> None:
    with serving(lambda ask, send: send(redirect(url))) as host:
        answer = Fetcher(frozenset({host}), QUICK).fetch(Request(f"http://{host}/"))
    assert code(answer) == "TER-FET-005"
    assert [f"{a}:{p}" for a, p in connected] == [host]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fec0::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_a_name_that_resolves_to_a_private_address_is_refused(
    address: str, connected: list[Any]
) -> None:
    world = World(resolve=Resolver([address]))
    answer = Fetcher(limits=QUICK, world=world).fetch(Request("http://data.example/"))
    assert (code(answer), connected) == ("TER-FET-004", [])


def test_a_name_is_looked_up_once_for_a_connection_and_that_very_address_is_reached(
    connected: list[Any],
) -> None:
    resolver = Resolver([PUBLIC, "127.0.0.1"])
    world = World(resolve=resolver)
    answer = Fetcher(limits=Limits(tries=1), world=world).fetch(Request("http://data.example/"))
    assert code(answer) == "TER-FET-001"
    assert (resolver.looked_up, connected) == (["data.example"], [(PUBLIC, 80)])


def test_a_name_that_turns_private_at_the_second_look_up_is_refused(connected: list[Any]) -> None:
    resolver = Resolver([PUBLIC, "127.0.0.1"])
    world = World(resolve=resolver, sleep=lambda _: None)
    answer = Fetcher(limits=QUICK, world=world).fetch(Request("http://data.example/"))
    assert code(answer) == "TER-FET-004"
    assert (len(resolver.looked_up), connected) == (2, [(PUBLIC, 80)])


def test_the_public_one_of_two_addresses_is_the_only_one_tried(connected: list[Any]) -> None:
    def both(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("10.0.0.1", PUBLIC)
        ]

    Fetcher(limits=Limits(tries=1), world=World(resolve=both)).fetch(Request("http://a.example/"))
    assert connected == [(PUBLIC, 80)]


def test_an_address_that_does_not_answer_leaves_its_turn_to_the_next_one() -> None:
    with serving(lambda ask, send: send(http(b"ok"))) as gone:
        pass
    with serving(lambda ask, send: send(http(b"ok"))) as host:
        ports = [int(gone.split(":")[1]), int(host.split(":")[1])]

        def both(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports
            ]

        world = World(resolve=both)
        fetcher = Fetcher(frozenset({"a.example:80"}), Limits(tries=1), world=world)
        assert code(fetcher.fetch(Request("http://a.example/"))) == "ok"


def test_what_an_operator_allows_is_one_host_and_one_port_by_its_name() -> None:
    asked: list[Ask] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(ask)
        send(http(b"ok"))

    with serving(answer) as host:
        port = host.split(":")[1]
        allowed = frozenset({host})
        world = World(resolve=Resolver(["127.0.0.1"], int(port)), sleep=lambda _: None)

        def by(name: str) -> str:
            return code(Fetcher(allowed, QUICK, world=world).fetch(Request(f"http://{name}/")))

        assert by(host) == "ok"
        assert by(f"localhost:{port}") == "TER-FET-004"
        assert by(f"data.example:{port}") == "TER-FET-004"
        assert by("127.0.0.1") == "TER-FET-004"
        assert by(f"127.1:{port}") == "TER-FET-004"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "trick",
    ["http://{host}@10.0.0.1/", "http://{host}:x@10.0.0.1/", "http://10.0.0.1\\@{host}/",
     "http://10.0.0.1#@{host}/", "http://10.0.0.1?@{host}/", "http://10.0.0.1;@{host}/",
     "http://10.0.0.1 @{host}/", "http://{host}\t@10.0.0.1/", "http://10.0.0.1%2f@{host}/"],
)  # fmt: skip
def test_a_user_name_that_looks_like_an_allowed_host_misleads_nobody(
    trick: str, connected: list[Any]
) -> None:
    with serving(lambda ask, send: send(http(b"ok"))) as host:
        answer = Fetcher(frozenset({host}), QUICK).fetch(Request(trick.format(host=host)))
    assert code(answer) in ("TER-FET-004", "TER-FET-005")
    assert connected == []
