"""The memory of the pages of one source, in PostgreSQL: the real `PageMemory` port."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from ckan import model
from sqlalchemy import text

from ckanext.territoire.harvest_adapter.jobs import naive
from harvesters.border import Border, reach
from harvesters.pages import KeptPage

LOAD = text("""
    SELECT url, asked, answered, last_url, etag, last_modified, read_at, held
      FROM territoire_source_page WHERE source_id = :id
""")
SAVE = text("""
    INSERT INTO territoire_source_page
           (source_id, url_hash, url, asked, answered, last_url, etag, last_modified, read_at, held)
    SELECT :id, * FROM unnest(
           cast(:hashes AS bytea[]), cast(:urls AS text[]), cast(:asked AS bytea[]),
           cast(:answered AS bytea[]), cast(:last_urls AS text[]), cast(:etags AS text[]),
           cast(:modified AS text[]), cast(:read_at AS timestamp[]), cast(:held AS bytea[]))
    ON CONFLICT (source_id, url_hash) DO UPDATE
       SET asked = excluded.asked, answered = excluded.answered, last_url = excluded.last_url,
           etag = excluded.etag, last_modified = excluded.last_modified,
           read_at = excluded.read_at, held = excluded.held
""")
FORGET = text("DELETE FROM territoire_source_page WHERE source_id = :id AND url_hash = ANY(:gone)")
BATCH = 200


def _hash(url: str) -> bytes:
    return hashlib.sha256(url.encode()).digest()


@dataclass(frozen=True, slots=True)
class StoredPages:
    """What is remembered of the pages of one source."""

    source_id: str

    def load_pages(self) -> Iterable[KeptPage]:
        """Read every kept page, in one statement."""
        pages = [
            KeptPage(
                row.url, bytes(row.asked), bytes(row.answered), row.last_url, row.etag,
                row.last_modified, row.read_at.replace(tzinfo=UTC), bytes(row.held),
            )
            for row in model.Session.execute(LOAD, {"id": self.source_id})
        ]  # fmt: skip
        model.Session.rollback()
        return pages

    def save_pages(self, pages: Sequence[KeptPage], gone: Sequence[str]) -> None:
        """Keep pages and forget others, in one transaction."""
        for start in range(0, len(pages), BATCH):
            self._save(pages[start : start + BATCH])
        if gone:
            values = {"id": self.source_id, "gone": [_hash(url) for url in gone]}
            model.Session.execute(FORGET, values)
        reach(Border.PAGES_WRITTEN)
        model.Session.commit()
        reach(Border.PAGES_KEPT)

    def _save(self, pages: Sequence[KeptPage]) -> None:
        columns = {
            "id": self.source_id,
            "hashes": [_hash(page.url) for page in pages],
            "urls": [page.url for page in pages],
            "asked": [page.asked for page in pages],
            "answered": [page.answered for page in pages],
            "last_urls": [page.last_url for page in pages],
            "etags": [page.etag for page in pages],
            "modified": [page.last_modified for page in pages],
            "read_at": [naive(page.read_at) for page in pages],
            "held": [page.held for page in pages],
        }
        model.Session.execute(SAVE, columns)
