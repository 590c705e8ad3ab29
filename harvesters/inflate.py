"""Inflate gzip and deflate piece by piece: bounded memory, and a short stream is a fault.

gzip (RFC 1952) may hold several members one after the other; `deflate` is either the
zlib format (RFC 1950) or, from some servers, the bare one (RFC 1951).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

PIECE_BYTES = 1_000_000
GZIP, ZLIB, BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
CODINGS = ("gzip", "x-gzip", "deflate")


class Inflater:
    """Inflates one stream. A broken or short stream raises `zlib.error`."""

    def __init__(self, coding: str) -> None:
        self._is_gzip = coding != "deflate"
        self._stream = zlib.decompressobj(GZIP)
        self.has_begun = False

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """Yield what these bytes hold, at most `PIECE_BYTES` at a time."""
        if raw and not self.has_begun:
            self.has_begun = True
            self._stream = self._first_stream(raw[0])
        is_full = False
        while raw or is_full:
            if self._stream.eof:
                if not raw.strip(b"\0"):
                    return
                self._stream = self._next_member()
            piece = self._stream.decompress(raw, PIECE_BYTES)
            is_full = len(piece) == PIECE_BYTES
            raw = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Check that the stream came to its end."""
        if not self._stream.eof:
            raise zlib.error("the stream is truncated")

    def _first_stream(self, first: int) -> zlib._Decompress:
        if self._is_gzip:
            return zlib.decompressobj(GZIP)
        # a zlib stream begins with method 8 in its low bits, which no bare stream does
        return zlib.decompressobj(ZLIB if first & 0x0F == 8 else BARE)

    def _next_member(self) -> zlib._Decompress:
        if not self._is_gzip:
            raise zlib.error("bytes follow the end of the stream")
        return zlib.decompressobj(GZIP)
