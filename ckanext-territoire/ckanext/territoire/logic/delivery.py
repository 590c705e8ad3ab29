"""Actions and authorisations on deliveries: deposit a file, read its report, publish, take back.

Whoever may add a dataset to an organisation may deposit for it; somebody of the EPCI who is no
member of the commune needs its mandate. Personal data is decided by `territoire_privacy_decide`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import correct, keep, mandate, publish, quarantine, store
from ckanext.territoire.delivery.inspect_file import guess_slug
from ckanext.territoire.delivery.model import By, Delivery, Feed, Reason, State, Way
from ckanext.territoire.links import notice
from ckanext.territoire.privacy.store import recorded_for
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from schemas.load import find, table_schemas

MAX_ROWS = 1_000
Data = dict[str, Any]


def delivery_to_dict(found: Delivery) -> Data:
    """A delivery as the API shows it; times are ISO 8601."""

    def moment(value: Any) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return {
        "id": found.id,
        "feed_id": found.feed_id,
        "number": found.number,
        "schema_id": found.schema_id,
        "schema_title": table_schemas().get(found.schema_id, ""),
        "file_name": found.file_name,
        "sha256": found.sha256,
        "state": found.state.value,
        "reasons": [reason.value for reason in found.reasons],
        "reasons_text": [publish.LABELS[reason] for reason in found.reasons],
        "choice": dict(found.choice),
        "way": found.by_way.value,
        "by_id": found.by_id,
        "received_at": moment(found.received_at),
        "published_at": moment(found.published_at),
        "ended_at": moment(found.ended_at),
        "good": found.good,
        "bad": found.bad,
        "warned": found.warned,
        "aside": found.aside,
        "report": dict(found.report),
    }


def feed_to_dict(feed: Feed) -> Data:
    """A feed as the API shows it."""
    owner = publishers.find(feed.org_id)
    return {
        "id": feed.id,
        "slug": feed.slug,
        "organization_id": feed.org_id,
        "organization_name": owner.name if owner else feed.org_id,
        "organization_title": owner.title if owner else feed.org_id,
        "insee": feed.insee,
        "dataset_id": feed.dataset_id,
        "resource_id": feed.resource_id,
        "source_url": feed.source_url,
    }


def _refuse(fault: Refused) -> toolkit.ValidationError:
    return toolkit.ValidationError({"delivery": [str(fault)]})


def _found(data_dict: Data) -> tuple[Delivery, Feed]:
    delivery_id = str(toolkit.get_or_bust(data_dict, "id"))
    delivery = store.load_delivery(delivery_id)
    feed = store.load_feed(delivery.feed_id) if delivery else None
    if delivery is None or feed is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-TAB-070", found=delivery_id)))
    return delivery, feed


def _allowed(context: Context, data_dict: Data) -> tuple[Delivery, Feed]:
    """The delivery and its feed, for somebody who may deposit for its organisation."""
    delivery, feed = _found(data_dict)
    toolkit.check_access("territoire_delivery_create", context, {"organization": feed.org_id})
    return delivery, feed


def _by(context: Context, org_id: str, is_decision: bool = False) -> By:
    """Say who acts; commands and invited clerks act with `ignore_auth` and an explicit way. To
    decide on what a commune has sent, the EPCI needs no mandate."""
    told: Any = context.get("territoire_by")
    if isinstance(told, By):
        return told
    user: Any = model.User.get(context.get("user"))
    if user is None or user.sysadmin or is_decision:
        return By(user.id if user else "", Way.DEPOSIT)
    return By(user.id, mandate.way_of(user.id, org_id))


def _is_decision(delivery: Delivery, feed: Feed) -> bool:
    """Say whether a delivery is held, or was until its personal data was decided of."""
    decided = recorded_for(feed.resource_id, feed.id)
    return delivery.state is State.HELD or delivery.id in {each.delivery_id for each in decided}


def territoire_delivery_create(context: Context, data_dict: Data) -> Data:
    """Receive a file for an organisation and report on it.

    `organization` (id or name); `schema` (« slug » or « slug/version », else it is recognised);
    one of `upload` (a file), `url`, `rows` (list of objects, needs `schema`); `choice` (object
    `sheet`, `header_line`, `encoding`, `separator`, `columns`). Answers the delivery with its
    report and its `feed`; nothing is published yet.
    """
    toolkit.check_access("territoire_delivery_create", context, data_dict)
    owner = publishers.find(toolkit.get_or_bust(data_dict, "organization"))
    if owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    schema_id = str(data_dict.get("schema") or "")
    try:
        by = _by(context, owner.id)
        file = _keep(data_dict, schema_id)
        slug = schema_id.split("/", maxsplit=1)[0] or guess_slug(file.sha256, file.choice or {})
        feed = store.open_feed(slug, owner.id, owner.insee)
        delivery = publish.receive(feed, file, by, schema_id)
    except Refused as fault:
        raise _refuse(fault) from fault
    return delivery_to_dict(delivery) | {"feed": feed_to_dict(feed)}


def _keep(data_dict: Data, schema_id: str) -> publish.File:
    choice = data_dict.get("choice") or {}
    choice = json.loads(choice) if isinstance(choice, str) else dict(choice)
    if schema_id and find(schema_id) is None:
        raise Refused(Issue("TER-TAB-075", found=schema_id))
    schema = find(schema_id) if schema_id else None
    upload = data_dict.get("upload")
    if getattr(upload, "filename", ""):
        kept = keep.keep_upload(upload)
    elif data_dict.get("url"):
        kept = keep.keep_address(str(data_dict["url"]))
    elif data_dict.get("rows") and schema:
        kept = keep.keep_rows(schema, data_dict["rows"])
    else:
        raise Refused(Issue("TER-TAB-077"))
    return publish.File(kept.sha256, kept.name, choice)


@toolkit.side_effect_free
def territoire_delivery_show(context: Context, data_dict: Data) -> Data:
    """Show the delivery `id` with its report and its feed."""
    delivery, feed = _allowed(context, data_dict)
    return delivery_to_dict(delivery) | {"feed": feed_to_dict(feed)}


@toolkit.side_effect_free
def territoire_delivery_list(context: Context, data_dict: Data) -> list[Data]:
    """List the deliveries of an `organization`, newest first, without their reports; `schema`
    (slug) keeps one theme, `waiting` those that wait for a decision."""
    toolkit.check_access("territoire_delivery_create", context, data_dict)
    owner = publishers.find(toolkit.get_or_bust(data_dict, "organization"))
    if owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    slug, is_waiting = str(data_dict.get("schema") or ""), data_dict.get("waiting")
    listed = store.list_deliveries(
        owner.id, slug.split("/", maxsplit=1)[0], toolkit.asbool(is_waiting)
    )
    return [
        delivery_to_dict(delivery) | {"feed": feed_to_dict(feed), "report": {}}
        for delivery, feed in listed
    ]


@toolkit.side_effect_free
def territoire_delivery_rows(context: Context, data_dict: Data) -> list[Data]:
    """List the bad rows of the delivery `id`: `line`, `cells`, `issues`; at most `limit`, those
    below the line `after`. Reasons are said in French."""
    delivery, _ = _allowed(context, data_dict)
    limit = min(max(int(data_dict.get("limit") or 100), 1), MAX_ROWS)
    rows = quarantine.rows_of(delivery.id, limit, int(data_dict.get("after") or 0))
    return [
        {
            "line": row["line"],
            "cells": row["cells"],
            "issues": [issue | {"sentence": _say(row["line"], issue)} for issue in row["issues"]],
        }
        for row in rows
    ]


def _say(line: int, issue: Data) -> str:
    where = f"ligne {line}" + (f", colonne « {issue['field']} »" if issue["field"] else "")
    found, expected = str(issue.get("found") or ""), str(issue.get("expected") or "")
    return sentence(Issue(issue["code"], where, found, expected))


def territoire_delivery_choose(context: Context, data_dict: Data) -> Data:
    """Say what the file of the delivery `id` is: its `schema`, its `choice`; it is read again."""
    delivery, _ = _allowed(context, data_dict)
    schema_id = str(data_dict.get("schema") or delivery.schema_id)
    choice = data_dict.get("choice")
    told = dict(delivery.choice) if choice is None else dict(choice)
    try:
        return delivery_to_dict(publish.choose(delivery.id, schema_id, told))
    except Refused as fault:
        raise _refuse(fault) from fault


def territoire_delivery_publish(context: Context, data_dict: Data) -> Data:
    """Publish the delivery `id`; `accept` lists the reasons (brake, commune…) that were looked at.

    Personal data is not accepted here: it is decided by `territoire_privacy_decide`. What a
    commune has sent and is held is decided without its mandate; a draft is published under it.
    """
    delivery, feed = _allowed(context, data_dict)
    told = data_dict.get("accept") or []
    wanted = {told} if isinstance(told, str) else set(told)
    accepted = frozenset(Reason(each) for each in wanted & {"brake", "commune", "empty"})
    try:
        by = _by(context, feed.org_id, _is_decision(delivery, feed))
        done = publish.publish(delivery.id, by, accepted)
    except Refused as fault:
        raise _refuse(fault) from fault
    notice.after_publish(done, feed)
    return delivery_to_dict(done)


def territoire_delivery_refuse(context: Context, data_dict: Data) -> Data:
    """Leave the waiting delivery `id` out; the live rows stay as they are."""
    delivery, _ = _allowed(context, data_dict)
    try:
        return delivery_to_dict(publish.refuse(delivery.id))
    except Refused as fault:
        raise _refuse(fault) from fault


def territoire_delivery_undo(context: Context, data_dict: Data) -> Data:
    """Take back the live delivery `id`: the rows of the one before it come back.

    Answers `{"live": delivery or null}`.
    """
    delivery, feed = _allowed(context, data_dict)
    try:
        done = publish.undo(delivery.id, _by(context, feed.org_id))
    except Refused as fault:
        raise _refuse(fault) from fault
    return {"live": delivery_to_dict(done) if done else None}


def territoire_delivery_correct(context: Context, data_dict: Data) -> Data:
    """Correct bad rows of the delivery `id` (waiting or live) and check the file again.

    `corrections` is a list of `{line, field, value, all}`; `all` corrects the same value in every
    row. Of a live delivery, the corrected rows are published at once.
    """
    delivery, feed = _allowed(context, data_dict)
    told = toolkit.get_or_bust(data_dict, "corrections")
    wishes = [
        correct.Wish(int(w["line"]), str(w["field"]), str(w.get("value") or ""), bool(w.get("all")))
        for w in told
    ]
    try:
        done = correct.correct(delivery.id, wishes, _by(context, feed.org_id))
    except Refused as fault:
        raise _refuse(fault) from fault
    return delivery_to_dict(done) | {"feed": feed_to_dict(feed)}


def _may_deposit(context: Context, data_dict: Data) -> AuthResult:
    """Whoever may add a dataset to the organisation."""
    owner = publishers.find(data_dict.get("organization"))
    user = context.get("user")
    if owner and user and authz.has_user_permission_for_group_or_org(
        owner.id, user, "create_dataset"
    ):  # fmt: skip
        return {"success": True}
    return {"success": False, "msg": "Réservé aux personnes qui publient pour cette organisation."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_delivery_create": territoire_delivery_create,
    "territoire_delivery_show": territoire_delivery_show,
    "territoire_delivery_list": territoire_delivery_list,
    "territoire_delivery_rows": territoire_delivery_rows,
    "territoire_delivery_choose": territoire_delivery_choose,
    "territoire_delivery_publish": territoire_delivery_publish,
    "territoire_delivery_refuse": territoire_delivery_refuse,
    "territoire_delivery_undo": territoire_delivery_undo,
    "territoire_delivery_correct": territoire_delivery_correct,
}
AUTH: dict[str, Callable[..., Any]] = {"territoire_delivery_create": _may_deposit}
