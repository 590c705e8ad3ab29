"""Read what an OLE container holds: the file format of Office before 2007 (MS-CFB).

An xls, a doc, a ppt, a mail of Outlook and a workbook with a password are all such containers; the
names of their first-level streams tell them apart. An xls with a password says so in one of the
first records of its stream (MS-XLS, FilePass).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOKS = ("Workbook", "Book", "WORKBOOK")
HEADER_BYTES = 512
SECTOR_BYTES = {9: 512, 12: 4096}
ENTRY_BYTES = 128
MAX_SECTORS = 4_096
NONE = 0xFFFFFFFF
LAST = 0xFFFFFFFA  # sectors from here on are marks, not numbers
FILE_PASS = 0x2F


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    left: int
    right: int
    child: int
    sector: int


def top_streams(path: Path) -> Mapping[str, bytes]:
    """Name the streams directly under the root, with their first bytes; none when it is damaged."""
    try:
        with path.open("rb") as file:
            entries = list(_entries(path))
            found = {}
            for entry in _siblings(entries, entries[0].child):
                file.seek(HEADER_BYTES * (entry.sector + 1) if entry.sector < LAST else 0)
                found[entry.name] = file.read(HEADER_BYTES)
            return found
    except (struct.error, IndexError, ValueError):
        return {}


def has_password(streams: Mapping[str, bytes]) -> bool:
    """Say whether a container is a workbook that only a password opens."""
    if "EncryptedPackage" in streams:
        return True
    return any(FILE_PASS in _records(streams[name]) for name in BOOKS if name in streams)


def _records(stream: bytes) -> Iterator[int]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind
        at += 4 + size


def _entries(path: Path) -> Iterator[_Entry]:
    """Read the directory, sector after sector."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        size = SECTOR_BYTES.get(struct.unpack_from("<H", header, 30)[0], HEADER_BYTES)
        tables = [n for n in struct.unpack_from("<109I", header, 76) if n < LAST]
        sector: int = struct.unpack_from("<I", header, 48)[0]
        for _ in range(MAX_SECTORS):
            if sector >= LAST:
                return
            file.seek((sector + 1) * size)
            raw = file.read(size)
            yield from (_entry(raw[i : i + ENTRY_BYTES]) for i in range(0, len(raw), ENTRY_BYTES))
            file.seek((tables[sector // (size // 4)] + 1) * size + sector % (size // 4) * 4)
            sector = struct.unpack("<I", file.read(4))[0]


def _entry(raw: bytes) -> _Entry:
    length = min(struct.unpack_from("<H", raw, 64)[0], 64)
    name = raw[: max(length - 2, 0)].decode("utf-16-le")
    return _Entry(name, *struct.unpack_from("<3I", raw, 68), *struct.unpack_from("<I", raw, 116))


def _siblings(entries: list[_Entry], first: int) -> Iterator[_Entry]:
    """Walk the tree of names that stand side by side."""
    waiting, seen = [first], set[int]()
    while waiting:
        index = waiting.pop()
        if index == NONE or index in seen:
            continue
        seen.add(index)
        yield entries[index]
        waiting += [entries[index].left, entries[index].right]
