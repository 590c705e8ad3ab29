"""What is published and by whom, what looks alike, and who else is known: for the officer's screen.

Likenesses are computed when asked, in a few statements over the whole catalogue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.harvest_adapter.origins import COMPLETENESS
from ckanext.territoire.harvest_adapter.routes import ROUTE, route_of
from harvesters.origin import Nearness, Origin, nearness, owner_form
from harvesters.same import Likeness, Proposal, Reason, Side, proposals_of

CROWD = 10  # a file that more datasets share is a service or a portal, not a likeness

PUBLISHED = text(f"""
    SELECT {ROUTE}, r.dataset_id, r.remote_id, r.upstream_uri AS claim, p.name,
           coalesce(p.title, p.name) AS title, {COMPLETENESS} AS size,
           coalesce(p.extras->>'modified', '') AS modified,
           coalesce(p.extras->>'publisher_name', '') AS publisher,
           coalesce(c.source_id = r.source_id, false) AS is_chosen
      FROM territoire_source_record r
      JOIN package p ON p.id = r.dataset_id AND p.state = 'active'
      JOIN package sp ON sp.id = r.source_id JOIN harvest_source s ON s.id = r.source_id
      LEFT JOIN territoire_origin_choice c ON c.dataset_id = r.dataset_id
     WHERE (p.id = ANY(:ids) OR p.name = ANY(:ids)) AND r.state <> 'retired'
""")


@dataclass(frozen=True, slots=True)
class Published:
    """A published dataset with the record that publishes it."""

    dataset_id: str
    name: str
    title: str
    source_id: str
    source_title: str
    remote_id: str
    origin: Origin


def read(ids: Sequence[str]) -> list[Published]:
    """Read the harvested datasets of these ids or names."""
    found = []
    for row in model.Session.execute(PUBLISHED, {"ids": list(ids)}).mappings():
        route = route_of(row)
        near: Nearness = nearness(route, row["claim"], row["publisher"])
        origin = Origin(route.source_id, row["remote_id"], near, row["size"], row["modified"],
                        row["is_chosen"])  # fmt: skip
        found.append(Published(row["dataset_id"], row["name"], row["title"], route.source_id,
                               route.title, row["remote_id"], origin))  # fmt: skip
    return found


def origin_of(dataset_id: str, source: str, remote_id: str = "") -> tuple[str, str] | None:
    """Find one origin of a dataset by its source (id or name): (source id, remote id)."""
    query = text("""
        SELECT o.source_id, o.remote_id FROM (
            SELECT source_id, remote_id, dataset_id FROM territoire_source_record
            UNION ALL SELECT source_id, remote_id, dataset_id FROM territoire_origin) o
          JOIN package s ON s.id = o.source_id
         WHERE o.dataset_id = :id AND :source IN (s.id, s.name)
           AND (:remote = '' OR o.remote_id = :remote)
         ORDER BY o.remote_id LIMIT 1
    """)
    values = {"id": dataset_id, "source": source, "remote": remote_id}
    row = model.Session.execute(query, values).first()
    return (row.source_id, row.remote_id) if row else None


def is_live(origin: tuple[str, str]) -> bool:
    """Say whether a source still gives this record."""
    query = text("""
        SELECT state FROM territoire_source_record WHERE (source_id, remote_id) = (:source, :remote)
        UNION ALL
        SELECT state FROM territoire_origin WHERE (source_id, remote_id) = (:source, :remote)
    """)
    values = {"source": origin[0], "remote": origin[1]}
    return "live" in model.Session.execute(query, values).scalars().all()


def title_of_source(source: str) -> str:
    """Answer the title of a source by its id or name, `""` when there is none."""
    query = text("SELECT title FROM package WHERE (id = :key OR name = :key) AND type = 'harvest'")
    return str(model.Session.execute(query, {"key": source}).scalar() or "")


ORIGINS = text("""
    SELECT o.*, s.title AS source_title, s.name AS source_name,
           coalesce(c.source_id = o.source_id, false) AS is_chosen,
           CASE WHEN o.state = 'live' THEN coalesce(
                (SELECT max(u.finished_at) FROM territoire_run u WHERE u.source_id = o.source_id
                    AND u.state = 'finished' AND u.report->>'is_complete' = 'true'), o.changed_at)
                ELSE coalesce(o.missing_since, o.changed_at) END AS seen_at
      FROM (SELECT r.source_id, r.remote_id, r.dataset_id, r.state, r.missing_since, r.changed_at,
                   'published' AS stand, coalesce(p.title, '') AS title,
                   coalesce(p.url, '') AS landing_page
              FROM territoire_source_record r JOIN package p ON p.id = r.dataset_id
            UNION ALL
            SELECT source_id, remote_id, dataset_id, state, missing_since, changed_at, stand, title,
                   landing_page FROM territoire_origin) o
      JOIN package s ON s.id = o.source_id
      LEFT JOIN territoire_origin_choice c ON c.dataset_id = o.dataset_id
     WHERE o.dataset_id = ANY(:ids)
     ORDER BY o.dataset_id, o.stand = 'published' DESC, s.title, o.remote_id
