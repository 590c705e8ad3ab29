"""Receive a file, publish it, refuse it, take back the last one: the life of a delivery.

`receive` looks at the file and writes only a report; `publish` looks again at the same file and
puts its rows in place in one transaction. What needs a person waits with its reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ckanext.territoire import index_outbox
from ckanext.territoire.delivery import apply, merged, quarantine, source_file, store, table_of
from ckanext.territoire.delivery.apply import Difference, Place
from ckanext.territoire.delivery.brake import Weighed, is_braked, reasons_to_hold
from ckanext.territoire.delivery.corrections import forget_corrections
from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.delivery.gate import Gate, gate_of
from ckanext.territoire.delivery.inspect_file import Look, look_at
from ckanext.territoire.delivery.model import By, Delivery, Feed, Reason, State, Way
from ckanext.territoire.delivery.references import references
from ckanext.territoire.delivery.report import changed_columns, to_report, unreadable
from harvesters.errors import Refused
from harvesters.model import Issue
from harvesters.privacy.findings import finding_to_dict
from schemas.load import find, load

LABELS = {
    Reason.BRAKE: "beaucoup de lignes disparaîtraient",
    Reason.PRIVACY: "des données personnelles sont peut-être présentes",
    Reason.SCHEMA: "le modèle n’est pas certain",
    Reason.COMMUNE: "les lignes sont surtout celles d’autres communes",
    Reason.EMPTY: "aucune ligne n’est valable",
}
SAVE = """
    UPDATE territoire.delivery SET state = %s, reasons = %s, schema_id = %s, good = %s, bad = %s,
           warned = %s, aside = %s, report = %s WHERE id::text = %s
"""


@dataclass(frozen=True, slots=True)
class File:
    """A received file that is kept: its content hash, its name, and the choices of a person."""

    sha256: str
    name: str = ""
    choice: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a delivery is written: by whom, whether a person has looked at what would leave, and
    the delivery that is taken back."""

    by: By
    is_brake_off: bool = False
    undone_id: str = ""


def receive(feed: Feed, file: File, by: By, schema_id: str = "") -> Delivery:
    """Look at a file and report; answers a draft, held when somebody must decide, failed when it
    is unreadable. The file that is live already is answered as it is: nothing is written."""
    live = store.live_delivery(feed.id)
    if live and _is_same(live, file, schema_id):
        return live
    told = {"sha256": file.sha256, "name": file.name, "choice": file.choice}
    delivery_id = store.new_delivery(feed, schema_id, told, by)
    return examine_again(delivery_id)


def examine_again(delivery_id: str) -> Delivery:
    """Look at the file of a waiting delivery, as after a choice or a correction."""
    delivery, feed = _waiting(delivery_id)
    gate = gate_of(feed)
    with look_at(feed, delivery, gate.hidden) as look:
        if isinstance(look, Issue):
            _save_failed(delivery, look)
        else:
            _save(feed, delivery, look, gate)
    return _load(delivery_id)


def propose(feed: Feed, file: File, by: By) -> Delivery:
    """Receive a file whose theme is only near: it waits until somebody says what it is."""
    delivery = receive(feed, file, by, feed.slug)
    if delivery.is_waiting and Reason.SCHEMA not in delivery.reasons:
        with transaction() as cursor:
            reasons = [Reason.SCHEMA, *delivery.reasons]
            store.set_state(cursor, delivery.id, State.HELD, reasons)
    return _load(delivery.id)


def deliver(feed: Feed, file: File, by: By, schema_id: str = "") -> Delivery:
    """Receive a file and publish it when nothing holds it."""
    delivery = receive(feed, file, by, schema_id)
    return publish(delivery.id, by) if delivery.state is State.DRAFT else delivery


def publish(delivery_id: str, by: By, accepted: frozenset[Reason] = frozenset()) -> Delivery:
    """Put the rows of a waiting delivery in place. `accepted` are the reasons that a person has
    looked at; another reason holds the delivery, and nothing is written."""
    delivery, feed = _waiting(delivery_id)
    left = [reason for reason in delivery.reasons if reason not in accepted]
    if left:
        raise Refused(Issue("TER-TAB-071", found=", ".join(LABELS[reason] for reason in left)))
    return _publish(feed, delivery, Terms(by, Reason.BRAKE in accepted))


