"""Reading a body within its bounds, and the two places it may go: memory or a file."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import requests
from urllib3.exceptions import HTTPError

from harvesters.fetch.faults import Fault, told
from harvesters.fetch.limits import MEGA
from harvesters.inflate import CODINGS, Inflater
from harvesters.model import Issue

READ_BYTES = 65_536


class Sink(Protocol):
    """Where a body goes. `restart` forgets what an earlier try brought."""

    def restart(self) -> None: ...
    def take(self, chunk: bytes) -> None: ...


class MemorySink:
    """A body in memory."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def restart(self) -> None:
        self._chunks.clear()

    def take(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        return b"".join(self._chunks)


class FileSink:
    """A body in a file beside its final place, so that the last good copy stays until the end."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        self._out = self._part.open("wb")
        self._hash, self.size = hashlib.sha256(), 0

    def restart(self) -> None:
        if self.size:
            self._out.seek(0)
            self._out.truncate()
        self._hash, self.size = hashlib.sha256(), 0

    def take(self, chunk: bytes) -> None:
        try:
            self._out.write(chunk)
        except OSError as fault:
            raise self._full(fault) from fault
        self._hash.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def keep(self) -> Issue | None:
        """Put the file in its place."""
        try:
            self._out.close()
            self._part.replace(self._path)
        except OSError as fault:
            self.discard()
            return self._full(fault).issue
        return None

    def discard(self) -> None:
        """Leave nothing but what was there before."""
        with suppress(OSError):  # on a full disk, closing tries to write the last bytes once more
            self._out.close()
        self._part.unlink(missing_ok=True)

    def _full(self, fault: OSError) -> Fault:
        return Fault(Issue("TER-FET-017", self._path.name, fault.strerror or str(fault)))


def read_body(url: str, answer: requests.Response, limit: int) -> Iterator[bytes]:
    """Yield the decoded body; too much, or less than announced, is a fault and not a success."""
    too_large = Fault(Issue("TER-FET-011", url, expected=_megabytes(limit)))
    declared = answer.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    size = 0
    try:
        for chunk in _decoded(url, answer, is_empty=declared == "0"):
            size += len(chunk)
            if size > limit:
                raise too_large
            yield chunk
    except (HTTPError, OSError, zlib.error, ValueError) as fault:
        raise told(url, fault, is_reading=True) from fault


def _megabytes(limit: int) -> str:
    return f"{limit // MEGA}\u00a0Mo" if limit >= MEGA else f"{limit // 1000}\u00a0ko"


def _decoded(url: str, answer: requests.Response, is_empty: bool) -> Iterator[bytes]:
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity", "none") or is_empty:
        yield from _raw(answer)
        return
    if coding not in CODINGS:
        raise Fault(Issue("TER-FET-016", url, coding[:40]))
    inflater = Inflater(coding)
    for raw in _raw(answer):
        yield from inflater.feed(raw)
    inflater.finish()


def _raw(answer: requests.Response) -> Iterator[bytes]:
    # read1 gives what has arrived, so that a slow body is never gathered without end
    while chunk := answer.raw.read1(READ_BYTES, decode_content=False):
        yield chunk
