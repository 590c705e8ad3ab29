"""The action that reads the journal: the officers of the EPCI read all of it, the administrators
of an organisation what concerns it, anybody their own acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.audit import read
from ckanext.territoire.audit.acts import say
from ckanext.territoire.publishers import publishers
from ckanext.territoire.territory import officers

Data = dict[str, Any]
MAX_LINES = 1000


@toolkit.side_effect_free
def territoire_journal_list(context: Context, data_dict: Data) -> list[Data]:
    """List who did what, newest first: `mine` (only the caller's acts), `before` (the `id` of a
    line: those older than it), `limit` (100, at most 1,000)."""
    toolkit.check_access("territoire_journal_list", context, data_dict)
    user = str(context.get("user") or "")
    is_mine = toolkit.asbool(data_dict.get("mine") or False)
    account = model.User.get(user) if is_mine else None
    wanted = read.Wanted(
        orgs=None if is_mine or officers.is_officer(user) else tuple(_administered(user)),
        user_id=(account.id if account else "") if is_mine else None,
        before=_whole(data_dict.get("before")),
        limit=min(max(_whole(data_dict.get("limit")) or read.PAGE, 1), MAX_LINES),
    )
    return [to_dict(line) for line in read.read_lines(wanted)]


def to_dict(line: read.Line) -> Data:
    """A line of the journal as the API shows it."""
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "person": line.person,
        "user": line.user_name,
        "action": line.action,
        "says": say(line.action),
        "subject": line.subject,
        "title": line.title,
        "organization": line.organization,
    }


def _administered(user: str) -> list[str]:
    return [
        each.id
        for each in publishers().values()
        if authz.has_user_permission_for_group_or_org(each.id, user, "admin")
    ]


def _whole(value: object) -> int | None:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _journal_list(context: Context, data_dict: Data) -> AuthResult:
    user = str(context.get("user") or "")
    is_mine = toolkit.asbool(data_dict.get("mine") or False)
    may = bool(user) and (is_mine or officers.is_officer(user) or bool(_administered(user)))
    return {"success": may, "msg": "Le journal est réservé à ceux qui administrent."}


ACTIONS: dict[str, Callable[..., Any]] = {"territoire_journal_list": territoire_journal_list}
AUTH: dict[str, Callable[..., Any]] = {"territoire_journal_list": _journal_list}
