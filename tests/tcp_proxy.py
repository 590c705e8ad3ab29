"""A TCP proxy of ours between a client and a server: it breaks the line as a test says.

Everything is bounded: connections, threads, and the time that all delays of one fault take, after
which the line is fine again. Nothing listens after `proxying` has ended.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 64
LOOK_S = 0.05
RST = struct.pack("ii", 1, 0)  # linger for no time: closing sends a reset


class Kind(Enum):
    """What a line can do to those who speak on it."""

    CUT = "cut"  # both ends are closed
    RESET = "reset"  # both ends get a RST
    HALF_CLOSE = "half close"  # nothing more comes this way, the other way is open
    HOLD = "hold"  # nothing comes this way for a while, and nobody is told
    DELAY = "delay"  # each piece comes late
    DRIP = "drip"  # a byte at a time
    REFUSE = "refuse"  # nobody listens


class Way(Enum):
    """From the client to the server, or back."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken line: from the byte `after_bytes` of each connection on, one way. Delays take
    `pause_s` each and `budget_s` all together."""

    kind: Kind
    way: Way = Way.DOWN
    after_bytes: int = 0
    pause_s: float = 0.01
    budget_s: float = 1.0


class Proxy:
    """Listens on a port of its own and passes to `target`, a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._fault: Fault | None = None
        self._spent_s = 0.0
        self._since = 0
        self._is_over = False
        self.connections = 0
        self._start(self._accept)

    def play(self, fault: Fault | None) -> None:
        """Break the line from now on, or mend it. Connections that are open are concerned too."""
        with self._lock:
            was_refusing = self._fault is not None and self._fault.kind is Kind.REFUSE
            self._fault, self._spent_s, self._since = fault, 0.0, self._since + 1
        if fault and fault.kind is Kind.REFUSE:
            _stop(self._listener)
            self._close_all(is_reset=False)
        elif was_refusing:
            self._listener = _listen(self.port)

    def close(self) -> None:
        """End every connection and every thread."""
        self._is_over = True
        _stop(self._listener)
        self._close_all(is_reset=False)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_over:
            with suppress(OSError, ValueError):  # closed meanwhile, and perhaps opened again
                if select.select([self._listener], [], [], LOOK_S)[0]:
                    self._serve(self._listener.accept()[0])
                continue
            time.sleep(LOOK_S)

    def _serve(self, client: socket.socket) -> None:
        if len(self._sockets) >= 2 * MAX_CONNECTIONS:
            client.close()
            return
        try:
            server = socket.create_connection((LOOPBACK, self._target), 5)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets |= {client, server}
        self.connections += 1
        self._start(self._pump, client, server, Way.UP)
        self._start(self._pump, server, client, Way.DOWN)

    def _pump(self, source: socket.socket, sink: socket.socket, way: Way) -> None:
        """Pass what comes one way until an end closes; the fault counts from when it is played."""
        passed, since = 0, self._since
        with suppress(OSError, ValueError):
            while not self._is_over:
                if not select.select([source], [], [], LOOK_S)[0]:
                    continue
                data = source.recv(65_536)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                fault = self._fault
                if since != self._since:
                    passed, since = 0, self._since
                if fault is None or fault.way is not way:
                    sink.sendall(data)
                    continue
                clean = data[: max(fault.after_bytes - passed, 0)]
                passed += len(data)
                sink.sendall(clean)
                rest = data[len(clean) :]
                if rest and not self._break(fault, rest, source, sink):
                    return
        self._forget(source, sink)

    def _break(self, fault: Fault, rest: bytes, source: socket.socket, sink: socket.socket) -> bool:
        """Do to the rest what the fault says; answer whether the line goes on."""
        if fault.kind in (Kind.CUT, Kind.RESET):
            self._forget(source, sink, is_reset=fault.kind is Kind.RESET)
            return False
        if fault.kind is Kind.HALF_CLOSE:
            sink.shutdown(socket.SHUT_WR)
            return False
        pieces = [rest[n : n + 1] for n in range(len(rest))] if fault.kind is Kind.DRIP else [rest]
        for piece in pieces:
            self._wait(fault)
            sink.sendall(piece)
        return True

    def _wait(self, fault: Fault) -> None:
        pause_s = fault.budget_s if fault.kind is Kind.HOLD else fault.pause_s
        limit = time.monotonic() + pause_s
        while self._fault is fault and not self._is_over and self._spent_s < fault.budget_s:
            left_s = limit - time.monotonic()
            if left_s <= 0:
                return
            step_s = min(left_s, LOOK_S)
            time.sleep(step_s)
            with self._lock:
                self._spent_s += step_s

    def _close_all(self, *, is_reset: bool) -> None:
        self._forget(*list(self._sockets), is_reset=is_reset)

    def _forget(self, *ends: socket.socket, is_reset: bool = False) -> None:
        for end in ends:
            with suppress(OSError):
                if is_reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                else:
                    end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._sockets.discard(end)


def _listen(port: int) -> socket.socket:
    return socket.create_server((LOOPBACK, port), backlog=MAX_CONNECTIONS)


def _stop(listener: socket.socket) -> None:
    """Listen no more, in the processes that were forked meanwhile too."""
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@contextmanager
def proxying(target: int) -> Iterator[Proxy]:
    """Give a proxy to a port of this machine."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
