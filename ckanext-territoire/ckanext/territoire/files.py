"""Files that we keep, by content: `<storage>/territoire/<aa>/<sha256>`, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from ckan.plugins import toolkit


def folder() -> Path:
    """The root of the kept files."""
    return Path(toolkit.config["ckan.storage_path"]) / "territoire"


def path_of(sha256: str) -> Path:
    """Where a kept file stands; the name must be a hash, so that no path can leave the folder."""
    if len(sha256) != 64 or not all(char in "0123456789abcdef" for char in sha256):
        raise ValueError("not a sha256")
    return folder() / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """Keep a content and answer its sha256; the same content is kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).rename(path)
    return sha256


def keep_file(source: Path, sha256: str) -> Path:
    """Keep a file already brought to disk, by moving it; `sha256` was counted while it came."""
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        source.unlink()
    else:
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(b"")
        os.replace(source, draft) if source.stat().st_dev == path.parent.stat().st_dev else _copy(
            source, draft
        )
        draft.rename(path)
    return path


def _copy(source: Path, target: Path) -> None:
    """Move across disks."""
    import shutil

    shutil.copyfile(source, target)
    source.unlink()
