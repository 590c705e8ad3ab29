"""Read contributions as those who decide read them, page by page: what waits, the oldest first;
what was decided, the newest first.

A page ends at a place: what the order compares of its last row. Rows that are decided meanwhile
move nothing, and a place that is none of ours is the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.community.model import TO_READ, Contribution, Kind
from ckanext.territoire.community.store import COLUMNS, to_contribution

PAGE = 20
WAITING = " OR ".join(f"(c.kind = '{k.value}' AND c.state = '{s.value}')" for k, s in TO_READ)
MINE = "c.state <> 'unconfirmed' AND (:all OR c.org_id = ANY(:orgs))"
OF_KIND = "(:kind = '' OR c.kind = :kind)"
# a question that is shown and waits for its answer comes after what nobody has read
RANK = "(CASE c.state WHEN 'accepted' THEN 1 ELSE 0 END)"
PLACE = "extract(epoch FROM c.changed_at)"
WAIT_ORDER = (RANK, PLACE, "c.id")
PAST_ORDER = (f"-{PLACE}", "c.id")
IS_PLACE = re.compile(
    r"(?:[01]_)?-?[0-9]{1,12}(?:\.[0-9]{1,6})?_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose contributions (of all when `None`), of which kind, after which place; at most how
    many."""

    org_ids: tuple[str, ...] | None = None
    kind: Kind | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """Contributions, and the place after which the next ones stand; `""`: there are no more."""

    listed: tuple[Contribution, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many contributions of a kind wait for an organisation, how many nobody has read, and
    since when the oldest one waits (UTC)."""

    org_id: str
    kind: Kind
    waiting: int
    unread: int
    since: Any


def waiting(wanted: Wanted) -> Page:
    """Read what has to be read: first what nobody has, the oldest first."""
    return _page(f"({WAITING})", WAIT_ORDER, wanted)


def decided(wanted: Wanted) -> Page:
    """Read what was decided, the newest first."""
    return _page(f"NOT ({WAITING})", PAST_ORDER, wanted)


def counts(org_ids: Sequence[str] | None) -> list[Count]:
    """Count what these organisations (all when `None`) have to read, by organisation and kind."""
    query = f"""
        SELECT c.org_id, c.kind, count(*) AS waiting,
               count(*) FILTER (WHERE c.state = 'waiting') AS unread, min(c.changed_at) AS since
          FROM territoire_contribution c WHERE {MINE} AND ({WAITING}) GROUP BY c.org_id, c.kind
    """
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), _of(org_ids)).all()
    return [Count(r.org_id, Kind(r.kind), r.waiting, r.unread, r.since) for r in rows]


def _page(condition: str, order: Sequence[str], wanted: Wanted) -> Page:
    values = _of(wanted.org_ids) | {"limit": wanted.limit + 1}
    values["kind"] = wanted.kind.value if wanted.kind else ""
    where = f"{MINE} AND {OF_KIND} AND {condition}"
    place = _read_place(wanted.after, len(order))
    if place:
        names = ("rank", "moment", "id")[-len(order) :]
        kinds = dict(zip(names, ("int", "numeric", "uuid")[-len(order) :], strict=True))
        told = ", ".join(f"cast(:{name} AS {kinds[name]})" for name in names)
        where += f" AND ({', '.join(order)}) > ({told})"
        values |= dict(zip(names, place, strict=True))
    query = f"""SELECT {COLUMNS}, concat_ws('_', {", ".join(order)}) AS place
                  FROM territoire_contribution c
                 WHERE {where} ORDER BY {", ".join(order)} LIMIT :limit"""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), values).mappings().all()
    shown = rows[: wanted.limit]
    told_rows = ({k: v for k, v in row.items() if k != "place"} for row in shown)
    after = str(shown[-1]["place"]) if len(rows) > wanted.limit else ""
    return Page(tuple(to_contribution(row) for row in told_rows), after)


def _read_place(text: str, length: int) -> list[str] | None:
    told = text.split("_")
    return told if IS_PLACE.fullmatch(text) and len(told) == length else None


def _of(org_ids: Sequence[str] | None) -> dict[str, Any]:
    return {"all": org_ids is None, "orgs": list(org_ids or ())}
