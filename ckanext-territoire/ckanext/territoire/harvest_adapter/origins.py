"""The known origins of datasets in PostgreSQL: who is known beside, who takes a place.

Everything is in bulk: a statement serves a batch, whatever its size. Nothing commits here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from harvesters.identity import RecordState, Stand
from harvesters.origin import completeness
from harvesters.ports import Write

RecordKey = tuple[str, str]  # (source id, remote id)

COMPLETENESS = """
    (CASE WHEN coalesce(p.notes, '') <> '' THEN 1 ELSE 0 END
     + CASE WHEN coalesce(p.url, '') <> '' THEN 1 ELSE 0 END
     + CASE WHEN coalesce(p.license_id, 'notspecified') <> 'notspecified' THEN 1 ELSE 0 END
     + (SELECT count(*) FROM jsonb_each_text(p.extras) e
         WHERE e.value NOT IN ('', '[]') AND e.key <> 'licence_label')
     + (SELECT count(*) FROM resource f WHERE f.package_id = p.id AND f.state = 'active'))
"""
WANTED = """unnest(cast(:datasets AS text[]), cast(:sources AS text[]), cast(:remotes AS text[]))
    AS w (dataset_id, source_id, remote_id)"""
COLUMNS = "source_id, remote_id, dataset_id, content_hash, first_url, fingerprint, upstream_uri"


def keep_origins(joined: Sequence[tuple[Write, str]], source_id: str) -> None:
    """Keep the records of one source that join these datasets, replacing what was known of them."""
    forget_origins([(source_id, w.known.remote_id) for w, _ in joined
                    if w.known and w.known.remote_id != w.remote_id])  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in (
        "remotes", "datasets", "hashes", "urls", "prints", "claims", "stands", "titles", "pages",
        "dates", "sizes",
    )}  # fmt: skip
    for write, dataset_id in joined:
        draft, dataset = write.draft, write.dataset
        assert draft
        assert dataset
        is_merged = write.known is not None and write.known.stand is Stand.MERGED
        values = (
            write.remote_id, dataset_id, draft.content_hash + draft.seen_hash, draft.first_url,
            draft.fingerprint, draft.claim, (Stand.MERGED if is_merged else Stand.JOINED).value,
            draft.title, dataset.landing_page, dataset.modified, completeness(dataset),
        )  # fmt: skip
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    query = text(f"""
        INSERT INTO territoire_origin ({COLUMNS}, stand, title, landing_page, modified,
                                       completeness)
        SELECT :source, d.* FROM unnest(
               cast(:remotes AS text[]), cast(:datasets AS text[]), cast(:hashes AS bytea[]),
               cast(:urls AS text[]), cast(:prints AS text[]), cast(:claims AS text[]),
               cast(:stands AS text[]), cast(:titles AS text[]), cast(:pages AS text[]),
               cast(:dates AS text[]), cast(:sizes AS int[])) AS d
        ON CONFLICT (source_id, remote_id) DO UPDATE
           SET dataset_id = excluded.dataset_id, content_hash = excluded.content_hash,
               first_url = excluded.first_url, fingerprint = excluded.fingerprint,
               upstream_uri = excluded.upstream_uri, stand = excluded.stand,
               title = excluded.title, landing_page = excluded.landing_page,
               modified = excluded.modified, completeness = excluded.completeness,
               state = 'live', missing_since = NULL, changed_at = now() AT TIME ZONE 'utc'""")
    model.Session.execute(query, columns | {"source": source_id})


def forget_origins(keys: Iterable[RecordKey]) -> None:
    """Forget records that were known beside; what they were merged from stays known."""
    found = list(keys)
    if found:
        query = f"""DELETE FROM territoire_origin o USING {WANTED}
                     WHERE (o.source_id, o.remote_id) = (w.source_id, w.remote_id)"""
        model.Session.execute(text(query), _wanted([("", *key) for key in found]))


def forget_records(dataset_ids: Sequence[str]) -> None:
    """Forget the records that published these datasets, when they are kept as origins."""
    if dataset_ids:
        query = "DELETE FROM territoire_source_record WHERE dataset_id = ANY(:ids)"
        model.Session.execute(text(query), {"ids": list(dataset_ids)})


def set_missing(source_id: str, remote_ids: Sequence[str], since: datetime | None) -> None:
    """Mark known origins missing since a moment, or live again (`None`)."""
    query = """UPDATE territoire_origin SET state = :state, missing_since = :since
                WHERE source_id = :id AND remote_id = ANY(:remotes)"""
    state = (RecordState.MISSING if since else RecordState.LIVE).value
    values = {"id": source_id, "remotes": list(remote_ids), "state": state, "since": since}
    model.Session.execute(text(query), values)


def set_retired(source_id: str, remote_ids: Sequence[str]) -> None:
    """Remember that a source does not give these records any more."""
    query = """UPDATE territoire_origin SET state = 'retired', changed_at = now() AT TIME ZONE 'utc'
                WHERE source_id = :id AND remote_id = ANY(:remotes)"""
    model.Session.execute(text(query), {"id": source_id, "remotes": list(remote_ids)})


def _wanted(rows: Sequence[tuple[str, str, str]]) -> dict[str, list[str]]:
    return {
        "datasets": [dataset for dataset, _, _ in rows],
        "sources": [source for _, source, _ in rows],
        "remotes": [remote for _, _, remote in rows],
    }


def swap(rows: Sequence[tuple[str, str, str]], left_as: RecordState | None = None) -> None:
    """Let other origins publish: (dataset, source, remote id) of each origin that takes over.

    The one that published becomes a known origin, in the state it had or `left_as`. The content
    hash of the new one is emptied, so that its next run writes the dataset.
    """
    if not rows:
        return
    stands = _stands(rows)
    demote([(dataset, dataset, stands.get(dataset, "joined")) for dataset, *_ in rows], left_as)
    query = f"""
        INSERT INTO territoire_source_record ({COLUMNS})
        SELECT o.source_id, o.remote_id, w.dataset_id, '', o.first_url, o.fingerprint,
               o.upstream_uri
          FROM territoire_origin o JOIN {WANTED}
            ON (o.source_id, o.remote_id) = (w.source_id, w.remote_id)
        ON CONFLICT (source_id, remote_id) DO UPDATE
           SET dataset_id = excluded.dataset_id, content_hash = '', state = 'live',
               missing_since = NULL"""
    model.Session.execute(text(query), _wanted(rows))
    forget_origins([(source, remote) for _, source, remote in rows])


def _stands(rows: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """Read how the origins that take over stand: the ones they replace will stand so."""
    query = f"""SELECT w.dataset_id, o.stand FROM territoire_origin o JOIN {WANTED}
                    ON (o.source_id, o.remote_id) = (w.source_id, w.remote_id)"""
    return {r.dataset_id: r.stand for r in model.Session.execute(text(query), _wanted(rows))}


def demote(rows: Sequence[tuple[str, str, str]], left_as: RecordState | None = None) -> None:
    """Turn the records that publish into known origins: (dataset, dataset it joins, stand)."""
    insert = f"""
        INSERT INTO territoire_origin ({COLUMNS}, state, missing_since, stand, title, landing_page,
                                       modified, completeness)
        SELECT r.source_id, r.remote_id, w.into_id, r.content_hash, r.first_url, r.fingerprint,
               r.upstream_uri, coalesce(cast(:state AS text), r.state), r.missing_since, w.stand,
               coalesce(p.title, ''), coalesce(p.url, ''), coalesce(p.extras->>'modified', ''),
               {COMPLETENESS}
          FROM unnest(cast(:datasets AS text[]), cast(:intos AS text[]), cast(:stands AS text[]))
            AS w (dataset_id, into_id, stand)
          JOIN territoire_source_record r ON r.dataset_id = w.dataset_id
          JOIN package p ON p.id = r.dataset_id
        ON CONFLICT (source_id, remote_id) DO UPDATE
           SET dataset_id = excluded.dataset_id, stand = excluded.stand, state = excluded.state"""
    values = {
        "datasets": [dataset for dataset, _, _ in rows],
        "intos": [into for _, into, _ in rows],
        "stands": [stand for _, _, stand in rows],
        "state": left_as.value if left_as else None,
    }
    model.Session.execute(text(insert), values)
    forget_records(values["datasets"])


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to the origins of a dataset; an empty `actor` is a harvest."""

    act: str
    dataset_id: str
    source_id: str = ""
    remote_id: str = ""
    actor: str = ""
    reason: str = ""
    details: Mapping[str, Any] | None = None


def record(events: Sequence[Event]) -> None:
    """Remember who did what, and why."""
    if not events:
        return
    query = text("""
        INSERT INTO territoire_same_event (act, dataset_id, source_id, remote_id, actor, reason,
                                           details)
        SELECT d.act, d.dataset, d.source, d.remote, d.actor, d.reason, cast(d.details AS jsonb)
          FROM unnest(cast(:acts AS text[]), cast(:datasets AS text[]), cast(:sources AS text[]),
                      cast(:remotes AS text[]), cast(:actors AS text[]), cast(:reasons AS text[]),
                      cast(:details AS text[]))
            AS d (act, dataset, source, remote, actor, reason, details)
    """)
    model.Session.execute(query, {
        "acts": [e.act for e in events], "datasets": [e.dataset_id for e in events],
        "sources": [e.source_id for e in events], "remotes": [e.remote_id for e in events],
        "actors": [e.actor for e in events], "reasons": [e.reason for e in events],
        "details": [json.dumps(dict(e.details or {})) for e in events],
    })  # fmt: skip
