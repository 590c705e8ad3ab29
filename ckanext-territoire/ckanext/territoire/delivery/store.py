"""Read and write feeds and deliveries: `territoire.feed`, `territoire.delivery`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.model import By, Delivery, Feed, Reason, State, Way

FEED = "id::text, slug, org_id, insee, dataset_id, resource_id, source_url"
DELIVERY = (
    "d.id::text, d.feed_id::text, d.number, d.schema_id, d.sha256, d.file_name, d.state, "
    "d.reasons, d.choice, d.by_id, d.by_way, d.received_at, d.published_at, d.ended_at, "
    "d.good, d.bad, d.warned, d.aside, d.report"
)
WITH_FEED = (
    f"SELECT {DELIVERY}, f.slug AS f_slug, f.org_id, f.insee, f.dataset_id, f.resource_id, "
    "f.source_url FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id"
)
OPEN_FEED = f"""
    INSERT INTO territoire.feed (slug, org_id, insee, dataset_id, resource_id)
    VALUES (%(slug)s, %(org)s, %(insee)s, %(dataset)s, %(resource)s)
    ON CONFLICT (slug, org_id, resource_id) DO UPDATE SET insee = excluded.insee
    RETURNING {FEED}
"""
NEW = """
    INSERT INTO territoire.delivery
           (feed_id, number, schema_id, sha256, file_name, state, choice, by_id, by_way)
    SELECT %(feed)s, coalesce(max(number), 0) + 1, %(schema)s, %(sha256)s, %(name)s, 'draft',
           %(choice)s, %(by)s, %(way)s FROM territoire.delivery WHERE feed_id = %(feed)s
    RETURNING id::text
"""
LIVE_FILES = """
    SELECT f.insee, f.resource_id, d.sha256 FROM territoire.delivery d
      JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state = 'live' AND f.slug = %s ORDER BY f.insee, f.resource_id
