"""The archive of a backup: one `.tar.gz`, `manifest.json` first, each other member with its sha256.

Members: `ckan.dump` and `datastore.dump` (pg_dump custom format), `secrets.json`, `files/…`.
The manifest is JSON: `{"format": 1, "made_at": …, "versions": {…}, "members": {name: sha256}}`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from deployment.steps import SetUpError

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20
FAST = 3  # the dumps are compressed already


def sha256_of(stream: BinaryIO | Any) -> str:
    """Reduce a stream to its sha256."""
    body = hashlib.sha256()
    while block := stream.read(BLOCK):
        body.update(block)
    return body.hexdigest()


def write_archive(target: Path, facts: Mapping[str, Any], members: Mapping[str, Path]) -> None:
    """Write an archive in one act: it has its name only when it is whole."""
    sums = {}
    for name, path in members.items():
        with path.open("rb") as stream:
            sums[name] = sha256_of(stream)
    manifest = json.dumps({**facts, "format": FORMAT, "members": sums}, indent=1).encode()
    draft = target.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with gzip.open(draft, "wb", FAST) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(manifest)
        tar.addfile(head, io.BytesIO(manifest))
        for name, path in members.items():
            tar.add(path, name, recursive=False)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.rename(target)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with gzip.open(source) as packed, tarfile.open(fileobj=packed, mode="r:") as tar:
            yield tar
            while packed.read(BLOCK):  # to its end, where gzip keeps its own sum
                pass
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, KeyError) as cause:
        if isinstance(cause, FileNotFoundError):
            raise SetUpError(f"Le fichier {source} n’existe pas.") from cause
        raise SetUpError(
            f"La sauvegarde {source.name} est abîmée ou n’en est pas une ({cause}). "
            "Rien n’a été modifié ; essayez-en une autre."
        ) from cause


def read_archive(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into an empty folder and answer its manifest.

    Every member must be announced, whole and unaltered; else `SetUpError`.
    """
    with _opened(source) as tar:
        head = tar.next()
        if head is None or head.name != MANIFEST:
            raise ValueError("sans manifeste")
        manifest = dict(json.load(tar.extractfile(head)))  # type: ignore[arg-type]
        if manifest.get("format") != FORMAT:
            raise ValueError(f"format {manifest.get('format')} inconnu")
        awaited = dict(manifest["members"])
        while member := tar.next():
            wanted = awaited.pop(member.name, None)
            if wanted is None or not member.isfile():
                raise ValueError(f"« {member.name} » n’est pas annoncé")
            tar.extract(member, folder, filter="data")
            with (folder / member.name).open("rb") as stream:
                if sha256_of(stream) != wanted:
                    raise ValueError(f"« {member.name} » a changé")
        if awaited:
            raise ValueError(f"il manque « {next(iter(awaited))} »")
    return manifest
