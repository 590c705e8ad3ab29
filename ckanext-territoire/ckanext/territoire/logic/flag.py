"""Actions on rows of merged tables and on what readers say of them.

Anybody reads a row, with its flags and their answers. The form of the portal takes flags from
everybody; the API takes them from people with an account. Those who publish for the organisation
that brings the row answer, and the officers of the EPCI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import mandate
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.correct_row import Change, correct_row
from ckanext.territoire.delivery.model import By, State, Way
from ckanext.territoire.flags import answers, store
from ckanext.territoire.flags.model import MAX_OPEN, MAX_TEXT, Answer, Flag, FlagKind, FlagState
from ckanext.territoire.flags.model import NewFlag as New
from ckanext.territoire.links import mail
from ckanext.territoire.logic.who import everyone, somebody
from ckanext.territoire.notices.worker import look_later
from ckanext.territoire.services.public_tables import PublicTable, public_tables
from ckanext.territoire.services.row import Row, read_numbered, read_row
from ckanext.territoire.territory import officers
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from schemas.load import latest, slugs

Data = dict[str, Any]
ALL_STATES = frozenset(FlagState) - {FlagState.OPEN}


@toolkit.side_effect_free
def territoire_row_show(context: Context, data_dict: Data) -> Data:
    """Show a row of the merged table `schema` (slug): that of `key`, or of the number `_id` that
    the DataStore gives it; with its source and what was said of it (`flags`)."""
    toolkit.check_access("territoire_row_show", context, data_dict)
    table, row = _found(data_dict)
    return {
        "slug": table.schema.slug,
        "schema_title": table.schema.title,
        "dataset": table.dataset,
        "key": row.key,
        "label": row.label,
        "values": [{"field": v.field, "title": v.title, "text": v.text} for v in row.values],
        "insee": row.insee,
        "commune": row.commune,
        "place": list(row.place) if row.place else None,
        "changed_at": row.changed_at.isoformat(timespec="seconds"),
        "line": row.line,
        "organization_id": row.org_id,
        "source_dataset": row.source_dataset,
        "source_resource": row.source_resource,
        "flags": [public_flag(each) for each in store.of_row(table.schema.slug, row.key)],
    }


def territoire_flag_create(context: Context, data_dict: Data) -> Data:
    """Say that a row is wrong: `schema` (slug) and `key`; `kind` is `value` (with `field` and
    `proposed`), `gone` or `other`; `remark`, and `email` to be answered to."""
    toolkit.check_access("territoire_flag_create", context, data_dict)
    table, row = _found(data_dict)
    said = {name: " ".join(str(data_dict.get(name) or "").split()) for name in
            ("field", "proposed", "remark", "email")}  # fmt: skip
    kind = _kind(str(data_dict.get("kind") or ""), table, said)
    try:
        email = mail.to_address(said["email"])
    except toolkit.Invalid as fault:
        raise _refused(Issue("TER-PUB-173", found=said["email"]), "email") from fault
    values = {value.field: value.text for value in row.values}
    field = said["field"] if kind is FlagKind.VALUE else ""
    flag_id = store.add(
        New(table.schema.slug, row.key, row.feed_id, row.org_id, row.insee, row.label, kind, field,
            values.get(field, ""), said["proposed"], said["remark"], email),
        MAX_OPEN,
    )  # fmt: skip
    if flag_id is None:
        raise _refused(Issue("TER-PUB-174", found=str(MAX_OPEN)), "key")
    look_later()
    return {"id": flag_id, "schema": table.schema.slug, "key": row.key}


def _kind(told: str, table: PublicTable, said: Data) -> FlagKind:
    """Check what is said: something is wrong somewhere, in few words."""
    too_long = max((said["proposed"], said["remark"]), key=len)
    if len(too_long) > MAX_TEXT:
        raise _refused(Issue("TER-PUB-172", found=str(len(too_long)), expected=str(MAX_TEXT)))
    is_said = {
        "value": table.has(said["field"]) and bool(said["proposed"] or said["remark"]),
        "gone": True,
        "other": bool(said["remark"]),
    }
    if not is_said.get(told):
        raise _refused(Issue("TER-PUB-171"))
    return FlagKind(told)


@toolkit.side_effect_free
def territoire_flag_list(context: Context, data_dict: Data) -> list[Data]:
    """List the flags of an `organization`, or of all for the officers: those that wait first.

    They carry what readers wrote, but not where to answer them: `wants_answer` says that they do.
    """
    toolkit.check_access("territoire_flag_list", context, data_dict)
    owner = _owner(data_dict)
    listed = store.of_organizations([owner] if owner else None)
    return [flag_to_dict(each) for each in listed]


def territoire_flag_answer(context: Context, data_dict: Data) -> Data:
    """Answer the flag `id` in public: `state` (fixed, answered, refused, or dropped for what is no
    flag at all), `answer`, `is_text_shown`. With `value`, its field is corrected online first.
    """
    flag = _mine(context, data_dict)
    told, text = str(data_dict.get("state") or ""), str(data_dict.get("answer") or "").strip()
    if told not in {state.value for state in ALL_STATES} or not (text or told == "dropped"):
        raise _refused(Issue("TER-PUB-177"), "answer")
    if len(text) > MAX_TEXT:
        raise _refused(Issue("TER-PUB-172", found=str(len(text)), expected=str(MAX_TEXT)))
    if not flag.is_open:
        raise _refused(Issue("TER-PUB-176"))
    user: Any = model.User.get(context.get("user"))
    by_id = user.id if user else ""
    if data_dict.get("value") is not None and flag.field:
        told = _correct(flag, str(data_dict["value"]), user)
    is_shown = toolkit.asbool(data_dict.get("is_text_shown", False))
    if not store.set_answer(flag.id, Answer(FlagState(told), text, is_shown, by_id)):
        raise _refused(Issue("TER-PUB-176"))
    if flag.email and told != "dropped":
        answers.send_later()
    return flag_to_dict(store.load(flag.id) or flag)


def territoire_flag_reopen(context: Context, data_dict: Data) -> Data:
    """Take back the answer to the flag `id`: it waits again, and the answer is public no longer.

    What was corrected online stays so. What was dropped has no text left, and stays dropped.
    """
    flag = _mine(context, data_dict)
    if not store.reopen(flag.id):
        raise _refused(Issue("TER-PUB-188"))
    return flag_to_dict(store.load(flag.id) or flag)


def _mine(context: Context, data_dict: Data) -> Flag:
    flag = store.load(str(toolkit.get_or_bust(data_dict, "id")))
    if flag is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-175")))
    toolkit.check_access("territoire_flag_list", context, {"organization": flag.org_id})
    return flag


def _correct(flag: Flag, value: str, user: Any) -> str:
    """Correct the row online; answers what is to be said of the flag."""
    feed = deliveries.load_feed(flag.feed_id)
    if feed is None:
        raise _refused(Issue("TER-PUB-178"), "value")
    try:
        is_free = user is None or user.sysadmin
        way = Way.DEPOSIT if is_free else mandate.way_of(user.id, feed.org_id)
        by = By(user.id if user else "", way)
        done = correct_row(feed, Change(flag.row_key, flag.field, value), by)
    except Refused as fault:
        raise _refused(fault.issue, "value") from fault
    return "fixed" if done.state is State.LIVE else "answered"


def public_flag(flag: Flag) -> Data:
    """A flag as everybody sees it: what a reader wrote only where the commune shows it."""
    shown = {"proposed": flag.proposed, "remark": flag.remark} if flag.is_text_shown else {}
    return {
        "slug": flag.slug,
        "key": flag.row_key,
        "label": flag.label,
        "field": flag.field,
        "field_title": _title(flag),
        "kind": flag.kind.value,
        "state": flag.state.value,
        "organization_id": flag.org_id,
        "made_at": flag.made_at.isoformat(timespec="seconds"),
        "answered_at": flag.answered_at.isoformat(timespec="seconds") if flag.answered_at else None,
        "answer": flag.answer,
        "proposed": "",
        "remark": "",
    } | shown


def flag_to_dict(flag: Flag) -> Data:
    """A flag as those who answer see it."""
    owner = publishers.find(flag.org_id)
    return public_flag(flag) | {
        "id": flag.id,
        "organization_title": owner.title if owner else flag.org_id,
        "organization_name": owner.name if owner else flag.org_id,
        "schema_title": _theme(flag.slug),
        "found": flag.found,
        "proposed": flag.proposed,
        "remark": flag.remark,
        "is_text_shown": flag.is_text_shown,
        "wants_answer": bool(flag.email),
        "feed_id": flag.feed_id,
    }


def _theme(slug: str) -> str:
    return latest(slug).title if slug in slugs() else slug


def _title(flag: Flag) -> str:
    """The title of the column that is said to be wrong; `""` when it is the whole row."""
    fields = latest(flag.slug).fields if flag.slug in slugs() else ()
    return next((each.title for each in fields if each.name == flag.field), flag.field)


def _found(data_dict: Data) -> tuple[PublicTable, Row]:
    slug = str(toolkit.get_or_bust(data_dict, "schema"))
    key, number = str(data_dict.get("key") or ""), str(data_dict.get("_id") or "")
    table = public_tables().get(slug)
    row = None
    if table and key:
        row = read_row(table, key.replace("\0", ""))
    elif table and number.isascii() and number.isdigit() and len(number) < 10:
        row = read_numbered(table, int(number))
    if table is None or row is None:
        raise toolkit.ObjectNotFound(
            sentence(Issue("TER-PUB-170", slug[:80], (key or number)[:80]))
        )
    return table, row


def _owner(data_dict: Data) -> str:
    asked = data_dict.get("organization")
    owner = publishers.find(asked) if asked else None
    if asked and owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    return owner.id if owner else ""


def _refused(issue: Issue, field: str = "flag") -> toolkit.ValidationError:
    return toolkit.ValidationError({field: [sentence(issue)]})


def _may_answer(context: Context, data_dict: Data) -> AuthResult:
    is_one = officers.publishes_for(context.get("user") or "", data_dict.get("organization") or "")
    return {"success": is_one, "msg": "Réservé aux personnes qui publient ces données."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_row_show": territoire_row_show,
    "territoire_flag_create": territoire_flag_create,
    "territoire_flag_list": territoire_flag_list,
    "territoire_flag_answer": territoire_flag_answer,
    "territoire_flag_reopen": territoire_flag_reopen,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_row_show": everyone,
    "territoire_flag_create": somebody,
    "territoire_flag_list": _may_answer,
}
