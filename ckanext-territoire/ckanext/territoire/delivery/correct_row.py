"""Correct one row that is online: the correction is kept, and the same file is checked again.

What is read is the file, not the merged table: the correction names the cell as the file holds it,
so that it is applied to the next file too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.territoire.delivery import publish, store
from ckanext.territoire.delivery.corrections import forget_corrections, keep_corrections
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.inspect_file import look_at
from ckanext.territoire.delivery.model import By, Delivery, Feed, State
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from harvesters.table.corrections import Correction, key_mark, row_mark
from schemas.model import Schema
from schemas.sql_text import name as quoted

CORRECTABLE = """
    SELECT f.id::text FROM territoire.feed f WHERE f.id::text = ANY(%s) AND NOT EXISTS (
           SELECT 1 FROM territoire.delivery d WHERE d.feed_id = f.id AND d.by_way = 'harvest')
"""
REFUSED = """
    SELECT issues FROM territoire.quarantine WHERE delivery_id::text = %s AND row_key = %s LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Change:
    """In the row of a key, a field becomes `value`, as a person writes it."""

    row_key: str
    field: str
    value: str


def correctable(feed_ids: Sequence[str]) -> set[str]:
    """Keep the feeds whose rows are corrected here: those that are harvested are corrected at their
    source."""
    return {row["id"] for row in read(CORRECTABLE, (list(feed_ids),))}


def correct_row(feed: Feed, change: Change, by: By) -> Delivery:
    """Correct a row of the live delivery of a feed and publish; answers the new delivery.

    It is held when something else of it waits for a decision. A value that is not accepted is
    refused (TER-PUB-179) and nothing changes.
    """
    live = store.live_delivery(feed.id)
    if live is None or not correctable([feed.id]):
        raise Refused(Issue("TER-PUB-178"))
    correction = _to_correction(feed, live, change)
    told = {"sha256": live.sha256, "name": live.file_name, "choice": live.choice}
    new_id = store.new_delivery(feed, live.schema_id, told, by)
    with transaction() as cursor:
        keep_corrections(cursor, (feed.id, new_id), [correction], by.id)
    done = publish.examine_again(new_id)
    if said := _why_refused(new_id, change):
        _take_back(new_id)
        raise Refused(said)
    return publish.publish(new_id, by) if done.state is State.DRAFT else done


def _to_correction(feed: Feed, live: Delivery, change: Change) -> Correction:
    """Find the cell in the file, as it stands after the corrections that are known."""
    with look_at(feed, live) as look:
        if isinstance(look, Issue):
            raise Refused(look)
        schema: Schema = look.verdict.schema
        by_key = key_mark(schema, "a") if change.field not in schema.key else "NULL"
        found = look.base.execute(
            f"SELECT coalesce({by_key}, {row_mark(schema, 'a')}), "
            f"coalesce(a.{quoted(change.field)}, '') "
            "FROM good g JOIN arranged a USING (line) WHERE g.row_key = ?",
            [change.row_key],
        ).fetchone()
    if found is None:
        raise Refused(Issue("TER-PUB-170", schema.title, change.row_key))
    return Correction(found[0], change.field, found[1], change.value.strip())


def _why_refused(delivery_id: str, change: Change) -> Issue | None:
    """The reason why the corrected row would be set aside; `None` when it is good."""
    rows = read(REFUSED, (delivery_id, change.row_key))
    if not rows:
        return None
    issue = next((i for i in rows[0]["issues"] if i["field"] == change.field), rows[0]["issues"][0])
    cause = Issue(issue["code"], f"colonne « {change.field} »", issue["found"], issue["expected"])
    why = sentence(cause).removeprefix(f"{issue['code']} : ")
    return Issue("TER-PUB-179", change.field, change.value, why)


def _take_back(delivery_id: str) -> None:
    with transaction() as cursor:
        forget_corrections(cursor, delivery_id)
    publish.refuse(delivery_id)
