"""One table that a dataset gives in two formats: is it the same, and which file is read. Pure.

Two files of one dataset are the same table when their formats differ, their headers and their
numbers of rows are equal, and either they hold the same cells once typed, or they have the same
name but for the words of a format (« Arbres (CSV) », « Arbres (XLSX) »). Twelve rows of January
and twelve of February have other cells and other names: both are read. The file with the fewest
remarks is kept; among equals a plain text, which loses no zero and no decimal, before a workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest
from urllib.parse import unquote, urlsplit

from harvesters.table.reading import Table
from schemas.vocabulary import load_vocabulary, plain

ORDER = ("csv", "ods", "xlsx", "xls")
OWN_WORDS = frozenset(
    "fichier format version export tableur excel calc au en de le la du un".split()
)
EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Face:
    """What tells one table from another. `digest` is that of its typed rows, `""` when unknown."""

    resource_id: str
    format: str
    labels: tuple[str, ...]
    row_count: int
    digest: str
    name: str
    remarks: int = 0
    position: int = 0


def digest_of(table: Table) -> str:
    """Reduce the typed rows of a table to a text; the same cells give the same one."""
    with table.rows.open("rb") as rows:
        return file_digest(rows, "sha256").hexdigest()


def name_of(title: str, url: str) -> str:
    """Name a file without what only says its format: by its title, else by its address.

    >>> name_of("Arbres (CSV)", ""), name_of("arbres.xlsx", ""), name_of("", "https://a.fr/arbres.csv")
    ('arbres', 'arbres', 'arbres')
    >>> name_of("Arbres 2023 au format Excel", "")
    'arbres 2023'
    """
    told = title.strip() or unquote(urlsplit(url).path).rstrip("/").rsplit("/", 1)[-1]
    words = plain(EXTENSION.sub("", told)).split()
    return " ".join(word for word in words if word not in _format_words())


@cache
def _format_words() -> frozenset[str]:
    known = load_vocabulary("formats").spellings
    return OWN_WORDS | {word for word in known if " " not in word}


def is_same(one: Face, other: Face) -> bool:
    """Say whether two files of one dataset hold the same table."""
    if one.format == other.format or one.row_count != other.row_count:
        return False
    if [plain(label) for label in one.labels] != [plain(label) for label in other.labels]:
        return False
    return one.name == other.name or (bool(one.digest) and one.digest == other.digest)


def best_of(faces: Iterable[Face]) -> Face:
    """Choose the file that is read among those that hold the same table."""
    return min(faces, key=_rank)


def _rank(face: Face) -> tuple[int, int, int, str]:
    kind = ORDER.index(face.format) if face.format in ORDER else len(ORDER)
    return face.remarks, kind, face.position, face.resource_id
