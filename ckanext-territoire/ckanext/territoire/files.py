"""Files that we keep, by content: `<storage>/territoire/<aa>/<sha256>`, written once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from ckan.plugins import toolkit

ERASED = "erased"  # beside the files: the contents that were taken away on purpose, one a line
_SHA256 = re.compile(r"[0-9a-f]{64}")


def folder() -> Path:
    """The root of the kept files."""
    return Path(toolkit.config["ckan.storage_path"]) / "territoire"


def draft_folder() -> Path:
    """Where files are brought before they are kept: the same disk, so that moving is atomic."""
    path = folder() / "drafts"
    path.mkdir(parents=True, exist_ok=True)
    return path


def is_hash(text: str) -> bool:
    """Say whether a text is a sha256, as we write them."""
    return bool(_SHA256.fullmatch(text))


def path_of(sha256: str) -> Path:
    """Where a kept file stands; the name must be a hash, so that no path can leave the folder."""
    if not is_hash(sha256):
        raise ValueError("not a sha256")
    return folder() / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """Keep a content and answer its sha256; the same content is kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=draft_folder(), delete=False) as draft:
            draft.write(content)
        _place(Path(draft.name), path)
    os.utime(path)
    return sha256


def keep_file(source: Path, sha256: str = "") -> str:
    """Keep a file already on disk, by moving it; answer its sha256, counted when not given."""
    if not sha256:
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    path = path_of(sha256)
    if path.exists():
        source.unlink()
        os.utime(path)  # it is new again: what is fresh is not erased (`security.old_files`)
    else:
        _place(source, path)
    return sha256


def keep_copy(source: Path) -> str:
    """Keep a copy of a file that belongs to somebody else, such as CKAN's uploads."""
    with (
        tempfile.NamedTemporaryFile(dir=draft_folder(), delete=False) as draft,
        source.open("rb") as file,
    ):
        shutil.copyfileobj(file, draft)
    return keep_file(Path(draft.name))


def remember_erased(sha256: str) -> None:
    """Write down that a content was taken away on purpose: a backup does not bring it back."""
    with (folder() / ERASED).open("a", encoding="ascii") as listed:
        listed.write(f"{sha256}\n")


def _place(draft: Path, path: Path) -> None:
    """Give a whole file its name, in one step that a crash cannot cut in two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.chmod(0o640)
    if draft.stat().st_dev != path.parent.stat().st_dev:
        near = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(draft, near)
        draft.unlink()
        draft = near
    draft.rename(path)
