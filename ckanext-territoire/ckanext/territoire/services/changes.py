"""What moved lately in the merged tables: the deliveries that changed rows, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ckanext.territoire.delivery.database import read

RECENT = """
    SELECT f.slug, f.org_id, d.published_at, coalesce((d.report->'difference'->>'added')::int, 0)
           AS added, coalesce((d.report->'difference'->>'changed')::int, 0) AS changed,
           coalesce((d.report->'difference'->>'removed')::int, 0) AS removed
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state IN ('live', 'replaced') AND d.published_at IS NOT NULL
       AND f.slug = ANY(%(slugs)s) AND %(insee)s IN ('', f.insee)
     ORDER BY d.published_at DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A publication: whose, of which table, what it changed."""

    slug: str
    org_id: str
    published_at: datetime
    added: int
    changed: int
    removed: int

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def read_moved(slugs: Collection[str], insee: str = "", limit: int = 6) -> list[Moved]:
    """Read the last publications of these tables, of one commune when it is given."""
    asked = {"slugs": list(slugs), "insee": insee, "limit": limit * 2}
    found = (Moved(**row) for row in read(RECENT, asked))
    return [each for each in found if not each.is_empty][:limit]
