"""Send what is due: each webhook in order, all side by side, a slow address delaying none.

The process that works reads and writes the database; threads only send (as `index_courier`). A
message is noted before it leaves and its webhook moves after it was accepted: killed at any point,
the same message leaves again under the same `webhook-id`. What it tells is read when it is sent.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import random
from urllib.parse import urlsplit

import orjson
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config
from ckanext.territoire.webhooks import store, streams
from ckanext.territoire.webhooks.model import Attempt, Message, Page, State, Webhook
from ckanext.territoire.webhooks.signature import headers_of, secrets_at
from ckanext.territoire.webhooks.timing import wait_after
from harvesters.fetch import Fetcher, Limits, Posted, Posting
from harvesters.fetch.faults import seconds_asked
from harvesters.model import Issue

AT_ONCE, AT_ONE_HOST = 16, 2
BATCH = 500  # changes of one message
MAX_BODY_BYTES = 1_000_000
LIMITS = Limits(connect_s=5, read_s=10, total_s=15, tries=1)
GONE = 410
STOPPED, GIVEN_UP = "TER-API-242", "TER-API-243"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one try."""

    at: datetime
    duration_ms: int
    answer: Posted | Issue


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that leaves now, and what it tells."""

    webhook: Webhook
    message: Message
    page: Page
    posting: Posting


@dataclass(slots=True)
class Round:
    """Where all webhooks stand while a round of sending lasts; `over_at` ends it."""

    heads: dict[str, str]
    places: dict[str, dict[str, str]]
    pending: dict[str, list[Message]]
    over_at: float
    chance: Callable[[], float] = random
    fetchers: dict[str, Fetcher] = field(default_factory=dict)
    accepted: int = 0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.over_at


def deliver(for_s: float, chance: Callable[[], float] = random) -> int:
    """Send what is due, for about so many seconds; answer how many messages were accepted."""
    served = store.to_serve()
    if not served:
        return 0
    ids = [each.id for each in served]
    known = Round(streams.heads(), store.places(ids), store.pending(ids),
                  time.monotonic() + for_s, chance)  # fmt: skip
    try:
        _send_all(known, deque(sorted(served, key=lambda each: _is_failing(known, each))))
    finally:
        for fetcher in known.fetchers.values():
            fetcher.close()
    return known.accepted


def _is_failing(known: Round, webhook: Webhook) -> bool:
    return any(each.tries for each in known.pending[webhook.id])


def _send_all(known: Round, waiting: deque[Webhook]) -> None:
    under_way: dict[Future[Sent], Outgoing] = {}
    with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
        while True:
            while len(under_way) < AT_ONCE and not known.is_over:
                webhook = _next(waiting, under_way)
                if webhook is None:
                    break
                outgoing = _prepare(known, webhook)
                if outgoing:
                    fetcher = known.fetchers.setdefault(webhook.id, way_out())
                    under_way[pool.submit(send, fetcher, outgoing.posting)] = outgoing
            model.Session.rollback()  # no transaction waits for an address
            if not under_way:
                return
            for each in wait(under_way, return_when=FIRST_COMPLETED).done:
                outgoing = under_way.pop(each)
                if _settle(known, outgoing, each.result()):
                    waiting.append(outgoing.webhook)


def _next(waiting: deque[Webhook], under_way: dict[Future[Sent], Outgoing]) -> Webhook | None:
    """Take the next webhook whose server has a place left."""
    busy = Counter(_host(each.webhook) for each in under_way.values())
    for webhook in waiting:
        if busy[_host(webhook)] < AT_ONE_HOST:
            waiting.remove(webhook)
            return webhook
    return None


def _host(webhook: Webhook) -> str:
    return urlsplit(webhook.wish.url).netloc.lower()


def way_out() -> Fetcher:
    """The way out of one webhook, its connection kept between messages."""
    return Fetcher(config.allowed_private_hosts(), LIMITS, config.user_agent())


def send(fetcher: Fetcher, posting: Posting) -> Sent:
    """Try once."""
    at, began = datetime.now(UTC), time.monotonic()
    answer = fetcher.post(posting)
    return Sent(at, round((time.monotonic() - began) * 1000), answer)


def _prepare(known: Round, webhook: Webhook) -> Outgoing | None:
    """Find what a webhook is to be told now; cursors of which nothing is to be told move on."""
    now = datetime.now(UTC)
    mine = known.pending[webhook.id]
    due = next((each for each in mine if each.due_at <= now), None)
    if due:
        mine.remove(due)
        page = _read(webhook, due.stream, due.since)
        if page.changes:
            return _outgoing(webhook, due, page)
        store.delivered(due, page.until, 0, None)
        if not due.is_again:
            known.places[webhook.id][due.stream] = page.until
    if any(not each.is_again for each in mine):
        return None  # what comes next waits for what was not accepted
    for stream, head in known.heads.items():
        if webhook.wish.follows(stream):
            page = _advance(known, webhook, stream, head)
            if page:
                since = known.places[webhook.id].get(stream, "0")
                return _outgoing(webhook, store.add_message(webhook.id, stream, since), page)
    return None


def _advance(known: Round, webhook: Webhook, stream: str, head: str) -> Page | None:
    """The next page of a stream with something to tell; a table that is new is told whole."""
    places = known.places[webhook.id]
    while places.get(stream, "0") != head and not known.is_over:
        page = _read(webhook, stream, places.get(stream, "0"))
        if page.changes:
            return page
        store.move(webhook.id, {stream: page.until})
        model.Session.commit()
        places[stream] = page.until
        if not page.has_more:
            return None
    return None


def _read(webhook: Webhook, stream: str, since: str) -> Page:
    """Read a page, smaller when its changes are heavy."""
    limit = BATCH
    while True:
        page = streams.read_page(webhook.wish, stream, since, limit)
        size = len(orjson.dumps(page.data))
        if size <= MAX_BODY_BYTES or limit == 1:
            return page
        limit = max(min(limit, page.changes) * MAX_BODY_BYTES // (2 * size), 1)


def _outgoing(webhook: Webhook, message: Message, page: Page) -> Outgoing:
    return Outgoing(webhook, message, page, to_posting(webhook, message.id, page.type, page.data))


def to_posting(webhook: Webhook, message_id: str, event: str, data: object) -> Posting:
    """Write and sign a message that leaves now."""
    now = datetime.now(UTC)
    moment = now.isoformat(timespec="milliseconds")
    body = orjson.dumps({"type": event, "timestamp": moment, "data": data})
    secrets = secrets_at(webhook, str(toolkit.config["SECRET_KEY"]), now)
    return Posting(webhook.wish.url, body, headers_of(message_id, body, secrets, now))


def _settle(known: Round, outgoing: Outgoing, sent: Sent) -> bool:
    """Note what became of a message; answer whether its webhook goes on in this round."""
    message, page, answer = outgoing.message, outgoing.page, sent.answer
    is_answer = isinstance(answer, Posted)
    status = answer.status if isinstance(answer, Posted) else None
    code = "" if isinstance(answer, Posted) else answer.code
    attempt = Attempt(message.id, sent.at, status, sent.duration_ms, code)
    if is_answer and status is not None and 200 <= status < 300:
        store.delivered(message, page.until, page.changes, attempt)
        if not message.is_again:
            known.places[message.webhook_id][message.stream] = page.until
        known.accepted += 1
        return True
    asked_s = _asked_s(answer, sent.at)
    wait_for = None if status == GONE else wait_after(message.tries + 1, known.chance(), asked_s)
    store.failed(message, attempt, wait_for)
    if status == GONE:
        store.set_state(message.webhook_id, State.STOPPED, STOPPED)
    elif wait_for is None and not message.is_again:
        store.set_state(message.webhook_id, State.PAUSED, GIVEN_UP)
    return False


def _asked_s(answer: Posted | Issue, now: datetime) -> float:
    is_answer = isinstance(answer, Posted)
    return seconds_asked(answer.headers.get("retry-after", ""), now) if is_answer else 0
