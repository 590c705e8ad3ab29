"""Corrections that were accepted, kept with their feed: `territoire.correction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckanext.territoire.delivery.database import read
from harvesters.table.corrections import Correction

KEEP = """
    INSERT INTO territoire.correction
           (feed_id, row_mark, field, found, becomes, by_id, delivery_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (feed_id, row_mark, field, found) DO UPDATE
       SET becomes = excluded.becomes, by_id = excluded.by_id, delivery_id = excluded.delivery_id,
           made_at = now()
"""


def load_corrections(feed_id: str, without: str = "") -> tuple[Correction, ...]:
    """Read the corrections of a feed, but those that came with the delivery `without`."""
    rows = read(
        "SELECT row_mark, field, found, becomes FROM territoire.correction "
        "WHERE feed_id::text = %s AND delivery_id::text <> %s ORDER BY made_at",
        (feed_id, without),
    )
    return tuple(Correction(**row) for row in rows)


def keep_corrections(
    cursor: Any, ids: tuple[str, str], corrections: Sequence[Correction], by_id: str
) -> None:
    """Keep corrections; `ids` are those of the feed and of the delivery that brings them."""
    feed_id, delivery_id = ids
    rows = [
        (feed_id, c.row_mark, c.field, c.found, c.becomes, by_id, delivery_id) for c in corrections
    ]
    cursor.executemany(KEEP, rows)


def forget_corrections(cursor: Any, delivery_id: str) -> None:
    """Forget those that came with a delivery that is undone."""
    cursor.execute("DELETE FROM territoire.correction WHERE delivery_id::text = %s", (delivery_id,))
