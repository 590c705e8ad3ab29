"""« Publié aussitôt » or « relu d’abord »: the rule of a source, and the queue of what waits.

The rule of the source comes first, then that of its organisation; without any, what is harvested is
published at once. A new dataset waits as a private one; an update of a published dataset waits as
rows. Retirements do not wait: they have their grace period, and the brake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import config, index_outbox
from ckanext.territoire.catalogue import records, restore, reviews, tables
from ckanext.territoire.catalogue.content import unpack
from ckanext.territoire.harvest_adapter import decisions
from ckanext.territoire.table.queue import queue_with
from harvesters.border import Border, reach

Row = dict[str, Any]
AT_ONCE, FIRST = "at_once", "first"
REVIEWS = ("", AT_ONCE, FIRST)
NEARNESSES = ("", "producer", "region", "nation")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """How a source, or the sources of an organisation, are harvested; `""`, `None`: not said.

    `nearness` says what portal a source is (`harvesters.origin`).
    """

    review: str = ""
    grace_days: float | None = None
    nearness: str = ""


def load_rule(owner_id: str) -> Rule:
    """Read the rule of a source or of an organisation."""
    query = text("""SELECT review, grace_days, nearness FROM territoire_harvest_rule
                     WHERE owner_id = :id""")
    row = model.Session.execute(query, {"id": owner_id}).first()
    return Rule(row.review, row.grace_days, row.nearness) if row else Rule()


def organization_rules() -> dict[str, str]:
    """Read the rules of organisations by their ids."""
    query = text("""SELECT r.owner_id, r.review FROM territoire_harvest_rule r
                      JOIN "group" g ON g.id = r.owner_id WHERE r.review <> ''""")
    return {row.owner_id: row.review for row in model.Session.execute(query)}


def save_rule(owner_id: str, rule: Rule) -> None:
    """Store the rule of a source or of an organisation. Does not commit."""
    query = text("""
        INSERT INTO territoire_harvest_rule (owner_id, review, grace_days, nearness)
        VALUES (:id, :review, :days, :near)
        ON CONFLICT (owner_id) DO UPDATE
           SET review = excluded.review, grace_days = excluded.grace_days,
               nearness = excluded.nearness
    """)
    values = {"id": owner_id, "review": rule.review, "days": rule.grace_days,
              "near": rule.nearness}  # fmt: skip
    model.Session.execute(query, values)


def is_reviewed_first(source_id: str, organization_id: str) -> bool:
    """Say whether what this source gives is read before it is published."""
    told = load_rule(source_id).review or load_rule(organization_id).review
    return told == FIRST


def grace_days(source_id: str) -> float:
    """Answer how many days a vanished dataset of this source stays published."""
    told = load_rule(source_id).grace_days
    return config.grace_days() if told is None else told


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the queue: words of the title, a page."""

    q: str = ""
    limit: int = 50
    offset: int = 0


def list_waiting(source_ids: Sequence[str], asked: Asked) -> tuple[list[Row], int]:
    """Read what waits of these sources, the oldest first, and how much there is."""
    query = text("""
        SELECT v.dataset_id, v.source_id, v.remote_id, v.title, v.kind, v.details, v.since,
               p.name, coalesce(p.notes, '') AS notes, s.title AS source_title,
               s.name AS source_name, coalesce(g.title, '') AS organization_title,
               (SELECT count(*) FROM resource f
                 WHERE f.package_id = p.id AND f.state = 'active') AS files,
               count(*) OVER () AS total
          FROM territoire_review v JOIN package p ON p.id = v.dataset_id
          JOIN package s ON s.id = v.source_id LEFT JOIN "group" g ON g.id = p.owner_org
         WHERE v.source_id = ANY(:sources) AND (:q = '' OR v.title ILIKE :like)
         ORDER BY v.since, v.title, v.dataset_id LIMIT :limit OFFSET :offset
    """)
    values = {"sources": list(source_ids), "q": asked.q, "like": f"%{asked.q}%",
              "limit": asked.limit, "offset": asked.offset}  # fmt: skip
    rows = [dict(row) for row in model.Session.execute(query, values).mappings()]
    total = int(rows[0]["total"]) if rows else 0
    return [{k: v for k, v in row.items() if k != "total"} for row in rows], total


def count_waiting(source_id: str) -> int:
    """Count what waits of a source."""
    query = text("SELECT count(*) FROM territoire_review WHERE source_id = :id")
    return int(model.Session.execute(query, {"id": source_id}).scalar_one())


def publish(source_id: str, dataset_ids: Sequence[str] | None, user: str) -> int:
    """Publish what waits of a source, all of it or these datasets; answer how many. Commits."""
    done = 0
    for batch in _batches(source_id, dataset_ids):
        now, person = restore.moment(), restore.actor(user)
        new = [row["dataset_id"] for row in batch if row["kind"] == "new"]
        updates = {row["dataset_id"]: row for row in batch if row["kind"] == "update"}
        restore.set_private(new, False, person)
        formers = {i: unpack(bytes(row["content"])) for i, row in updates.items()}
        restore.write_back(formers, person, now)
        records.put_back({i: f.record for i, f in formers.items()}, source_id, {}, now)
        queue_with([row["dataset_id"] for row in batch])
        _settle(batch, source_id, "publish", user)
        done += len(batch)
    return done


def refuse(source_id: str, dataset_ids: Sequence[str], user: str) -> int:
    """Refuse what waits: a new dataset leaves, an update is dropped; neither is proposed again
    until the source changes it. Answers how many. Commits."""
    done = 0
    for batch in _batches(source_id, dataset_ids):
        now, person = restore.moment(), restore.actor(user)
        new = [row["dataset_id"] for row in batch if row["kind"] == "new"]
        said = records.said_now(new)
        tables.retire(new, "", source_id, person, now)
        records.freeze_datasets(source_id, said, "retired", now)
        index_outbox.queue(new)
        _settle(batch, source_id, "reject", user)
        done += len(batch)
    return done


def _batches(source_id: str, dataset_ids: Sequence[str] | None) -> list[list[Row]]:
    query = text("""SELECT dataset_id, title, kind, content FROM territoire_review
                     WHERE source_id = :source
                       AND (cast(:ids AS text[]) IS NULL OR dataset_id = ANY(:ids))
                     ORDER BY dataset_id""")
    ids = None if dataset_ids is None else list(dataset_ids)
    rows = model.Session.execute(query, {"source": source_id, "ids": ids}).mappings()
    found = [dict(row) for row in rows]
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def _settle(batch: Sequence[Row], source_id: str, kind: str, user: str) -> None:
    reviews.forget([row["dataset_id"] for row in batch])
    titles = [row["title"] for row in batch]
    decisions.remember(source_id, kind, user, count=len(titles), titles=titles[:3])
    reach(Border.REVIEW_WRITTEN)
    model.Session.commit()
    reach(Border.REVIEW_KEPT)
