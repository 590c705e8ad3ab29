"""Find how the bytes of a text file are to be read, on the whole file and not on its beginning.

A byte-order mark decides. NUL at every other byte is UTF-16. Bytes that are valid UTF-8, but for a
few, are UTF-8; else the single-byte charset under which most strange bytes are French letters.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20
LETTERS = "éèêëàâäîïôöûùüçœÉÈÊÀÂÎÔÇŒ°²’–«»€"
LABELS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 avec BOM",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "latin-1": "ISO-8859-1",
    "mac_roman": "Mac Roman",
    "cp850": "DOS (CP850)",
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STRANGE = re.compile(rb"[\x80-\xff]")
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A charset, the bytes that do not belong to it, and the NUL characters of the text."""

    name: str
    bad_bytes: int = 0
    nul_count: int = 0

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def is_plain(self) -> bool:
        """Say whether the file can be read as it is."""
        return self.name == "utf-8" and not self.bad_bytes and not self.nul_count


def _repair(fault: UnicodeError) -> tuple[str, int]:
    assert isinstance(fault, UnicodeDecodeError)
    return fault.object[fault.start : fault.end].decode("cp1252", "replace"), fault.end


codecs.register_error("territoire_cp1252", _repair)


def find_encoding(path: Path) -> Encoding:
    """Read the whole file once and say how it is written."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, nul_count=0 if "16" in name else _count_nul(path))
    wide = wide_charset(head)
    if wide:
        return Encoding(wide)
    plain = _read_plain(path)
    return plain or _find_narrow(path)


def _count_nul(path: Path) -> int:
    return sum(chunk.count(b"\0") for chunk in _chunks(path))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def _read_plain(path: Path) -> Encoding | None:
    """The usual case, quickly: every byte is UTF-8."""
    decode = codecs.getincrementaldecoder("utf-8")("strict").decode
    nul = 0
    try:
        for chunk in _chunks(path):
            decode(chunk)
            nul += chunk.count(b"\0")
        decode(b"", True)
    except UnicodeDecodeError:
        return None
    return Encoding("utf-8", 0, nul)


def wide_charset(head: bytes) -> str:
    """UTF-16 without a mark has a NUL beside each plain letter."""
    pairs = len(head) // 2
    if pairs < 2:
        return ""
    if head[1::2].count(0) > pairs * 0.6 and head[0::2].count(0) < pairs * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.6 and head[1::2].count(0) < pairs * 0.1:
        return "utf-16-be"
    return ""


def _find_narrow(path: Path) -> Encoding:
    """Some bytes are not UTF-8: strangers in a UTF-8 file, or another charset altogether."""
    strange: Counter[bytes] = Counter()
    good = bad = nul = 0
    for chunk in _chunks(path):
        nul += chunk.count(b"\0")
        strange.update(_STRANGE.findall(chunk))
        sequences = len(_SEQUENCE.findall(chunk))
        good += sequences
        bad += len(_STRANGE.findall(_SEQUENCE.sub(b"", chunk)))
    if good > bad:
        return Encoding("utf-8", bad, nul)
    return Encoding(_best_charset(strange), 0, nul)


def _best_charset(strange: Counter[bytes]) -> str:
    def score(charset: str) -> int:
        return sum(n for byte, n in strange.items() if byte.decode(charset, "replace") in LETTERS)

    best = max(("cp1252", "mac_roman", "cp850"), key=score)
    has_controls = any(0x80 <= byte[0] <= 0x9F for byte in strange)
    return "latin-1" if best == "cp1252" and not has_controls else best


def to_utf8(source: Path, encoding: Encoding, target: Path) -> None:
    """Write the text again in UTF-8, without mark nor NUL."""
    name = "cp1252" if encoding.name == "latin-1" else encoding.name
    errors = "territoire_cp1252" if name.startswith("utf-8") else "replace"
    decode = codecs.getincrementaldecoder(name)(errors).decode
    with source.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            out.write(decode(chunk).replace("\0", "").replace("\ufeff", ""))
        out.write(decode(b"", True))
