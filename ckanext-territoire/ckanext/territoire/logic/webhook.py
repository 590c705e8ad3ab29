"""Actions on webhooks: subscribe an address to changes, verify it, read what was sent, stop.

Each account has its own, and sees no other's. Nothing is sent before the address was verified.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import config
from ckanext.territoire.links.throttle import wait_s
from ckanext.territoire.webhooks import store, streams
from ckanext.territoire.webhooks.challenge import challenge
from ckanext.territoire.webhooks.model import MAX_EACH, Attempt, Kind, Message, State, Webhook, Wish
from ckanext.territoire.webhooks.signature import BOTH_FOR, secret_of, to_text
from ckanext.territoire.webhooks.subject import check_subject, title_of
from harvesters.errors import Refused, sentence
from harvesters.fetch.post import fault_of_posting
from harvesters.model import Issue

Data = dict[str, Any]
BY_HAND, HOUR_S = 30, 3600  # sendings that an account asks for, an hour
LOG_LINES = 50
READY = (State.WAITING, State.PAUSED, State.STOPPED)


def territoire_webhook_create(context: Context, data_dict: Data) -> Data:
    """Subscribe an https `url` to changes: `kind` is `all`, `table` (with its name in `subject`),
    `dataset` (its id or name) or `commune` (its INSEE code). Answers the webhook with its `secret`,
    which is not shown again. It waits for `territoire_webhook_verify`."""
    toolkit.check_access("territoire_webhook_create", context, data_dict)
    user_id = _user_id(context)
    wish = _wish(data_dict)
    if len(store.of_user(user_id)) >= MAX_EACH:
        raise _refusal("url", Issue("TER-API-238", expected=str(MAX_EACH)))
    made = store.make(user_id, wish)
    return webhook_to_dict(made) | {"secret": _secret(made)}


@toolkit.side_effect_free
def territoire_webhook_list(context: Context, data_dict: Data) -> list[Data]:
    """List the webhooks of the caller, the newest first."""
    toolkit.check_access("territoire_webhook_list", context, data_dict)
    return [webhook_to_dict(each) for each in store.of_user(_user_id(context))]


@toolkit.side_effect_free
def territoire_webhook_show(context: Context, data_dict: Data) -> Data:
    """Show the webhook `id`, with its last messages and what was answered to each try."""
    webhook = _mine("territoire_webhook_show", context, data_dict)
    lines = store.journal(webhook.id, LOG_LINES)
    return webhook_to_dict(webhook) | {
        "messages": [message_to_dict(message, tries) for message, tries in lines],
        "log_days": config.webhook_log_days(),
    }


def territoire_webhook_verify(context: Context, data_dict: Data) -> Data:
    """Ask the address of the webhook `id` whether it wants to be told; once it has sent the word
    back, all that changes from now on is told. One that was stopped goes on where it stood."""
    webhook = _mine("territoire_webhook_verify", context, data_dict)
    _check_state(webhook, READY)
    _slow_down(webhook)
    issue = challenge(webhook)
    if issue:
        raise _refusal("url", issue)
    if not webhook.verified_at:
        heads = streams.heads()
        store.begin(webhook.id, {s: at for s, at in heads.items() if webhook.wish.follows(s)})
    return _serve(webhook)


def territoire_webhook_pause(context: Context, data_dict: Data) -> Data:
    """Send nothing more to the address of the webhook `id`, until it is resumed."""
    webhook = _mine("territoire_webhook_pause", context, data_dict)
    _check_state(webhook, (State.ACTIVE,))
    store.set_state(webhook.id, State.PAUSED)
    return _shown(webhook.id)


def territoire_webhook_resume(context: Context, data_dict: Data) -> Data:
    """Go on where the webhook `id` stood when it was paused."""
    webhook = _mine("territoire_webhook_resume", context, data_dict)
    _check_state(webhook, (State.PAUSED,))
    if not webhook.verified_at:
        raise _refusal("id", Issue("TER-API-241", found=webhook.state.value))
    return _serve(webhook)


def territoire_webhook_rotate(context: Context, data_dict: Data) -> Data:
    """Make a new secret for the webhook `id`, and answer it once; messages are signed with the
    former one too for two days."""
    webhook = _mine("territoire_webhook_rotate", context, data_dict)
    store.rotate(webhook.id)
    made = store.load(webhook.id)
    assert made is not None
    return webhook_to_dict(made) | {"secret": _secret(made)}


def territoire_webhook_resend(context: Context, data_dict: Data) -> Data:
    """Send again the `message` of the webhook `id`: what it told then, as it stands now."""
    webhook = _mine("territoire_webhook_resend", context, data_dict)
    _check_state(webhook, (State.ACTIVE,))
    message = store.load_message(str(toolkit.get_or_bust(data_dict, "message")))
    if message is None or message.webhook_id != webhook.id:
        raise toolkit.ObjectNotFound("Cet envoi n’existe pas ou plus.")
    _slow_down(webhook)
    if message.state.value == "pending":
        store.retry_now(webhook.id, message.id)
    else:
        store.add_message(webhook.id, message.stream, message.since, is_again=True)
    return _shown(webhook.id)


def territoire_webhook_delete(context: Context, data_dict: Data) -> Data:
    """Forget the webhook `id`, and all that was sent."""
    webhook = _mine("territoire_webhook_delete", context, data_dict)
    store.drop(webhook.id)
    return {"id": webhook.id}


def webhook_to_dict(webhook: Webhook) -> Data:
    """A webhook as the API shows it; `why` says what paused or stopped it."""
    rotated = webhook.rotated_at
    return {
        "id": webhook.id,
        "url": webhook.wish.url,
        "kind": webhook.wish.kind.value,
        "subject": webhook.wish.subject,
        "title": title_of(webhook.wish),
        "state": webhook.state.value,
        "made_at": _moment(webhook.made_at),
        "verified_at": _moment(webhook.verified_at),
        "ended_at": _moment(webhook.ended_at),
        "both_until": _moment(rotated + BOTH_FOR) if rotated else None,
        "why": sentence(Issue(webhook.why)) if webhook.why else "",
    }


def message_to_dict(message: Message, attempts: list[Attempt]) -> Data:
    """A message as the API shows it, its tries from the last to the first."""
    is_due = message.state.value == "pending"
    return {
        "id": message.id,
        "stream": message.stream,
        "since": message.since,
        "until": message.until,
        "changes": message.changes,
        "state": message.state.value,
        "is_again": message.is_again,
        "made_at": _moment(message.made_at),
        "due_at": _moment(message.due_at) if is_due else None,
        "attempts": [
            {
                "at": _moment(each.at),
                "status": each.status,
                "duration_ms": each.duration_ms,
                "code": each.code,
            }
            for each in attempts
        ],
    }


def _serve(webhook: Webhook) -> Data:
    store.set_state(webhook.id, State.ACTIVE)
    store.retry_now(webhook.id)
    return _shown(webhook.id)


def _shown(webhook_id: str) -> Data:
    found = store.load(webhook_id)
    assert found is not None
    return webhook_to_dict(found)


def _mine(action: str, context: Context, data_dict: Data) -> Webhook:
    """The webhook that is asked for; another account's is as absent."""
    toolkit.check_access(action, context, data_dict)
    asked = str(toolkit.get_or_bust(data_dict, "id"))
    found = store.load(asked)
    if found is None or found.user_id != _user_id(context):
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-237", found=asked[:80])))
    return found


