"""What the deliveries changed in a merged table: whose, how, how many rows; the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.territoire.delivery.database import read

LIMIT = 60
PAST = """
    SELECT d.id::text, d.published_at AS at, f.org_id, d.by_way AS way, d.state, d.number,
           coalesce(d.report -> 'difference', '{}') AS difference,
           coalesce(d.report -> 'columns_changed', '{}') AS columns
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
      JOIN territoire.merged m ON m.slug = f.slug
     WHERE m.dataset_id = %(dataset)s AND d.published_at IS NOT NULL AND f.hidden_at IS NULL
     ORDER BY d.published_at DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """A delivery that was published. `difference`: counts of rows added, changed, removed."""

    id: str
    at: datetime
    org_id: str
    way: str
    state: str
    number: int
    difference: Mapping[str, Any]
    columns: Mapping[str, Any]


def deliveries_to(dataset_id: str) -> list[PastDelivery]:
    """Read the deliveries to the merged table that a dataset shows; none for other datasets."""
    rows = read(PAST, {"dataset": dataset_id, "limit": LIMIT})
    return [PastDelivery(**row) for row in rows]
