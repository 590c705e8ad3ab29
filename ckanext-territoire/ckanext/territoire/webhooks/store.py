"""Who is told, where each stands, what was sent. Times are UTC, kept without a zone."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.webhooks.model import (
    Attempt,
    Fate,
    Kind,
    Message,
    State,
    Webhook,
    Wish,
)

OF = """
    SELECT w.id, w.user_id, w.url, w.kind, w.subject, w.state, w.secret_number, w.rotated_at,
           w.made_at, w.verified_at, w.ended_at, w.why FROM territoire_webhook w
"""
MESSAGE = "id, webhook_id, stream, since, until, changes, state, tries, is_again, made_at, due_at"
LIVE = f"""{OF} JOIN "user" u ON u.id = w.user_id AND u.state = 'active' WHERE w.state = 'active'"""


def make(user_id: str, wish: Wish) -> Webhook:
    """Keep a new webhook, that waits for its address to be verified. Commits."""
    webhook_id = uuid.uuid4().hex
    values = {"id": webhook_id, "user": user_id, "url": wish.url, "kind": wish.kind.value,
              "subject": wish.subject}  # fmt: skip
    _write("""INSERT INTO territoire_webhook (id, user_id, url, kind, subject, state)
              VALUES (:id, :user, :url, :kind, :subject, 'waiting')""", values)  # fmt: skip
    made = load(webhook_id)
    assert made is not None
    return made


def load(webhook_id: str) -> Webhook | None:
    """Read one webhook."""
    return next(iter(_read(f"{OF} WHERE w.id = :id", {"id": webhook_id})), None)


def of_user(user_id: str) -> list[Webhook]:
    """Read the webhooks of an account, the newest first."""
    return _read(f"{OF} WHERE w.user_id = :user ORDER BY w.made_at DESC, w.id", {"user": user_id})


def is_any() -> bool:
    """Say whether anybody has subscribed an address."""
    query = text("SELECT EXISTS (SELECT 1 FROM territoire_webhook)")
    return bool(model.Session.execute(query).scalar())


def to_serve() -> list[Webhook]:
    """Read the webhooks that are told of changes; those of a closed account are not."""
    return _read(f"{LIVE} ORDER BY w.made_at, w.id", {})


def untold() -> list[Webhook]:
    """Read those that were paused by failures, and whose owner was not told."""
    where = "w.state IN ('paused', 'stopped') AND w.why <> '' AND w.told_at IS NULL"
    return _read(f"{OF} WHERE {where} ORDER BY w.ended_at", {})


def set_told(webhook_id: str) -> None:
    """Note that its owner was told. Commits."""
    _write("UPDATE territoire_webhook SET told_at = timezone('utc', now()) WHERE id = :id",
           {"id": webhook_id})  # fmt: skip


def set_state(webhook_id: str, state: State, why: str = "") -> None:
    """Pause, stop or serve again. Commits."""
    _write("""UPDATE territoire_webhook SET state = :state, why = :why, told_at = NULL,
                     ended_at = CASE WHEN :state = 'active' THEN NULL
                                     ELSE timezone('utc', now()) END,
                     verified_at = CASE WHEN :state = 'active'
                                   THEN coalesce(verified_at, timezone('utc', now()))
                                   ELSE verified_at END
               WHERE id = :id""", {"id": webhook_id, "state": state.value, "why": why})  # fmt: skip


def rotate(webhook_id: str) -> None:
    """Make the next secret. Commits."""
    _write("""UPDATE territoire_webhook SET secret_number = secret_number + 1,
                     rotated_at = timezone('utc', now()) WHERE id = :id""",
           {"id": webhook_id})  # fmt: skip


def drop(webhook_id: str) -> None:
    """Forget a webhook and all that was sent. Commits."""
    _write("DELETE FROM territoire_webhook WHERE id = :id", {"id": webhook_id})


def begin(webhook_id: str, cursors: Mapping[str, str]) -> None:
    """Let a webhook stand at these cursors, but where it stands already. Commits."""
    query = """INSERT INTO territoire_webhook_stream (webhook_id, stream, cursor)
               VALUES (:id, :stream, :cursor) ON CONFLICT DO NOTHING"""
    rows = [{"id": webhook_id, "stream": name, "cursor": at} for name, at in cursors.items()]
    if rows:
        model.Session.execute(text(query), rows)
    model.Session.commit()


def places(webhook_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Read where each webhook stands in each stream."""
    query = """SELECT webhook_id, stream, cursor FROM territoire_webhook_stream
                WHERE webhook_id = ANY(:ids)"""
    found: dict[str, dict[str, str]] = {each: {} for each in webhook_ids}
    for row in model.Session.execute(text(query), {"ids": list(webhook_ids)}):
        found[row.webhook_id][row.stream] = row.cursor
    return found


def move(webhook_id: str, cursors: Mapping[str, str]) -> None:
    """Let a webhook stand at these cursors: nothing was to be told before them."""
    query = """INSERT INTO territoire_webhook_stream (webhook_id, stream, cursor)
               VALUES (:id, :stream, :cursor)
               ON CONFLICT (webhook_id, stream) DO UPDATE SET cursor = excluded.cursor"""
    rows = [{"id": webhook_id, "stream": name, "cursor": at} for name, at in cursors.items()]
    if rows:
        model.Session.execute(text(query), rows)


def pending(webhook_ids: Collection[str]) -> dict[str, list[Message]]:
    """Read the messages that wait, the soonest first, those that move a cursor before others."""
    query = f"""SELECT {MESSAGE} FROM territoire_webhook_message
                 WHERE state = 'pending' AND webhook_id = ANY(:ids)
                 ORDER BY due_at, is_again, made_at"""
    found: dict[str, list[Message]] = {each: [] for each in webhook_ids}
    for row in model.Session.execute(text(query), {"ids": list(webhook_ids)}):
        found[row.webhook_id].append(_message(row))
    return found


