"""Open a ZIP that anybody may have written: bounded, by name and by size, never by trust.

What is refused answers an `Issue`: not a ZIP (and what it is instead), encrypted,
too many or too large members, a compression ratio that only a bomb has, names
that leave the archive, links, the same name twice. A single folder around all
members is accepted and dropped from their names.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from harvesters.model import Issue

MEGA = 1_000_000
SIGNATURES = (
    (b"%PDF", "un PDF"),
    (b"\x1f\x8b", "un fichier gzip"),
    (b"Rar!", "une archive RAR"),
    (b"7z\xbc\xaf", "une archive 7z"),
    (b"\xd0\xcf\x11\xe0", "un ancien document Office"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une photo JPEG"),
    (b"<!doctype html", "une page web"),
    (b"<html", "une page web"),
    (b"<?xml", "un document XML"),
    (b"{", "du JSON"),
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold."""

    max_members: int = 2_000
    max_total_bytes: int = 2_000 * MEGA
    max_ratio: int = 200
    free_ratio_bytes: int = 10 * MEGA


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that passed. `names` are without the folder that surrounds them all."""

    _zip: zipfile.ZipFile
    _members: Mapping[str, zipfile.ZipInfo]
    folder: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def read(self, name: str) -> bytes | Issue:
        """Read one member whole, at most the size that its header declares."""
        info = self._members[name]
        try:
            with self._zip.open(info) as member:
                body = member.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as fault:
            return Issue("TER-FET-022", name, str(fault)[:120])
        if len(body) > info.file_size:
            return Issue("TER-FET-021", name, "un fichier plus grand qu’annoncé")
        return body


@dataclass(frozen=True, slots=True)
class _Check:
    bounds: Bounds
    seen: set[str] = field(default_factory=set)

    def fault_of(self, info: zipfile.ZipInfo) -> str:
        """Say what forbids one member, `""` when nothing does."""
        name = info.filename.replace("\\", "/")
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or ":" in name or "\0" in name:
            return f"un nom qui sort de l’archive (« {name[:80]} »)"
        if stat.S_ISLNK(info.external_attr >> 16):
            return f"un lien (« {name[:80]} »)"
        if info.flag_bits & 1:
            return "un fichier protégé par mot de passe"
        if name.lower() in self.seen:
            return f"deux fois le même nom (« {name[:80]} »)"
        self.seen.add(name.lower())
        is_large = info.file_size > self.bounds.free_ratio_bytes
        if is_large and info.file_size > self.bounds.max_ratio * max(info.compress_size, 1):
            return f"un fichier anormalement compressé (« {name[:80]} »)"
        return ""


def what_is(body: bytes) -> str:
    """Say in French what a file really is, by its first bytes."""
    start = body[:64].lstrip().lower()
    for mark, name in SIGNATURES:
        if body.startswith(mark) or start.startswith(mark.lower()):
            return name
    return "un fichier vide" if not body.strip() else "un autre type de fichier"


def open_archive(body: bytes, where: str = "", bounds: Bounds | None = None) -> Archive | Issue:
    """Open an archive held in memory, or say why it is refused."""
    limits = bounds or Bounds()
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return Issue("TER-FET-020", where, what_is(body))
    try:
        opened = zipfile.ZipFile(io.BytesIO(body))
        members = [info for info in opened.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        return Issue("TER-FET-022", where, str(fault)[:120])
    if len(members) > limits.max_members:
        return Issue("TER-FET-021", where, f"{len(members)} fichiers, {limits.max_members} au plus")
    total = sum(info.file_size for info in members)
    if total > limits.max_total_bytes:
        return Issue("TER-FET-021", where, f"{total // MEGA} Mo une fois décompressée")
    check = _Check(limits)
    for info in members:
        refusal = check.fault_of(info)
        if refusal:
            return Issue("TER-FET-021", where, refusal)
    return _without_folder(opened, members)


def _without_folder(opened: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Archive:
    """Drop the one folder that surrounds every member, as file managers add it."""
    real = [m for m in members if not m.filename.startswith("__MACOSX/")]
    tops = {PurePosixPath(m.filename).parts[0] for m in real if "/" in m.filename}
    is_wrapped = len(tops) == 1 and all("/" in m.filename for m in real)
    folder = f"{tops.pop()}/" if is_wrapped else ""
    return Archive(opened, {m.filename[len(folder) :]: m for m in real}, folder.rstrip("/"))
