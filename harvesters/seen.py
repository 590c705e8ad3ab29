"""Recognise a record that comes back just as it was, without mapping it again.

Mapping costs ten times more than hashing. The hash covers the record as received, the settings of
the source, and the code and vocabularies that map it: after an upgrade everything is mapped anew.
Pure, but for reading our own files once a process.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from harvesters.model import Config, Record

HASH_BYTES = 16
ROOT = Path(__file__).resolve().parent.parent


@cache
def mapping_digest() -> bytes:
    """Identify the code and the vocabularies that turn a record into a dataset."""
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    for folder in ("harvesters", "schemas"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.read_bytes())
    return digest.digest()


def salt_of(config: Config) -> bytes:
    """Identify all that a mapping depends on beside the record."""
    settings = orjson.dumps([config.url, dict(config.settings)], option=orjson.OPT_SORT_KEYS)
    return mapping_digest() + settings


def seen_hash_of(record: Record, salt: bytes) -> bytes:
    """Hash a record as received; `b""` when it holds something that has no stable form.

    >>> one, other = Record("a", {"x": 1, "y": [2]}), Record("a", {"y": [2], "x": 1}, "fiche 2")
    >>> seen_hash_of(one, b"") == seen_hash_of(other, b"") != seen_hash_of(one, b"salt")
    True
    """
    try:
        body = orjson.dumps(record.payload, default=_stable, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return b""
    return hashlib.blake2b(salt + body, digest_size=HASH_BYTES).digest()


def _stable(value: Any) -> str:
    if isinstance(value, bytes):
        return hashlib.blake2b(value).hexdigest()
    raise TypeError(f"no stable form for {type(value).__name__}")