def choose(delivery_id: str, schema_id: str, choice: Mapping[str, Any]) -> Delivery:
    """Say what a waiting file is: its schema, its sheet, its header row, its columns."""
    delivery, feed = _waiting(delivery_id)
    schema = find(schema_id)
    if schema is None:
        raise Refused(Issue("TER-TAB-075", found=schema_id))
    to = feed if schema.slug == feed.slug else store.open_feed(schema.slug, feed.org_id, feed.insee)
    store.set_choice(delivery.id, to.id, schema.id, choice)
    return examine_again(delivery_id)


def refuse(delivery_id: str) -> Delivery:
    """Leave a waiting delivery out; the live rows stay."""
    delivery, _ = _waiting(delivery_id)
    with transaction() as cursor:
        store.set_state(cursor, delivery.id, State.REFUSED)
    return _load(delivery_id)


def undo(delivery_id: str, by: By) -> Delivery | None:
    """Take back a live delivery: the rows of the one before it in its feed come back.

    Answers that one, live again, or `None` when there was none: the rows leave the table. The
    corrections that came with the delivery are forgotten.
    """
    live = _load(delivery_id)
    feed = store.load_feed(live.feed_id)
    if live.state is not State.LIVE or feed is None:
        raise Refused(Issue("TER-TAB-073"))
    former = next((d for d in store.deliveries_of(feed.id) if d.state is State.REPLACED), None)
    if former is not None:
        terms = Terms(By(by.id, Way.UNDO), is_brake_off=True, undone_id=live.id)
        return _publish(feed, former, terms)
    with transaction() as cursor:
        apply.lock(cursor, live.slug)
        if store.state_of(cursor, live.id) is not State.LIVE:
            raise Refused(Issue("TER-TAB-073"))
        _empty(cursor, feed.id, live)
        forget_corrections(cursor, live.id)
        store.set_state(cursor, live.id, State.UNDONE)
    show(live)
    return None


def _publish(feed: Feed, delivery: Delivery, terms: Terms) -> Delivery:
    """Look at the file, make the datasets that are missing, write the rows, show them."""
    gate = gate_of(feed)
    with look_at(feed, delivery, gate.hidden, terms.undone_id) as look:
        if isinstance(look, Issue) or look.staged is None:
            raise Refused(look if isinstance(look, Issue) else Issue("TER-TAB-072"))
        schema, clean = look.staged.schema, ""
        table = merged.ensure(schema, feed.org_id)
        if delivery.by_way is not Way.HARVEST:
            feed = source_file.ensure_source(feed, schema)
            clean = source_file.write_clean(look, schema, gate.hidden)
        _write(feed, delivery, look, (table.resource_id, terms))
    done = _load(delivery.id)
    if done.state is State.LIVE:
        if clean:
            source_file.show_file(feed, clean)
        show(done)
    return done


def show(delivery: Delivery) -> None:
    """Say on the merged dataset what has just changed, and let search follow."""
    table = merged.load_merged(delivery.slug)
    if table:
        merged.show_rows(load(*table.schema_id.split("/")), table)
        index_outbox.drain()


def _empty(cursor: Any, feed_id: str, live: Delivery) -> None:
    table = merged.load_merged(live.slug)
    if table:
        place = Place(live.slug, table.resource_id, feed_id, live.id)
        apply.remove_feed(cursor, place)


def _waiting(delivery_id: str) -> tuple[Delivery, Feed]:
    delivery = _load(delivery_id)
    if not delivery.is_waiting:
        raise Refused(Issue("TER-TAB-074", found=delivery.state.value))
    feed = store.load_feed(delivery.feed_id)
    assert feed is not None
    return delivery, feed


def _load(delivery_id: str) -> Delivery:
    found = store.load_delivery(delivery_id)
    if found is None:
        raise Refused(Issue("TER-TAB-070", found=delivery_id))
    return found


def _is_same(live: Delivery, file: File, schema_id: str) -> bool:
    is_declared = not schema_id or schema_id in (live.schema_id, live.slug)
    return live.sha256 == file.sha256 and is_declared and dict(live.choice) == (file.choice or {})


def _save_failed(delivery: Delivery, issue: Issue) -> None:
    values = (State.FAILED.value, [], delivery.schema_id, None, None, None, None)
    with transaction() as cursor:
        cursor.execute(SAVE, (*values, orjson.dumps(unreadable(issue)).decode(), delivery.id))


