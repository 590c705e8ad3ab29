"""Clients of the search benchmark: the same questions to a server, by so many clients at once."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What so many clients were answered."""

    clients: int
    count: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes_each: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds


def measure(
    base: str, paths: Sequence[str], clients: int, headers: dict[str, str] | None = None
) -> Load:
    """Ask every path once, shared among the clients; an answer that is not 200 is a fault."""
    parts = urlsplit(base)
    times: list[float] = []
    sizes: list[int] = []
    faults: list[str] = []
    waiting = list(reversed(paths))
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        while True:
            with lock:
                if not waiting:
                    break
                path = waiting.pop()
            began = time.perf_counter()
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read()
            spent = time.perf_counter() - began
            with lock:
                times.append(spent)
                sizes.append(len(body))
                if answer.status != http.client.OK:
                    faults.append(f"{answer.status} {path}: {body[:300]!r}")
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if faults:
        raise SystemExit("\n".join(faults[:3]))
    ranked = statistics.quantiles(times, n=100)
    return Load(clients, len(times), seconds, ranked[49] * 1000, ranked[98] * 1000,
                statistics.fmean(sizes))  # fmt: skip
