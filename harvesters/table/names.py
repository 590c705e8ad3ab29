"""Make column names that PostgreSQL and CKAN's DataStore accept, as near the headers as can be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_BYTES = 63
# what the DataStore refuses, or what its SQL would take for a parameter
_FORBIDDEN = re.compile(r'[":%\\\x00-\x1f\x7f]+')
_SYSTEM = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid", "rank"}


def to_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Give each header a name: unique whatever the case, at most 63 bytes.

    >>> to_names(["Code postal", "", "id", "ID"])
    ('Code postal', 'colonne_2', 'id', 'ID_2')
    """
    taken: set[str] = set()
    names = []
    for number, header in enumerate(headers, start=1):
        wished = _clean(header) or f"colonne_{number}"
        name, copy = wished, 1
        while name.lower() in taken or name.lower() in _SYSTEM:
            copy += 1
            name = _cut(wished, MAX_BYTES - len(f"_{copy}")) + f"_{copy}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def _clean(header: str) -> str:
    text = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", header))
    return _cut(" ".join(text.split()).lstrip("_ "), MAX_BYTES)


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").strip()