def _save(feed: Feed, delivery: Delivery, look: Look, gate: Gate) -> None:
    """Write the report of a look, its counts, its bad rows, and why it is held."""
    findings = gate.find(look)
    communes = _communes(look)
    difference = _difference(feed, look)
    weighed = Weighed(difference, communes, gate.is_held(findings))
    reasons = reasons_to_hold(feed, look.verdict, weighed)
    more = {
        "communes": communes,
        "privacy": [finding_to_dict(each) for each in findings],
        "hidden": sorted(gate.hidden),
        "columns_changed": changed_columns(store.live_delivery(feed.id), look.verdict),
    }
    report = to_report(look.verdict, difference, more)
    checked, schema = look.verdict.checked, look.verdict.schema
    values = (
        (State.HELD if reasons else State.DRAFT).value,
        [reason.value for reason in reasons],
        schema.id if schema else delivery.schema_id,
        checked.good if checked else None,
        checked.bad if checked else None,
        checked.warned if checked else None,
        sum(each.count for each in look.verdict.received.aside),
        orjson.dumps(report).decode(),
        delivery.id,
    )
    with transaction() as cursor:
        cursor.execute(SAVE, values)
        if schema:
            bad = look.folder / "bad.csv"
            quarantine.write_bad_rows(look.base, schema, bad)
            quarantine.keep(cursor, delivery.id, bad)


def _communes(look: Look) -> dict[str, int]:
    if look.staged is None:
        return {}
    rows = look.base.execute(
        "SELECT coalesce(insee, ''), count(*) FROM good GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50"
    ).fetchall()
    return {str(insee): int(count) for insee, count in rows}


def _difference(feed: Feed, look: Look) -> Difference | None:
    """Count what would change, without changing anything."""
    if look.staged is None:
        return None
    table = merged.load_merged(look.staged.schema.slug)
    checked = look.verdict.checked
    if table is None or not store.live_delivery(feed.id):
        return Difference(added=checked.good if checked else 0)
    with transaction() as cursor:
        table_of.make(cursor, table.resource_id, look.staged.schema)
        apply.stage(cursor, look.staged)
        return apply.compare(cursor, table.resource_id, feed.id)


def _write(feed: Feed, delivery: Delivery, look: Look, to: tuple[str, Terms]) -> None:
    """Put the rows in place and say so, in one transaction."""
    resource_id, terms = to
    staged = look.staged
    assert staged is not None
    bad = look.folder / "bad.csv"
    quarantine.write_bad_rows(look.base, staged.schema, bad)
    place = Place(feed.slug, resource_id, feed.id, delivery.id, feed.dataset_id, feed.resource_id)
    with transaction() as cursor:
        apply.lock(cursor, feed.slug)
        if not _may_be_written(cursor, delivery, terms):
            return  # somebody else has just decided
        apply.stage(cursor, staged)
        if terms.undone_id:
            apply.let_go(cursor, place, terms.undone_id)
        difference = apply.compare(cursor, resource_id, feed.id)
        if is_braked(feed.slug, difference) and not terms.is_brake_off:
            store.set_state(cursor, delivery.id, State.HELD, [Reason.BRAKE])
            return
        apply.write(cursor, staged, place, _names_in(cursor))
        store.end_live(cursor, feed.id, State.UNDONE if terms.undone_id else State.REPLACED)
        if terms.undone_id:
            forget_corrections(cursor, terms.undone_id)
        store.set_state(cursor, delivery.id, State.LIVE)
        quarantine.keep(cursor, delivery.id, bad)
        quarantine.forget_others(cursor, feed.id, delivery.id)


def _may_be_written(cursor: Any, delivery: Delivery, terms: Terms) -> bool:
    """Say whether the delivery still waits, or is still the one before the live one."""
    state = store.state_of(cursor, delivery.id)
    if not terms.undone_id:
        return state in (State.DRAFT, State.HELD)
    return state is State.REPLACED and store.state_of(cursor, terms.undone_id) is State.LIVE


def _names_in(cursor: Any) -> dict[str, str]:
    """Name the communes of the staged rows."""
    cursor.execute("SELECT DISTINCT _insee FROM received WHERE _insee IS NOT NULL")
    present = {row[0] for row in cursor.fetchall()}
    return {each.insee: each.name for each in references().communes if each.insee in present}