def add_message(webhook_id: str, stream: str, since: str, is_again: bool = False) -> Message:
    """Note a message before it is sent. Commits."""
    values = {"id": f"msg_{uuid.uuid4().hex}", "webhook": webhook_id, "stream": stream,
              "since": since, "again": is_again}  # fmt: skip
    query = f"""INSERT INTO territoire_webhook_message
                       (id, webhook_id, stream, since, state, is_again)
                VALUES (:id, :webhook, :stream, :since, 'pending', :again) RETURNING {MESSAGE}"""
    made = _message(model.Session.execute(text(query), values).one())
    model.Session.commit()
    return made


def load_message(message_id: str) -> Message | None:
    """Read one message."""
    query = text(f"SELECT {MESSAGE} FROM territoire_webhook_message WHERE id = :id")
    row = model.Session.execute(query, {"id": message_id}).one_or_none()
    return _message(row) if row else None


def delivered(message: Message, until: str, changes: int, attempt: Attempt | None) -> None:
    """Note in one transaction that a message was accepted, or that it had nothing to tell any more,
    and where its webhook now stands. Commits."""
    if attempt:
        _note(attempt)
    tried = int(attempt is not None)
    values = {"id": message.id, "until": until, "changes": changes, "tried": tried}
    query = """UPDATE territoire_webhook_message SET state = 'delivered', until = :until,
                      tries = tries + :tried, changes = :changes WHERE id = :id"""
    model.Session.execute(text(query), values)
    if not message.is_again:
        move(message.webhook_id, {message.stream: until})
    model.Session.commit()


def failed(message: Message, attempt: Attempt, wait: timedelta | None) -> None:
    """Note that a message was not accepted, and when it is tried again (`None`: no more by itself).
    Commits."""
    _note(attempt)
    due = attempt.at + wait if wait else attempt.at
    state = Fate.DROPPED if message.is_again and wait is None else Fate.PENDING
    values = {"id": message.id, "due": _naive(due), "state": state.value}
    model.Session.execute(text("""UPDATE territoire_webhook_message SET tries = tries + 1,
        due_at = :due, state = :state WHERE id = :id"""), values)  # fmt: skip
    model.Session.commit()


def retry_now(webhook_id: str, message_id: str = "") -> None:
    """Try again at once what waits, from the first of its waits. Commits."""
    only = "AND id = :message" if message_id else ""
    values = {"id": webhook_id} | ({"message": message_id} if message_id else {})
    _write(f"""UPDATE territoire_webhook_message SET tries = 0, due_at = timezone('utc', now())
                WHERE webhook_id = :id AND state = 'pending' {only}""", values)  # fmt: skip


def journal(webhook_id: str, limit: int) -> list[tuple[Message, list[Attempt]]]:
    """Read the last messages of a webhook, the newest first, each with its attempts."""
    query = text(f"""SELECT {MESSAGE} FROM territoire_webhook_message WHERE webhook_id = :id
                      ORDER BY made_at DESC, id LIMIT :limit""")
    rows = model.Session.execute(query, {"id": webhook_id, "limit": limit})
    messages = [_message(row) for row in rows]
    attempts = text("""SELECT message_id, at, status, duration_ms, code
                         FROM territoire_webhook_attempt WHERE message_id = ANY(:ids)
                        ORDER BY at DESC""")
    found: dict[str, list[Attempt]] = {each.id: [] for each in messages}
    for row in model.Session.execute(attempts, {"ids": list(found)}):
        values = dict(row._mapping) | {"at": row.at.replace(tzinfo=UTC)}
        found[row.message_id].append(Attempt(**values))
    return [(each, found[each.id]) for each in messages]


def forget_old(days: int) -> None:
    """Forget what was sent so long ago, and the webhooks of accounts that are closed. Commits."""
    _write("""DELETE FROM territoire_webhook_message WHERE state <> 'pending'
                 AND made_at < timezone('utc', now()) - make_interval(days => :days)""",
           {"days": days})  # fmt: skip
    _write("""DELETE FROM territoire_webhook w USING "user" u
               WHERE u.id = w.user_id AND u.state = 'deleted'""", {})  # fmt: skip


def _note(attempt: Attempt) -> None:
    values = {"id": attempt.message_id, "at": _naive(attempt.at), "status": attempt.status,
              "ms": attempt.duration_ms, "code": attempt.code}  # fmt: skip
    model.Session.execute(text("""INSERT INTO territoire_webhook_attempt
        (message_id, at, status, duration_ms, code) VALUES (:id, :at, :status, :ms, :code)"""),
        values)  # fmt: skip


def _write(query: str, values: Mapping[str, Any]) -> None:
    model.Session.execute(text(query), dict(values))
    model.Session.commit()


def _read(query: str, values: Mapping[str, Any]) -> list[Webhook]:
    rows: Sequence[Any] = model.Session.execute(text(query), dict(values)).all()
    return [_webhook(row) for row in rows]


def _webhook(row: Any) -> Webhook:
    wish = Wish(row.url, Kind(row.kind), row.subject)
    times = (_aware(row.verified_at), _aware(row.ended_at))
    rotated = _aware(row.rotated_at)
    made = row.made_at.replace(tzinfo=UTC)
    return Webhook(row.id, row.user_id, wish, State(row.state), row.secret_number, rotated, made,
                   *times, row.why)  # fmt: skip


def _message(row: Any) -> Message:
    values = dict(row._mapping)
    times = {name: values[name].replace(tzinfo=UTC) for name in ("made_at", "due_at")}
    return Message(**(values | times | {"state": Fate(values["state"])}))


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
