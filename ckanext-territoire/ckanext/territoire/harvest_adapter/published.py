"""What is published and by whom, what looks alike, and who else is known: for the officer's screen.

Likenesses are computed when asked, in a few statements over the whole catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.harvest_adapter.origins import COMPLETENESS
from ckanext.territoire.harvest_adapter.routes import ROUTE, route_of
from harvesters.origin import Nearness, Origin, nearness, owner_form
from harvesters.same import Likeness, Reason, Side

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


def likenesses() -> list[Likeness]:
    """Compare all published harvested datasets with one another."""
    values = {"crowd": CROWD}
    found = []
    for row in model.Session.execute(ALIKE, values).mappings():
        reason = Reason(row["reason"])
        if reason is Reason.CONTENT and not _have_one_owner(row):
            continue
        one, other = Side(row["one"], row["one_source"]), Side(row["other"], row["other_source"])
        found.append(Likeness(one, other, reason, row["shared"], row["out_of"]))
    return found


def _have_one_owner(row: Mapping[str, Any]) -> bool:
    if row["one_owner"] == row["other_owner"]:
        return True
    one, other = owner_form(row["one_publisher"]), owner_form(row["other_publisher"])
    return bool(one) and one == other


ALIKE = text("""
    WITH live AS MATERIALIZED (
        SELECT r.dataset_id, r.source_id, r.upstream_uri, r.fingerprint, p.owner_org,
               coalesce(p.extras->>'publisher_name', '') AS publisher
          FROM territoire_source_record r
          JOIN package p ON p.id = r.dataset_id AND p.state = 'active' AND NOT p.private
         WHERE r.state <> 'retired'
    ), place AS MATERIALIZED (
        SELECT CASE k.kind WHEN 'file' THEN 'files' ELSE 'page' END AS reason,
               k.key::text AS key, l.dataset_id, l.source_id
          FROM territoire_dataset_key k JOIN live l USING (dataset_id)
        UNION ALL SELECT 'claim', upstream_uri, dataset_id, source_id FROM live
                   WHERE upstream_uri <> ''
        UNION ALL SELECT 'content', fingerprint, dataset_id, source_id FROM live
                   WHERE fingerprint <> ''
    ), size AS (
        SELECT dataset_id, count(*) AS files FROM place WHERE reason = 'files' GROUP BY dataset_id
    ), rare AS (
        SELECT reason, key FROM place GROUP BY reason, key HAVING count(*) BETWEEN 2 AND :crowd
    ), pair AS (
        SELECT a.dataset_id AS one, b.dataset_id AS other, reason, count(*) AS shared
          FROM rare JOIN place a USING (reason, key) JOIN place b USING (reason, key)
         WHERE a.dataset_id < b.dataset_id AND a.source_id <> b.source_id
         GROUP BY a.dataset_id, b.dataset_id, reason
    )
    SELECT p.one, p.other, p.reason, p.shared, a.source_id AS one_source,
           b.source_id AS other_source, a.owner_org AS one_owner, b.owner_org AS other_owner,
           a.publisher AS one_publisher, b.publisher AS other_publisher,
           CASE WHEN p.reason = 'files' THEN least(x.files, y.files) ELSE 1 END AS out_of
      FROM pair p JOIN live a ON a.dataset_id = p.one JOIN live b ON b.dataset_id = p.other
      LEFT JOIN size x ON x.dataset_id = p.one LEFT JOIN size y ON y.dataset_id = p.other
""")


def moment(value: datetime | None) -> str:
    """Write a moment of the database, UTC without zone, as ISO 8601."""
    return f"{value.isoformat(timespec='seconds')}+00:00" if value else ""
