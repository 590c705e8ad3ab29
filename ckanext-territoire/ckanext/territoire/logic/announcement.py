"""Actions on announced changes: everybody reads them, the officers who administer the EPCI make and
withdraw them; who publishes reads how many would be touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.api.announcements import to_dict
from ckanext.territoire.developers import announced, announcing, uses
from ckanext.territoire.developers.announced import API, Announced, Effect, What
from ckanext.territoire.developers.announced_words import subject_of
from ckanext.territoire.developers.announcing import Wanted
from ckanext.territoire.logic.who import everyone
from ckanext.territoire.notices.worker import look_later
from ckanext.territoire.territory import officers
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas.load import latest, slugs
from schemas.model import Schema

Data = dict[str, Any]
MAX_TEXT = 500
MIN_DAYS = 1  # what is announced for today warns nobody


@toolkit.side_effect_free
def territoire_announcement_list(context: Context, data_dict: Data) -> list[Data]:
    """List what is announced, with `id` (0 for what ships with the platform); the officers also
    read what was withdrawn (`is_withdrawn`)."""
    toolkit.check_access("territoire_announcement_list", context, data_dict)
    withdrawn = [each for each in announced.everything() if each.is_withdrawn]
    listed = [*announced.public(), *(withdrawn if _may_act(context) else [])]
    return [_own(each) for each in listed]


def territoire_announcement_create(context: Context, data_dict: Data) -> Data:
    """Announce that something `ends` or changes: `kind` (table, column, address), `effect` (end,
    change), `table` (slug), `column`, `address` (a path of the API), `at` (a day: the last one of
    what ends), `becomes` (what to use instead), `why`. Owners of keys that use it are told."""
    toolkit.check_access("territoire_announcement_create", context, data_dict)
    user: Any = model.User.get(context.get("user"))
    today = datetime.now(UTC).date()
    what, effect = _choice(data_dict, "kind", What), _choice(data_dict, "effect", Effect)
    slug, column, address = _subject(what, data_dict)
    texts = (_text(data_dict, "becomes"), _text(data_dict, "why"))
    wanted = Wanted(
        what, effect, slug, column, address, _day(data_dict.get("at"), today), *texts,
        user.id if user else "",
    )  # fmt: skip
    made = announcing.announce(wanted, today)
    if made is None:
        same = Announced(0, what, effect, slug, column, address, today, today)
        raise _refused(Issue("TER-API-225", found=subject_of(same)), "kind")
    look_later()
    return _own(made) | {"keys": keys_of(made)}


def territoire_announcement_withdraw(context: Context, data_dict: Data) -> Data:
    """Take the announcement `id` back: nothing goes, and nobody more is told."""
    toolkit.check_access("territoire_announcement_withdraw", context, data_dict)
    asked = str(toolkit.get_or_bust(data_dict, "id"))
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 12
    done = announcing.withdraw(int(asked)) if is_number else None
    if done is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-226", found=asked[:40])))
    return _own(done)


@toolkit.side_effect_free
def territoire_column_use_show(context: Context, data_dict: Data) -> Data:
    """Show who would be touched by a change of the table `id` (slug), in numbers: of each column
    how many `keys` name it, in how many `calls`, and the calls without key (`others`); `whole` are
    those that take the rows without naming a column."""
    toolkit.check_access("territoire_column_use_show", context, data_dict)
    schema = _schema(str(toolkit.get_or_bust(data_dict, "id")), "id")
    told = uses.use_of_table(schema.slug)
    columns = [asdict(told.of(each.name)) | {"title": each.title} for each in schema.fields]
    return {"id": schema.slug, "title": schema.title, "days": told.days, "columns": columns,
            "whole": asdict(told.whole)}  # fmt: skip


def keys_of(each: Announced) -> int:
    """Count the keys that an announcement concerns, as far as is known."""
    slug = each.slug or announced.slug_of(each.address)
    return uses.keys_using(slug, each.column) if slug else 0


def _own(each: Announced) -> Data:
    return to_dict(each) | {"id": each.id, "is_withdrawn": each.is_withdrawn}


def _subject(what: What, data_dict: Data) -> tuple[str, str, str]:
    """Read what is announced: a table, one of its columns, or an address of the API."""
    if what is What.ADDRESS:
        return "", "", _address(str(data_dict.get("address") or ""))
    schema = _schema(str(data_dict.get("table") or ""), "table")
    if what is What.TABLE:
        return schema.slug, "", ""
    names = [each.name for each in schema.fields if each.name not in schema.key]
    column = str(data_dict.get("column") or "").strip()
    if column not in names:
        why = "ce n’est pas une colonne du modèle, ou c’est son identifiant"
        raise _refused(Issue("TER-API-220", why, column[:60], ", ".join(names)), "column")
    return schema.slug, column, ""


def _address(text: str) -> str:
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    path = text.strip().removeprefix(site).rstrip("/")
    is_plain = path.isascii() and path.isprintable() and not set(path) & set("?#%\\ <>\"'")
    if not path.startswith(API) or path == f"{API}tables" or not is_plain or len(path) > MAX_TEXT:
        raise _refused(Issue("TER-API-224", found=text.strip()[:80]), "address")
    return path


def _schema(slug: str, field: str) -> Schema:
    if slug not in slugs():
        issue = Issue("TER-API-220", "aucun modèle n’a ce nom", slug[:60], ", ".join(slugs()))
        raise _refused(issue, field)
    return latest(slug)


def _choice(data_dict: Data, field: str, choices: Any) -> Any:
    told = str(data_dict.get(field) or "")
    accepted = {each.value: each for each in choices}
    if told not in accepted:
        issue = Issue("TER-API-220", "ce choix n’existe pas", told[:40], ", ".join(accepted))
        raise _refused(issue, field)
    return accepted[told]


def _day(value: object, today: date) -> date:
    text = str(value or "").strip()
    first = today + timedelta(days=MIN_DAYS)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = today
    if found < first:
        raise _refused(Issue("TER-API-223", found=text[:40], expected=first.isoformat()), "at")
    return found


def _text(data_dict: Data, field: str) -> str:
    text = " ".join(str(data_dict.get(field) or "").split())
    label = {"becomes": "À la place", "why": "Pourquoi"}[field]
    if len(text) > MAX_TEXT or (field == "why" and not text):
        raise _refused(Issue("TER-API-229", where=label, expected=str(MAX_TEXT)), field)
    return text


def _refused(issue: Issue, field: str) -> toolkit.ValidationError:
    return toolkit.ValidationError({field: [sentence(issue)]})


def _may_act(context: Context) -> bool:
    return officers.may_act(str(context.get("user") or ""))


def _officer(context: Context, data_dict: Data) -> AuthResult:
    told = "Réservé aux personnes qui administrent l’intercommunalité."
    return {"success": _may_act(context), "msg": told}


def _publisher(context: Context, data_dict: Data) -> AuthResult:
    user = str(context.get("user") or "")
    told = "Réservé aux personnes qui publient des données."
    is_one = bool(user) and authz.has_user_permission_for_some_org(user, "create_dataset")
    return {"success": bool(is_one), "msg": told}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_announcement_list": territoire_announcement_list,
    "territoire_announcement_create": territoire_announcement_create,
    "territoire_announcement_withdraw": territoire_announcement_withdraw,
    "territoire_column_use_show": territoire_column_use_show,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_announcement_list": everyone,
    "territoire_announcement_create": _officer,
    "territoire_announcement_withdraw": _officer,
    "territoire_column_use_show": _publisher,
}
