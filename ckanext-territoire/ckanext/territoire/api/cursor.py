"""Where a reader stands in the pages: opaque to him, the values of the sort of the last row to us.

A cursor is base64url of a JSON list: a mark of the table and of the sort, then each value as text
or `null`. It names no page: rows that come or go elsewhere move nothing. What comes back is
hostile: each value is read again by the type of its column.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from ckanext.territoire.api.asked import Near, Place, Sort
from ckanext.territoire.api.columns import DISTANCE
from ckanext.territoire.api.values import read_value

MAX_LENGTH = 12_000


def mark_of(slug: str, sorts: Sequence[Sort], near: Near | None) -> str:
    """Reduce a table and a sort to a short text; a sort by distance has its point."""
    told = [slug, *(f"{'-' * each.is_descending}{each.column.name}" for each in sorts)]
    if near and any(each.column == DISTANCE for each in sorts):
        told.append(f"{near.longitude!r},{near.latitude!r}")
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:8]


def write_cursor(mark: str, place: Place) -> str:
    """Write a cursor.

    >>> write_cursor("m", ("b", None))
    'WyJtIiwiYiIsbnVsbF0'
    """
    told = json.dumps([mark, *place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_cursor(text: str, mark: str, sorts: Sequence[Sort]) -> Place | None:
    """Read a cursor; `None` when it is none of ours, or of another table or sort."""
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        told = json.loads(body)
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(told, list) or len(told) != len(sorts) + 1 or told[0] != mark:
        return None
    place = tuple(
        read_value(sort.column, value) if isinstance(value, str) else None
        for sort, value in zip(sorts, told[1:], strict=True)
    )
    # what is not a text that we read was null, or this is no cursor
    is_ours = all(v is None or p is not None for v, p in zip(told[1:], place, strict=True))
    return place if is_ours else None