def _wish(data_dict: Data) -> Wish:
    url = str(toolkit.get_or_bust(data_dict, "url")).strip()
    refusal = fault_of_posting(url, config.allowed_private_hosts())
    if refusal:
        raise _refusal("url", refusal)
    told, names = str(data_dict.get("kind") or "all"), [kind.value for kind in Kind]
    if told not in names:
        raise _refusal("kind", Issue("TER-API-235", found=told[:80], expected=", ".join(names)))
    try:
        return check_subject(Wish(url[:2000], Kind(told), str(data_dict.get("subject") or "")))
    except Refused as fault:
        raise _refusal("subject", fault.issue) from fault


def _check_state(webhook: Webhook, states: tuple[State, ...]) -> None:
    if webhook.state not in states:
        raise _refusal("id", Issue("TER-API-241", found=webhook.state.value))


def _slow_down(webhook: Webhook) -> None:
    """Nobody makes this site send to an address as often as they like."""
    left_s = wait_s((f"webhook:{webhook.user_id}",), time.time(), BY_HAND, HOUR_S)
    if left_s:
        raise _refusal("id", Issue("TER-API-239", expected=str(-(-left_s // 60))))


def _refusal(name: str, issue: Issue) -> toolkit.ValidationError:
    return toolkit.ValidationError({name: [sentence(issue)]})


def _secret(webhook: Webhook) -> str:
    site = str(toolkit.config["SECRET_KEY"])
    return to_text(secret_of(webhook.id, webhook.secret_number, site))


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None


def _user_id(context: Context) -> str:
    user: Any = model.User.get(context.get("user"))
    return str(user.id) if user else ""


def _logged_in(context: Context, data_dict: Data) -> AuthResult:
    return {"success": bool(_user_id(context)), "msg": "Connectez-vous pour abonner une adresse."}


ACTIONS: dict[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (
        territoire_webhook_create,
        territoire_webhook_list,
        territoire_webhook_show,
        territoire_webhook_verify,
        territoire_webhook_pause,
        territoire_webhook_resume,
        territoire_webhook_rotate,
        territoire_webhook_resend,
        territoire_webhook_delete,
    )
}
AUTH: dict[str, Callable[..., Any]] = dict.fromkeys(ACTIONS, _logged_in)
