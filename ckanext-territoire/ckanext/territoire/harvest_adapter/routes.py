"""Who publishes what a batch brings, and who could follow: read in bulk from PostgreSQL.

What is known of a source is what an officer registered: its address, its kind, its organisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import publishers
from harvesters.origin import (
    Holder,
    Nearness,
    Origin,
    Route,
    host_of,
    is_national,
    nearness,
    owner_form,
)

Row = Mapping[str, Any]
NEARNESS = {each.name.lower(): each for each in Nearness}

ROUTE = """
    s.id AS route_id, coalesce(nullif(sp.title, ''), sp.name) AS route_title, s.url AS route_url,
    s.type AS route_kind, coalesce(sp.owner_org, '') AS route_owner,
    (SELECT nearness FROM territoire_harvest_rule WHERE owner_id = s.id) AS route_said
"""
HOLDERS = text(f"""
    SELECT {ROUTE}, r.dataset_id, r.remote_id, r.upstream_uri AS claim, k.key AS page_key,
           coalesce(p.extras->>'publisher_name', '') AS publisher,
           coalesce(c.source_id, '') AS chosen,
           ARRAY(SELECT o.remote_id FROM territoire_origin o
                  WHERE o.dataset_id = r.dataset_id AND o.source_id = :id) AS mates,
           ARRAY(SELECT d.other FROM territoire_distinct d WHERE d.one = r.dataset_id
                 UNION ALL SELECT d.one FROM territoire_distinct d
                  WHERE d.other = r.dataset_id) AS strangers
      FROM territoire_source_record r
      JOIN package p ON p.id = r.dataset_id AND p.state = 'active' AND NOT p.private
      JOIN package sp ON sp.id = r.source_id JOIN harvest_source s ON s.id = r.source_id
      LEFT JOIN territoire_origin_choice c ON c.dataset_id = r.dataset_id
      LEFT JOIN territoire_dataset_key k ON k.dataset_id = r.dataset_id AND k.kind = 'page'
     WHERE r.source_id <> :id AND r.state <> 'retired'
       AND ((r.upstream_uri <> '' AND r.upstream_uri = ANY(:claims)) OR r.dataset_id = ANY(:joined)
            OR r.dataset_id = ANY(ARRAY(SELECT dataset_id FROM territoire_dataset_key
                                         WHERE kind = 'page' AND key = ANY(:pages))))
""")


def route_of(row: Row) -> Route:
    """Make a route of the columns of `ROUTE`."""
    owner = publishers.find(row["route_owner"])
    names = (owner.title, owner.name, owner.siren) if owner else ()
    host = host_of(row["route_url"])
    return Route(
        row["route_id"], row["route_title"], host, row["route_owner"],
        frozenset(owner_form(name) for name in names if name),
        is_national(row["route_kind"], host), NEARNESS.get(row["route_said"] or ""),
    )  # fmt: skip


def read_route(source_id: str) -> Route:
    """Read what an officer registered of one source."""
    query = f"""SELECT {ROUTE} FROM harvest_source s JOIN package sp ON sp.id = s.id
                 WHERE s.id = :id"""
    row = model.Session.execute(text(query), {"id": source_id}).mappings().one()
    return route_of(row)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a batch asks about: claims, keys of pages, datasets its records are joined to."""

    claims: Sequence[str]
    pages: Sequence[int]
    joined: Sequence[str]


def read_holders(source_id: str, asked: Asked) -> list[Holder]:
    """Read the datasets of other sources that the records of a batch may be, in one statement."""
    values = {"id": source_id, "claims": list(asked.claims), "pages": list(asked.pages),
              "joined": list(asked.joined)}  # fmt: skip
    return [
        Holder(
            row["dataset_id"], row["remote_id"], route_of(row), row["claim"], row["page_key"],
            row["publisher"], row["chosen"], tuple(row["mates"]), frozenset(row["strangers"]),
        )
        for row in model.Session.execute(HOLDERS, values).mappings()
    ]  # fmt: skip


HEIRS = text(f"""
    SELECT {ROUTE}, o.dataset_id, o.remote_id, o.completeness, o.modified, o.upstream_uri AS claim,
           coalesce(p.extras->>'publisher_name', '') AS publisher,
           coalesce(c.source_id, '') = o.source_id AS is_chosen
      FROM territoire_origin o JOIN package p ON p.id = o.dataset_id AND p.state = 'active'
      JOIN territoire_source_record r ON r.dataset_id = o.dataset_id AND r.source_id = :publisher
      JOIN harvest_source s ON s.id = o.source_id AND s.active
      JOIN package sp ON sp.id = o.source_id AND sp.state = 'active'
      LEFT JOIN territoire_origin_choice c ON c.dataset_id = o.dataset_id
     WHERE o.dataset_id = ANY(:datasets) AND o.state = 'live'
""")


def read_heirs(dataset_ids: Sequence[str], publisher: str) -> dict[str, list[tuple[Origin, Route]]]:
    """Read the live origins that can publish each dataset when the source in place leaves it."""
    values = {"datasets": list(dataset_ids), "publisher": publisher}
    found: dict[str, list[tuple[Origin, Route]]] = {}
    for row in model.Session.execute(HEIRS, values).mappings():
        route = route_of(row)
        near: Nearness = nearness(route, row["claim"], row["publisher"])
        origin = Origin(route.source_id, row["remote_id"], near, row["completeness"],
                        row["modified"], row["is_chosen"])  # fmt: skip
        found.setdefault(row["dataset_id"], []).append((origin, route))
    return found


def titles_of_publishers(dataset_ids: Sequence[str]) -> dict[str, str]:
    """Name the source that publishes each dataset."""
    query = text("""SELECT r.dataset_id, coalesce(nullif(p.title, ''), p.name) AS title
                      FROM territoire_source_record r JOIN package p ON p.id = r.source_id
                     WHERE r.dataset_id = ANY(:ids)""")
    rows = model.Session.execute(query, {"ids": list(dataset_ids)})
    return {row.dataset_id: row.title for row in rows}
