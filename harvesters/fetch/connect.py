"""Sockets: the address is checked at the moment of connecting, no read outlives the deadline."""

from __future__ import annotations

import io
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from harvesters.address import is_public
from harvesters.fetch.limits import World


class AddressRefused(OSError):
    """The resolver answered only addresses that may not be reached."""


@dataclass(slots=True)
class Passage:
    """What every socket of one fetcher obeys; `deadline` moves with each try."""

    allowed: frozenset[str]
    world: World
    read_s: float
    deadline: float

    def left_s(self) -> float:
        """Answer the seconds left for this try; raises `TimeoutError` when none is."""
        left = self.deadline - self.world.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _DeadlinedStream(io.RawIOBase):
    """The bytes of a socket; each read waits no longer than the try may last.

    A time-out per read is not enough: a server that drips one byte at a time, in its
    headers or in its body, would never meet it.
    """

    def __init__(self, sock: socket.socket, passage: Passage) -> None:
        self._sock, self._passage = sock, passage
        # keeps the socket open after its connection is closed, as `http.client` expects
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._sock.settimeout(min(self._passage.read_s, self._passage.left_s()))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class _DeadlinedSocket:
    """The one method of a socket that `http.client.HTTPResponse` calls."""

    sock: socket.socket
    passage: Passage

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlinedStream(self.sock, self.passage))


def _open_socket(connection: Any, passage: Passage) -> socket.socket:
    """Resolve once, keep the addresses that may be reached, connect to one of these very ones."""
    host, port = connection._dns_host, connection.port
    is_allowed = f"{connection.host.strip('[]')}:{port}" in passage.allowed
    found = passage.world.resolve(host, port, type=socket.SOCK_STREAM)
    reachable = [info for info in found if is_allowed or is_public(str(info[4][0]))]
    if not reachable:
        raise AddressRefused(f"{host}: {found[0][4][0] if found else 'no address'}")
    fault: OSError = OSError("no address")
    for family, kind, protocol, _, address in reachable:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(connection.timeout, passage.left_s()))
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            sock.connect(address)
            return sock
        except OSError as caught:
            sock.close()
            fault = caught
    raise fault


def _guarded(base: type[Any], passage: Passage) -> type[Any]:
    """Make a class of connections that obey the passage. TLS keeps the name asked for."""

    class Guarded(base):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            try:
                return _open_socket(self, passage)
            except OSError as fault:
                raise NewConnectionError(self, f"{type(fault).__name__}: {fault}") from fault

        def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
            deadlined: Any = _DeadlinedSocket(sock, passage)
            return HTTPResponse(deadlined, *args, **kwargs)

    return Guarded


class GuardedAdapter(HTTPAdapter):
    """The transport of `requests`, through guarded connections only."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        plain = type("Plain", (HTTPConnectionPool,), {})
        secure = type("Secure", (HTTPSConnectionPool,), {})
        plain.ConnectionCls = _guarded(HTTPConnection, self._passage)  # type: ignore[attr-defined]
        secure.ConnectionCls = _guarded(HTTPSConnection, self._passage)  # type: ignore[attr-defined]
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}
