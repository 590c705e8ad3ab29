"""What bounds a request, what a fetcher takes from the machine, and what a file on disk is."""

from __future__ import annotations

import math
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvesters.model import Role

MEGA = 1_000_000


def utc_now() -> datetime:
    """Tell the time of the machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: bytes once decompressed, seconds, and how often it is tried.

    `total_s` is for one try with its redirects, `run_s` for everything a fetcher does.
    """

    max_bytes: Mapping[Role, int] = field(
        default_factory=lambda: {
            Role.PAGE: 60 * MEGA,
            Role.DETAIL: 20 * MEGA,
            Role.FILE: 200 * MEGA,
        }
    )
    connect_s: float = 10
    read_s: float = 30
    total_s: float = 120
    run_s: float = math.inf
    max_redirects: int = 5
    tries: int = 4
    pause_s: float = 1
    max_pause_s: float = 30


@dataclass(frozen=True, slots=True)
class World:
    """The clocks, the chance and the resolver: tests put their own."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random
    resolve: Callable[..., Any] = socket.getaddrinfo


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file brought to disk. Header names are lower case; `url` is the last hop."""

    path: Path
    url: str
    sha256: str
    size_bytes: int
    status: int
    headers: Mapping[str, str]
