"""« Relu d’abord » : what nobody has read yet is written where the public does not see it.

A new dataset is private until an officer publishes it. An update of a published one is not written:
its rows wait, and the record is frozen at that content, so that the next run does not do it again.
What an officer made private stays private whatever the source says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from ckan import model

from ckanext.territoire.catalogue import tables
from ckanext.territoire.catalogue.changes import Change
from ckanext.territoire.catalogue.content import Former, pack
from ckanext.territoire.catalogue.records import freeze, record_of

if TYPE_CHECKING:
    from ckanext.territoire.catalogue.write import RunContext, Written


def set_aside(
    written: Sequence[Written], existing: Mapping[str, tables.Existing], run: RunContext
) -> list[Written]:
    """Say for each who may see it, and answer the updates that wait for a reader."""
    waiting = []
    for item in written:
        before = existing.get(item.package["id"])
        if before is None or before.package["state"] != "active":
            item.package["private"] = run.is_reviewed_first
            continue
        item.package["private"] = before.package["private"]
        if run.is_reviewed_first and not before.package["private"]:
            waiting.append(item)
    return waiting


def write_reviews(
    written: Sequence[Written], waiting: Sequence[Written], changes: Mapping[str, Change],
    run: RunContext,
) -> None:  # fmt: skip
    """Put into the queue what waits, and take out the updates that were overtaken."""
    ids = [item.package["id"] for item in written]
    if run.is_reviewed_first:
        new = [item for item in written if item.is_new and item.package["private"]]
        _queue([(item, "new") for item in new] + [(item, "update") for item in waiting],
               changes, run)  # fmt: skip
        freeze(run.source_id, {
            item.write.known.remote_id: item.write.draft.content_hash
            for item in waiting if item.write.known and item.write.draft
        })  # fmt: skip
    if any(not item.is_new for item in written):
        forget(ids, kind="update")


def _queue(
    items: Sequence[tuple[Written, str]], changes: Mapping[str, Change], run: RunContext
) -> None:
    if not items:
        return
    query = sa.text("""
        INSERT INTO territoire_review (source_id, dataset_id, remote_id, title, kind, details,
                                       content)
        SELECT :source, d.*
          FROM unnest(cast(:ids AS text[]), cast(:remote AS text[]), cast(:titles AS text[]),
                      cast(:kinds AS text[]), cast(:details AS jsonb[]),
                      cast(:contents AS bytea[])) AS d
        ON CONFLICT (dataset_id) DO UPDATE
           SET title = excluded.title, kind = excluded.kind, details = excluded.details,
               content = excluded.content, remote_id = excluded.remote_id
    """)
    values = {
        "source": run.source_id,
        "ids": [item.package["id"] for item, _ in items],
        "remote": [item.write.remote_id for item, _ in items],
        "titles": [item.package["title"][:500] for item, _ in items],
        "kinds": [kind for _, kind in items],
        "details": [
            orjson.dumps(changes[item.package["id"]].details if kind == "update" else ()).decode()
            for item, kind in items
        ],
        "contents": [_content(item) if kind == "update" else None for item, kind in items],
    }
    model.Session.execute(query, values)


def _content(item: Written) -> bytes:
    assert item.write.draft
    return pack(Former(item.package, item.resources, item.tags, record_of(item.write.draft)))


def forget(dataset_ids: Sequence[str], kind: str = "") -> None:
    """Take datasets out of the queue."""
    if dataset_ids:
        query = sa.text("""DELETE FROM territoire_review
                            WHERE dataset_id = ANY(:ids) AND (:kind = '' OR kind = :kind)""")
        model.Session.execute(query, {"ids": list(dataset_ids), "kind": kind})