"""


def to_delivery(row: Mapping[str, Any]) -> Delivery:
    """Convert a row of `territoire.delivery`."""
    told = {name: row[name] for name in Delivery.__slots__}
    told |= {"state": State(row["state"]), "by_way": Way(row["by_way"])}
    return Delivery(**told | {"reasons": tuple(Reason(each) for each in row["reasons"])})


def open_feed(
    slug: str, org_id: str, insee: str, dataset_id: str = "", resource_id: str = ""
) -> Feed:
    """Find or make the feed of an organisation for a theme, or of one of its resources."""
    values = {"slug": slug, "org": org_id, "insee": insee}
    values |= {"dataset": dataset_id, "resource": resource_id}
    with transaction() as cursor:
        if not resource_id:  # what was once deposited has a resource by now
            cursor.execute(
                f"SELECT {FEED} FROM territoire.feed WHERE slug = %(slug)s AND org_id = %(org)s "
                "AND id IN (SELECT feed_id FROM territoire.delivery WHERE by_way <> 'harvest') "
                "ORDER BY made_at LIMIT 1",
                values,
            )
            if found := cursor.fetchone():
                return Feed(*found)
        cursor.execute(OPEN_FEED, values)
        return Feed(*cursor.fetchone())


def load_feed(feed_id: str) -> Feed | None:
    """Read a feed."""
    rows = read(f"SELECT {FEED} FROM territoire.feed WHERE id::text = %s", (feed_id,))
    return Feed(**rows[0]) if rows else None


def feeds_of(resource_id: str) -> list[Feed]:
    """Read the feeds of a resource: one a theme."""
    rows = read(f"SELECT {FEED} FROM territoire.feed WHERE resource_id = %s", (resource_id,))
    return [Feed(**row) for row in rows]


def set_source(feed_id: str, dataset_id: str, resource_id: str) -> None:
    """Remember the dataset and the resource that show the files of a feed."""
    with transaction() as cursor:
        cursor.execute(
            "UPDATE territoire.feed SET dataset_id = %s, resource_id = %s WHERE id::text = %s",
            (dataset_id, resource_id, feed_id),
        )


def new_delivery(feed: Feed, schema_id: str, file: Mapping[str, Any], by: By) -> str:
    """Add a draft: `file` holds `sha256`, `name` and `choice`; answer its id."""
    values = {
        "feed": feed.id,
        "schema": schema_id,
        "sha256": file["sha256"],
        "name": file.get("name", ""),
        "choice": json.dumps(file.get("choice") or {}),
        "by": by.id,
        "way": by.way.value,
    }
    with transaction() as cursor:
        cursor.execute("SELECT 1 FROM territoire.feed WHERE id::text = %s FOR UPDATE", (feed.id,))
        cursor.execute(NEW, values)
        return str(cursor.fetchone()[0])


def load_delivery(delivery_id: str) -> Delivery | None:
    """Read a delivery; any text may be asked."""
    rows = read(
        f"SELECT {DELIVERY} FROM territoire.delivery d WHERE d.id::text = %s", (delivery_id,)
    )
    return to_delivery(rows[0]) if rows else None


def live_delivery(feed_id: str) -> Delivery | None:
    """Read the delivery whose rows are in the merged table."""
    rows = read(
        f"SELECT {DELIVERY} FROM territoire.delivery d "
        "WHERE d.feed_id::text = %s AND d.state = 'live'",
        (feed_id,),
    )
    return to_delivery(rows[0]) if rows else None


def deliveries_of(feed_id: str, limit: int = 50) -> list[Delivery]:
    """Read the deliveries of a feed, newest first."""
    rows = read(
        f"SELECT {DELIVERY} FROM territoire.delivery d WHERE d.feed_id::text = %s "
        "ORDER BY d.number DESC LIMIT %s",
        (feed_id, limit),
    )
    return [to_delivery(row) for row in rows]


def list_deliveries(
    org_id: str, slug: str = "", is_waiting: bool = False, limit: int = 200
) -> list[tuple[Delivery, Feed]]:
    """List the deliveries of an organisation, newest first, with their feeds."""
    rows = read(
        f"{WITH_FEED} WHERE f.org_id = %(org)s AND %(slug)s IN ('', f.slug) "
        "AND (NOT %(waiting)s OR d.state IN ('draft', 'held')) "
        "ORDER BY d.received_at DESC LIMIT %(limit)s",
        {"org": org_id, "slug": slug, "waiting": is_waiting, "limit": limit},
    )
    return [_to_pair(row) for row in rows]


def held_deliveries(limit: int = 500) -> list[tuple[Delivery, Feed]]:
    """List what waits for a decision in all organisations, the oldest first, with its feed."""
    rows = read(f"{WITH_FEED} WHERE d.state = 'held' ORDER BY d.received_at LIMIT %s", (limit,))
    return [_to_pair(row) for row in rows]


def live_numbers(feed_ids: Sequence[str]) -> dict[str, int]:
    """Give the number of the live delivery of each of these feeds that has one."""
    rows = read(
        "SELECT feed_id::text, number FROM territoire.delivery "
        "WHERE state = 'live' AND feed_id::text = ANY(%s)",
        (list(feed_ids),),
    )
    return {row["feed_id"]: row["number"] for row in rows}


def _to_pair(row: Mapping[str, Any]) -> tuple[Delivery, Feed]:
    told = ("org_id", "insee", "dataset_id", "resource_id", "source_url")
    feed = Feed(id=row["feed_id"], slug=row["f_slug"], **{name: row[name] for name in told})
    return to_delivery(row), feed


def set_state(cursor: Any, delivery_id: str, state: State, reasons: Sequence[Reason] = ()) -> None:
    """Change where a delivery stands, in the caller's transaction."""
    cursor.execute(
        "UPDATE territoire.delivery SET state = %s, reasons = %s, "
        "published_at = CASE WHEN %s THEN now() ELSE published_at END, "
        "ended_at = CASE WHEN %s THEN now() ELSE ended_at END WHERE id::text = %s",
        (
            state.value,
            [reason.value for reason in reasons],
            state is State.LIVE,
            state in (State.REPLACED, State.UNDONE, State.REFUSED, State.FAILED),
            delivery_id,
        ),
    )


def set_choice(delivery_id: str, feed_id: str, schema_id: str, choice: Mapping[str, Any]) -> None:
    """Remember what a person says of a file; a delivery may move to the feed of another theme."""
    with transaction() as cursor:
        cursor.execute(
            "UPDATE territoire.delivery d SET schema_id = %(schema)s, choice = %(choice)s, "
            "feed_id = %(feed)s, number = CASE WHEN d.feed_id = %(feed)s::uuid THEN d.number ELSE "
            "(SELECT coalesce(max(number), 0) + 1 FROM territoire.delivery o "
            "WHERE o.feed_id = %(feed)s::uuid) END WHERE d.id::text = %(id)s",
            {"schema": schema_id, "choice": json.dumps(dict(choice)), "feed": feed_id,
             "id": delivery_id},
        )  # fmt: skip


def state_of(cursor: Any, delivery_id: str) -> State:
    """Read where a delivery stands, and let nobody change it until the transaction ends."""
    cursor.execute(
        "SELECT state FROM territoire.delivery WHERE id::text = %s FOR UPDATE", (delivery_id,)
    )
    return State(cursor.fetchone()[0])


def end_live(cursor: Any, feed_id: str, state: State) -> None:
    """End the live delivery of a feed, in the caller's transaction."""
    cursor.execute(
        "UPDATE territoire.delivery SET state = %s, ended_at = now() "
        "WHERE feed_id::text = %s AND state = 'live'",
        (state.value, feed_id),
    )


def live_files(slug: str) -> list[tuple[str, str, str]]:
    """List the live files of a theme: INSEE code, resource, sha256."""
    return [(row["insee"], row["resource_id"], row["sha256"]) for row in read(LIVE_FILES, (slug,))]
