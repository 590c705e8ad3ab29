"""What is remembered of the records of a source, when an officer decides of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from harvesters.identity import Draft, Known, RecordState
from harvesters.seen import HASH_BYTES

Row = dict[str, Any]


def record_of(record: Draft | Known) -> Row:
    """What is to be remembered of a record once it is published, or was until now, as JSON."""
    state = record.state if isinstance(record, Known) else RecordState.LIVE
    return {
        "remote_id": record.remote_id,
        "hash": (record.content_hash + record.seen_hash).hex(),
        "first_url": record.first_url,
        "fingerprint": record.fingerprint,
        "claim": record.claim,
        "state": state.value,
    }


def said_now(dataset_ids: Sequence[str]) -> dict[str, bytes]:
    """Read the hash of what the source says now of each dataset, taken here or refused."""
    query = sa.text("""
        SELECT dataset_id, coalesce(nullif(frozen_hash, ''), substring(content_hash for :size)) AS h
          FROM territoire_source_record WHERE dataset_id = ANY(:ids)
    """)
    values = {"ids": list(dataset_ids), "size": HASH_BYTES}
    return {row.dataset_id: bytes(row.h) for row in model.Session.execute(query, values)}


def put_back(
    records: Mapping[str, Row], source_id: str, frozen: Mapping[str, bytes], now: datetime
) -> None:
    """Remember these records of datasets, each with the content that is refused of it, if any.

    A dataset that another source publishes by now is left to it.
    """
    ids = list(records)
    model.Session.execute(
        sa.text("""DELETE FROM territoire_source_record
                    WHERE source_id = :source AND dataset_id = ANY(:ids)"""),
        {"source": source_id, "ids": ids},
    )
    rows = list(records.values())
    model.Session.execute(
        sa.text("""
            INSERT INTO territoire_source_record (source_id, remote_id, dataset_id, content_hash,
                   first_url, fingerprint, upstream_uri, state, frozen_hash, changed_at)
            SELECT :source, d.*, :now
              FROM unnest(cast(:remote AS text[]), cast(:ids AS text[]), cast(:hashes AS bytea[]),
                          cast(:urls AS text[]), cast(:prints AS text[]), cast(:claims AS text[]),
                          cast(:states AS text[]), cast(:frozen AS bytea[]))
                AS d (remote_id, dataset_id, hash, url, print, claim, state, frozen)
             WHERE NOT EXISTS (SELECT 1 FROM territoire_source_record r
                                WHERE r.dataset_id = d.dataset_id)
            ON CONFLICT (source_id, remote_id) DO NOTHING"""),
        {
            "source": source_id,
            "now": now,
            "ids": ids,
            "remote": [row["remote_id"] for row in rows],
            "hashes": [bytes.fromhex(row["hash"]) for row in rows],
            "urls": [row["first_url"] for row in rows],
            "prints": [row["fingerprint"] for row in rows],
            "claims": [row["claim"] for row in rows],
            "states": ["live" if row["state"] == "missing" else row["state"] for row in rows],
            "frozen": [frozen.get(dataset_id) for dataset_id in ids],
        },
    )


def freeze(source_id: str, refused: Mapping[str, bytes]) -> None:
    """Refuse a content (or the absence, empty) of these records, by remote id."""
    if not refused:
        return
    query = sa.text("""
        UPDATE territoire_source_record r SET frozen_hash = w.hash
          FROM unnest(cast(:ids AS text[]), cast(:hashes AS bytea[])) AS w (remote_id, hash)
         WHERE r.source_id = :source AND r.remote_id = w.remote_id
    """)
    values = {"source": source_id, "ids": list(refused), "hashes": list(refused.values())}
    model.Session.execute(query, values)


def freeze_datasets(source_id: str, frozen: Mapping[str, bytes], state: str, now: datetime) -> None:
    """Refuse a content (or the absence) of these datasets, and say what they are here; those that
    another source publishes by now are left to it."""
    if not frozen:
        return
    query = sa.text("""
        UPDATE territoire_source_record r
           SET frozen_hash = w.hash, state = :state, missing_since = NULL, changed_at = :now
          FROM unnest(cast(:ids AS text[]), cast(:hashes AS bytea[])) AS w (dataset_id, hash)
         WHERE r.source_id = :source AND r.dataset_id = w.dataset_id
    """)
    values = {"source": source_id, "ids": list(frozen), "hashes": list(frozen.values()),
              "state": state, "now": now}  # fmt: skip
    model.Session.execute(query, values)


def refuse_new(source_id: str, refused: Mapping[str, tuple[str, bytes]]) -> None:
    """Remember records that an officer does not want at all: (dataset id, content) by remote id."""
    if not refused:
        return
    query = sa.text("""
        INSERT INTO territoire_source_record
               (source_id, remote_id, dataset_id, content_hash, state, frozen_hash)
        SELECT :source, w.remote_id, w.dataset_id, w.hash, 'retired', w.hash
          FROM unnest(cast(:ids AS text[]), cast(:datasets AS text[]), cast(:hashes AS bytea[]))
            AS w (remote_id, dataset_id, hash)
        ON CONFLICT (source_id, remote_id) DO UPDATE SET frozen_hash = excluded.frozen_hash
    """)
    values = {
        "source": source_id,
        "ids": list(refused),
        "datasets": [dataset_id for dataset_id, _ in refused.values()],
        "hashes": [content for _, content in refused.values()],
    }
    model.Session.execute(query, values)


def release(source_id: str, dataset_ids: Sequence[str] | None = None) -> int:
    """Take again what the source says of these datasets, or of all; answer how many."""
    query = sa.text("""
        UPDATE territoire_source_record r SET frozen_hash = NULL
         WHERE source_id = :source AND frozen_hash IS NOT NULL
           AND (cast(:ids AS text[]) IS NULL OR dataset_id = ANY(:ids))
           AND NOT EXISTS (SELECT 1 FROM territoire_review v WHERE v.dataset_id = r.dataset_id)
    """)
    ids = None if dataset_ids is None else list(dataset_ids)
    done: Any = model.Session.execute(query, {"source": source_id, "ids": ids})
    return int(done.rowcount)
