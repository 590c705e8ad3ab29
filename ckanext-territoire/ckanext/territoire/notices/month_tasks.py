"""What there is to do for a commune, from the matrix, deliveries, sources and quality. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ckanext.territoire.delivery.matrix import Cell, Square
from ckanext.territoire.notices.model import Standing
from ckanext.territoire.notices.month_model import Need, Task
from schemas.model import Schema

# kinds of notices that ask for something; the others only tell
NEEDS: Mapping[str, Need] = {
    "held": Need.DECIDE,
    "decision": Need.DECIDE,
    "review": Need.DECIDE,
    "flag": Need.DECIDE,
    "contribution": Need.DECIDE,
    "failing": Need.SOURCE,
    "empty": Need.SOURCE,
    "partial": Need.SOURCE,
    "late": Need.SOURCE,
    "silent": Need.STALE,
}


def of_standing(standing: Standing) -> Task | None:
    """Say what a source, or readers, ask for; deliveries are read elsewhere: nothing twice."""
    need = NEEDS.get(standing.kind.value)
    if need is None or standing.subject.startswith(("delivery:", "feed:")):
        return None
    told = standing.facts
    return Task(
        need,
        " ".join(str(told.get("title") or "").split()),
        str(told.get("path") or ""),
        int(told.get("count") or 0),
        str(told.get("since") or "")[:10],
        standing.kind.value,
    )


def of_delivery(row: Mapping[str, Any], theme: str) -> Task | None:
    """Say what a delivery asks for: `id`, `state`, `by_way`, `bad`, `received_at`. Rows that a
    harvest brought are corrected where they come from."""
    path, since = f"/depots/{row['id']}", row["received_at"].date().isoformat()
    match row["state"]:
        case "held":
            return Task(Need.DECIDE, theme, path, since=since, detail="deposit")
        case "live" if row["by_way"] == "harvest":
            return Task(Need.REPAIR, theme, path, row["bad"], since, "harvest")
        case "live":
            return Task(Need.REPAIR, theme, f"{path}/corriger", row["bad"], since)
        case _:
            return None


def of_square(schema: Schema, square: Square, name: str) -> Task | None:
    """Say what one cell of the matrix asks for; `name` is the organisation in addresses. Waiting
    rows and held deposits are those of deliveries."""
    need, published = _need(square), square.known.published_at
    if need is None:
        return None
    return Task(
        need,
        schema.title,
        f"/deposer/{schema.slug}?pour={name}",
        since=published.date().isoformat() if need is Need.STALE and published else "",
        detail="unread" if square.cell is Cell.INVALID else "",
        open_path=f"/modeles/{schema.slug}",
    )


def at_source(task: Task, square: Square) -> Task:
    """Say the same of a table that a harvest brings: it is changed where it comes from."""
    return replace(task, path=f"/depots/{square.known.live_id}", detail="harvest", open_path="")


def of_licences(count: int, name: str) -> Task:
    """Ask for the licences of datasets that have none: nobody may reuse them."""
    path = f"/organization/{name}"
    return Task(Need.LICENCE, "", path, count, open_path=path)


def _need(square: Square) -> Need | None:
    is_unread = square.cell is Cell.INVALID and not square.known.bad
    if square.cell is Cell.ABSENT or is_unread:
        if square.is_duty:
            return Need.DUTY
        return Need.REPAIR if is_unread else Need.INVITE
    return Need.STALE if square.cell is Cell.STALE else None
