"""Open a ZIP that anybody may have written: bounded, by name and by size, never by trust.

What is refused answers an `Issue`: not a ZIP (and what it is instead), encrypted,
too many or too large members, a compression ratio that only a bomb has, members
that share their bytes, names that leave the archive, links, the same name twice,
an archive that only holds archives (as the one that holds itself). Folders around
all members are accepted, told in `Archive.folder` and dropped from the names.
A lone gzip file is read by `read_gzip`, within the same bounds.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os.path import commonprefix
from pathlib import Path, PurePosixPath

from harvesters.inflate import PIECE_BYTES, Inflater
from harvesters.model import Issue

MEGA = 1_000_000
DRIVE = re.compile(r"[a-zA-Z]:")
LEFT_BY_COMPUTERS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
ARCHIVES = (".zip", ".gz", ".tgz", ".rar", ".7z", ".bz2", ".xz", ".tar")
LOCAL_HEADER_BYTES = 30
# the other methods may ask for gigabytes of memory before the first byte comes out
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")
SIGNATURES = (
    (b"%PDF", "un PDF"),
    (b"\x1f\x8b", "un fichier gzip"),
    (b"Rar!", "une archive RAR"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"\xd0\xcf\x11\xe0", "un ancien document Office"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une photo JPEG"),
    (b"GIF8", "une image GIF"),
    (b"II*\0", "une image TIFF"),
    (b"MM\0*", "une image TIFF"),
    (b"{\\rtf", "un document RTF"),
    (b"<!doctype html", "une page web"),
    (b"<html", "une page web"),
    (b"<?xml", "un document XML"),
    (b"{", "du JSON"),
    (b"PK\x03\x04", "un ZIP coupé avant sa fin"),
)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold."""

    max_members: int = 2_000
    max_member_bytes: int = 1_000 * MEGA
    max_total_bytes: int = 2_000 * MEGA
    max_ratio: int = 200
    free_ratio_bytes: int = 10 * MEGA


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that passed. `names` are without the folders that surround them all."""

    _zip: zipfile.ZipFile
    _members: Mapping[str, zipfile.ZipInfo]
    folder: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def size(self, name: str) -> int:
        """The bytes that a member declares, once unpacked."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes | Issue:
        """Read one member whole, at most the size that its header declares."""
        try:
            return b"".join(self._pieces(name))
        except BROKEN as fault:
            return Issue("TER-FET-022", name, str(fault)[:120])

    def save(self, name: str, path: Path) -> Issue | None:
        """Write one member to a file, a piece at a time."""
        try:
            with path.open("wb") as out:
                for piece in self._pieces(name):
                    out.write(piece)
        except BROKEN as fault:
            path.unlink(missing_ok=True)
            return Issue("TER-FET-022", name, str(fault)[:120])
        return None

    def _pieces(self, name: str) -> Iterator[bytes]:
        # `zipfile` stops at the declared size, then finds that the sum of a longer one is wrong
        with self._zip.open(self._members[name]) as member:
            while piece := member.read(PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Free the file, where the archive was opened from one."""
        file = self._zip.fp
        self._zip.close()
        if file:
            file.close()


@dataclass(frozen=True, slots=True)
class _Check:
    bounds: Bounds
    seen: set[str] = field(default_factory=set)

    def fault_of(self, info: zipfile.ZipInfo) -> str:
        """Say what forbids one member, `""` when nothing does."""
        name = _name(info)
        told = f"(«\u00a0{name[:80]}\u00a0»)".replace("\0", "")
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or DRIVE.match(name) or "\0" in info.orig_filename:
            return f"un nom qui sort de l’archive {told}"
        if stat.S_ISLNK(info.external_attr >> 16):
            return f"un lien {told}"
        if info.flag_bits & 1:
            return "un fichier protégé par mot de passe"
        if info.compress_type not in METHODS:
            return f"un fichier compressé d’une façon inhabituelle {told}"
        if name.lower() in self.seen:
            return f"deux fois le même nom {told}"
        self.seen.add(name.lower())
        if info.file_size > self.bounds.max_member_bytes:
            return f"un fichier de {info.file_size // MEGA}\u00a0Mo {told}"
        if self._is_bomb(info.file_size, info.compress_size):
            return f"un fichier anormalement compressé {told}"
        return ""

    def fault_of_all(self, members: list[zipfile.ZipInfo]) -> str:
        """Say what forbids the members together."""
        total = sum(info.file_size for info in members)
        if len(members) > self.bounds.max_members:
            return f"{len(members)} fichiers, {self.bounds.max_members} au plus"
        if total > self.bounds.max_total_bytes:
            return f"{total // MEGA}\u00a0Mo une fois décompressée"
        if self._is_bomb(total, sum(info.compress_size for info in members)):
            return "des fichiers anormalement compressés"
        if _share_bytes(members):
            return "des fichiers qui se chevauchent"
        if members and all(_name(info).lower().endswith(ARCHIVES) for info in members):
            return "seulement d’autres archives"
        return ""

    def _is_bomb(self, size: int, packed: int) -> bool:
        return size > self.bounds.free_ratio_bytes and size > self.bounds.max_ratio * max(packed, 1)


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member; some programs write Windows separators."""
    return info.filename.replace("\\", "/")


def _share_bytes(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Say whether two members claim the same bytes, which makes a small archive endless."""
    end = 0
    for info in sorted(members, key=lambda member: member.header_offset):
        if info.header_offset < end:
            return True
        end = info.header_offset + LOCAL_HEADER_BYTES + info.compress_size
    return False


def what_is(body: bytes) -> str:
    """Say in French what a file really is, by its first bytes."""
    start = body[:64].lstrip().lower()
    for mark, name in SIGNATURES:
        if body.startswith(mark) or start.startswith(mark.lower()):
            return name
    return "un fichier vide" if not body.strip() else "un autre type de fichier"


def open_archive(
    content: bytes | Path, where: str = "", bounds: Bounds | None = None
) -> Archive | Issue:
    """Open an archive held in memory or in a file, or say why it is refused."""
    file = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    start = file.read(PIECE_BYTES)
    if not start.startswith(ZIP_START) or not zipfile.is_zipfile(file):
        file.close()
        return Issue("TER-FET-020", where, what_is(start))
    try:
        opened = zipfile.ZipFile(file)
    except BROKEN as fault:
        file.close()
        return Issue("TER-FET-022", where, str(fault)[:120])
    members = [info for info in opened.infolist() if not info.is_dir()]
    check = _Check(bounds or Bounds())
    refusal = next(filter(None, map(check.fault_of, members)), "") or check.fault_of_all(members)
    if refusal:
        opened.close()
        file.close()
        return Issue("TER-FET-021", where, refusal)
    return _without_folders(opened, members)


def _without_folders(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Archive:
    """Drop the folders that surround every member, as file managers add them."""
    real = [m for m in members if not _name(m).startswith("__MACOSX/")]
    real = [m for m in real if PurePosixPath(_name(m)).name not in LEFT_BY_COMPUTERS]
    folders = [_name(m).split("/")[:-1] for m in real]
    shared = commonprefix(folders)  # noqa: RUF071 lists of names, compared name by name
    folder = "".join(f"{part}/" for part in shared)
    return Archive(opened, {_name(m)[len(folder) :]: m for m in real}, folder.rstrip("/"))


def read_gzip(body: bytes, where: str = "", bounds: Bounds | None = None) -> bytes | Issue:
    """Inflate a lone gzip file, or say why it is refused."""
    limits = bounds or Bounds()
    if not body.startswith(b"\x1f\x8b"):
        return Issue("TER-FET-023", where, "un ZIP" if body[:4] in ZIP_START else what_is(body))
    pieces, size, inflater = [], 0, Inflater("gzip")
    try:
        for piece in inflater.feed(body):
            size += len(piece)
            is_bomb = size > limits.free_ratio_bytes and size > limits.max_ratio * len(body)
            if is_bomb or size > limits.max_member_bytes:
                return Issue("TER-FET-021", where, "un fichier anormalement compressé")
            pieces.append(piece)
        inflater.finish()
    except zlib.error as fault:
        return Issue("TER-FET-022", where, str(fault)[:120])
    return b"".join(pieces)