""")


def origins_of(dataset_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Read all known origins of datasets, the one that publishes first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in model.Session.execute(ORIGINS, {"ids": list(dataset_ids)}).mappings():
        origin = dict(row)
        found.setdefault(origin["dataset_id"], []).append(origin)
    return found


def merged_ids(limit: int, offset: int) -> tuple[list[str], int]:
    """Read one page of the datasets that have several origins, the last changed first."""
    query = text("""
        SELECT o.dataset_id, count(*) OVER () AS total FROM territoire_origin o
          JOIN package p ON p.id = o.dataset_id AND p.state = 'active'
         GROUP BY o.dataset_id ORDER BY max(o.changed_at) DESC, o.dataset_id
         LIMIT :limit OFFSET :offset
    """)
    rows = model.Session.execute(query, {"limit": limit, "offset": offset}).all()
    return [row.dataset_id for row in rows], int(rows[0].total) if rows else 0


def last_events(dataset_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the last thing that was done to the origins of each dataset."""
    query = text("""
        SELECT DISTINCT ON (dataset_id) dataset_id, act, happened_at, actor, reason
          FROM territoire_same_event WHERE dataset_id = ANY(:ids) ORDER BY dataset_id, id DESC
    """)
    rows = model.Session.execute(query, {"ids": list(dataset_ids)}).mappings()
    return {row["dataset_id"]: dict(row) for row in rows}


def judged() -> dict[tuple[str, str], dict[str, Any]]:
    """Read the pairs that were judged different, the last first."""
    query = text("""
        SELECT d.*, coalesce(p.title, '') AS one_title, coalesce(q.title, '') AS other_title,
               coalesce(p.name, '') AS one_name, coalesce(q.name, '') AS other_name,
               coalesce(p.state = 'active' AND q.state = 'active', false) AS are_published
          FROM territoire_distinct d
          LEFT JOIN package p ON p.id = d.one LEFT JOIN package q ON q.id = d.other
         ORDER BY d.decided_at DESC
    """)
    rows = model.Session.execute(query).mappings()
    return {(row["one"], row["other"]): dict(row) for row in rows}


@dataclass(frozen=True, slots=True)
class _Place:
    """One dataset under one key, with what says whose it is."""

    side: Side
    owner: str
    publisher: str
    files: int


def likenesses() -> list[Likeness]:
    """Compare all published harvested datasets with one another, in one pass over their keys."""
    shared: Counter[tuple[Reason, str, str]] = Counter()
    places: dict[str, _Place] = {}
    for row in model.Session.execute(ALIKE, {"crowd": CROWD}):
        reason = Reason(row.reason)
        group = [
            places.setdefault(dataset, _Place(Side(dataset, source), owner, publisher, files))
            for dataset, source, owner, publisher, files in zip(
                row.datasets, row.sources, row.owners, row.publishers, row.files, strict=True
            )
        ]
        for one, other in combinations(sorted(group, key=lambda p: p.side.dataset_id), 2):
            if _may_be_one(reason, one, other):
                shared[reason, one.side.dataset_id, other.side.dataset_id] += 1
    return [
        _likeness(reason, places[one], places[other], count)
        for (reason, one, other), count in shared.items()
    ]


def proposals() -> list[Proposal]:
    """What may be one dataset and nobody has judged yet, the likeliest first."""
    return proposals_of(likenesses(), {pair: row["likeness"] for pair, row in judged().items()})


def _may_be_one(reason: Reason, one: _Place, other: _Place) -> bool:
    if one.side.source_id == other.side.source_id:
        return False
    if reason is not Reason.CONTENT or one.owner == other.owner:
        return True
    return bool(one.publisher) and owner_form(one.publisher) == owner_form(other.publisher)


def _likeness(reason: Reason, one: _Place, other: _Place, count: int) -> Likeness:
    if reason is not Reason.FILES:
        return Likeness(one.side, other.side, reason)
    return Likeness(one.side, other.side, reason, count, min(one.files, other.files))


ALIKE = text("""
    WITH live AS (
        SELECT r.dataset_id, r.source_id, r.upstream_uri, r.fingerprint,
               coalesce(p.owner_org, '') AS owner,
               coalesce(p.extras->>'publisher_name', '') AS publisher,
               coalesce(f.files, 0) AS files
          FROM territoire_source_record r
          JOIN package p ON p.id = r.dataset_id AND p.state = 'active' AND NOT p.private
          LEFT JOIN (SELECT dataset_id, count(*) AS files FROM territoire_dataset_key
                      WHERE kind = 'file' GROUP BY dataset_id) f ON f.dataset_id = r.dataset_id
         WHERE r.state <> 'retired'
    ), place AS (
        SELECT CASE k.kind WHEN 'file' THEN 'files' ELSE 'page' END AS reason,
               k.key::text AS key, l.*
          FROM territoire_dataset_key k JOIN live l ON l.dataset_id = k.dataset_id
        UNION ALL SELECT 'claim', upstream_uri, live.* FROM live WHERE upstream_uri <> ''
        UNION ALL SELECT 'content', fingerprint, live.* FROM live WHERE fingerprint <> ''
    )
    SELECT reason, array_agg(dataset_id) AS datasets, array_agg(source_id) AS sources,
           array_agg(owner) AS owners, array_agg(publisher) AS publishers,
           array_agg(files) AS files
      FROM place GROUP BY reason, key
    HAVING count(*) BETWEEN 2 AND :crowd AND count(DISTINCT source_id) > 1
""")


def moment(value: datetime | None) -> str:
    """Write a moment of the database, UTC without zone, as ISO 8601."""
    return f"{value.isoformat(timespec='seconds')}+00:00" if value else ""
