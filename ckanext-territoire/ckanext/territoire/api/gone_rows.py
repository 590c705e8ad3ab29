"""When a row left a merged table."""

from __future__ import annotations

from datetime import datetime

from ckanext.territoire.delivery.database import read


def gone_since(slug: str, key: str) -> datetime | None:
    """Answer when the row of a key left; `None` when there never was one."""
    rows = read("SELECT gone_at FROM territoire.gone WHERE slug = %s AND row_key = %s", (slug, key))
    return rows[0]["gone_at"] if rows else None
