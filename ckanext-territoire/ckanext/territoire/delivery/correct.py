"""Correct bad rows of a delivery: the corrections are kept, and the same file is checked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.delivery import store
from ckanext.territoire.delivery.corrections import keep_corrections
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.model import By, Delivery, Feed, State
from ckanext.territoire.delivery.publish import examine_again, publish
from harvesters.errors import Refused
from harvesters.model import Issue
from harvesters.table.corrections import EVERY_ROW, Correction
from schemas.load import find
from schemas.model import Schema


@dataclass(frozen=True, slots=True)
class Wish:
    """In the row of a line, a field becomes `value`; `is_for_all`: wherever the same is found."""

    line: int
    field: str
    value: str
    is_for_all: bool = False


def correct(delivery_id: str, wishes: Sequence[Wish], by: By) -> Delivery:
    """Keep corrections and check the file again.

    A waiting delivery is examined again. Of a live one, the same file is delivered once more with
    its corrections and published when nothing holds it; answers the new delivery.
    """
    delivery = store.load_delivery(delivery_id)
    feed = store.load_feed(delivery.feed_id) if delivery else None
    if delivery is None or feed is None:
        raise Refused(Issue("TER-TAB-070", found=delivery_id))
    if not delivery.is_waiting and delivery.state is not State.LIVE:
        raise Refused(Issue("TER-TAB-074", found=delivery.state.value))
    corrections = _to_corrections(delivery, wishes)
    if delivery.is_waiting:
        _keep(feed, delivery.id, corrections, by)
        return examine_again(delivery.id)
    told = {"sha256": delivery.sha256, "name": delivery.file_name, "choice": delivery.choice}
    new_id = store.new_delivery(feed, delivery.schema_id, told, by)
    _keep(feed, new_id, corrections, by)
    done = examine_again(new_id)
    return publish(done.id, by) if done.state is State.DRAFT else done


def _keep(feed: Feed, delivery_id: str, corrections: Sequence[Correction], by: By) -> None:
    with transaction() as cursor:
        keep_corrections(cursor, (feed.id, delivery_id), corrections, by.id)


def _to_corrections(delivery: Delivery, wishes: Sequence[Wish]) -> list[Correction]:
    schema = find(delivery.schema_id)
    lines = sorted({wish.line for wish in wishes})
    rows = read(
        "SELECT line, key_mark, row_mark, cells FROM territoire.quarantine "
        "WHERE delivery_id::text = %s AND line = ANY(%s)",
        (delivery.id, lines),
    )
    known = {row["line"]: row for row in rows}
    if lost := [line for line in lines if line not in known]:
        raise Refused(Issue("TER-TAB-079", where=str(lost[0])))
    assert schema is not None
    return [_to_correction(schema, known[wish.line], wish) for wish in wishes]


def _to_correction(schema: Schema, row: Mapping[str, Any], wish: Wish) -> Correction:
    """A key is corrected in the row whose cells are all the same, another field by the key."""
    by_key = row["key_mark"] if wish.field not in schema.key else None
    mark = EVERY_ROW if wish.is_for_all else (by_key or row["row_mark"])
    return Correction(mark, wish.field, row["cells"].get(wish.field, ""), wish.value.strip())
