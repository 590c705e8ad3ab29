"""Make small OLE containers (MS-CFB), the format of Office before 2007, for tests."""

from __future__ import annotations

import struct

SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def container(**streams: bytes) -> bytes:
    """Write a container with these streams under its root; `_` in a name stands for a space."""
    sectors: list[bytes] = []
    chain: list[int] = []
    entries = [_entry("Root Entry", 5, END, 0, 1)]
    for index, (name, content) in enumerate(streams.items(), start=1):
        padded = content.ljust(8 * SECTOR, b"\0")  # too large for the mini stream
        first = len(sectors)
        pieces = [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
        sectors += [piece.ljust(SECTOR, b"\0") for piece in pieces]
        chain += [*range(first + 1, first + len(pieces)), END]
        right = index + 1 if index < len(streams) else FREE
        entries.append(_entry(name.replace("_", " "), 2, first, len(padded), FREE, right))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * SECTOR, b"\0")
    at = len(sectors)
    pieces = [directory[i : i + SECTOR] for i in range(0, len(directory), SECTOR)]
    sectors += pieces
    chain += [*range(at + 1, at + len(pieces)), END, TABLE]
    sectors.append(struct.pack("<128I", *chain, *[FREE] * (128 - len(chain))))
    header = struct.pack(
        "<8s16s5H6x10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, at, 0, 4096, END, 0, END, 0, len(sectors) - 1,
    )  # fmt: skip
    header = header.ljust(SECTOR, b"\xff")
    return header + b"".join(sectors)


def _entry(
    name: str, kind: int, first: int, size: int, child: int = FREE, right: int = FREE
) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBB3I36xIQ", written, len(written), kind, 1, FREE, right, child,
                       first, size)  # fmt: skip
