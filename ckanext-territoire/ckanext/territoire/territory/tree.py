"""The organisations of the territory as a tree, in two queries whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.territory.names import spelling

TREE = """
    SELECT g.id, g.name, g.title, g.image_url, coalesce(g.extras::jsonb, '{}') AS extras,
           (SELECT m.table_id FROM member m JOIN "group" up ON up.id = m.table_id
             WHERE m.group_id = g.id AND m.table_name = 'group' AND m.state = 'active'
               AND up.state = 'active' AND up.is_organization LIMIT 1) AS parent
      FROM "group" g WHERE g.is_organization AND g.state = 'active'
"""
COUNTS = """
    SELECT owner_org, count(*) AS n, max(metadata_modified) AS latest FROM package
     WHERE state = 'active' AND NOT private AND type = 'dataset' GROUP BY owner_org
"""
FACTS = ("kind", "siren", "insee", "postcodes", "member_since", "member_until", "heir_insee")


def read_tree() -> list[dict[str, Any]]:
    """Answer each EPCI with `communes`, `former` communes and `partners`, alphabetically.

    An organisation that stands under no EPCI is a root of its own, after them.
    """
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(TREE)).all()
        counts = {row.owner_org: row for row in connection.execute(sa.text(COUNTS))}
    nodes = {row.id: _to_node(row, counts.get(row.id)) for row in rows}
    parents = {row.id: row.parent for row in rows}
    roots = {id_: node | _branches() for id_, node in nodes.items() if parents[id_] not in nodes}
    for id_, node in nodes.items():
        top = _top(id_, parents)
        if id_ not in roots and top in roots:
            roots[top][_branch_of(node)].append(node)
    for root in roots.values():
        for branch in _branches():
            root[branch] = _sorted(root[branch])
        root["total_dataset_count"] = _total(root)
    return sorted(_sorted(roots.values()), key=lambda root: root["kind"] != "epci")


def _branches() -> dict[str, list[dict[str, Any]]]:
    return {"communes": [], "former": [], "partners": []}


def _branch_of(node: Mapping[str, Any]) -> str:
    if node["kind"] != "commune":
        return "partners"
    return "former" if node["member_until"] else "communes"


def _top(id_: str, parents: Mapping[str, str | None]) -> str:
    """Climb to the root; a loop, which CKAN does not forbid, ends where it began again."""
    seen = {id_}
    while (up := parents.get(id_)) in parents and up is not None and up not in seen:
        seen.add(up)
        id_ = up
    return id_


def _to_node(row: Any, count: Any) -> dict[str, Any]:
    population = row.extras.get("population") or ""
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title or row.name,
        "image_url": row.image_url or "",
        "population": int(population) if population.isdigit() else None,
        "dataset_count": count.n if count else 0,
        "latest_change": count.latest.isoformat() if count else "",
        **{fact: row.extras.get(fact) or "" for fact in FACTS},
    }


def _total(root: Mapping[str, Any]) -> int:
    below = (node for branch in _branches() for node in root[branch])
    return int(root["dataset_count"]) + sum(node["dataset_count"] for node in below)


def _sorted(nodes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(nodes, key=lambda node: (spelling(node["title"]), node["name"]))
