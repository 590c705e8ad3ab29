"""Signatures as Standard Webhooks makes them, secrets that nobody stores, waits that grow."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from ckanext.territoire.webhooks.model import Kind, State, Webhook, Wish
from ckanext.territoire.webhooks.signature import (
    BOTH_FOR,
    headers_of,
    secret_of,
    secrets_at,
    to_text,
)
from ckanext.territoire.webhooks.timing import WAITS, wait_after

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def webhook(number: int = 1, rotated: datetime | None = None) -> Webhook:
    wish = Wish("https://exemple.fr/", Kind.ALL)
    return Webhook("a", "u", wish, State.ACTIVE, number, rotated, NOW)


def test_the_example_of_the_norm_is_signed_as_it_says() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    sent = datetime.fromtimestamp(1614265330, UTC)
    told = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret], sent)

    assert told["webhook-timestamp"] == "1614265330"
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_webhook_each_number_and_each_site_has_a_secret_of_its_own() -> None:
    made = {secret_of(*told) for told in (("a", 1, "s"), ("a", 2, "s"), ("b", 1, "s"),
                                          ("a", 1, "t"), ("a:1", 1, "s"))}  # fmt: skip
    assert len(made) == 5
    assert all(len(each) == 32 for each in made)
    assert base64.b64decode(to_text(secret_of("a", 1, "s")).removeprefix("whsec_")) in made


def test_the_former_secret_signs_for_a_while_after_a_rotation() -> None:
    turned = webhook(2, NOW)
    assert len(secrets_at(webhook(), "s", NOW)) == 1
    assert len(secrets_at(turned, "s", NOW + BOTH_FOR - timedelta(seconds=1))) == 2
    assert secrets_at(turned, "s", NOW + BOTH_FOR) == (secret_of("a", 2, "s"),)


def test_waits_grow_over_days_with_some_chance_and_end() -> None:
    for tries, wait in enumerate(WAITS, 1):
        assert wait_after(tries, 0) == wait * 0.8
        assert wait_after(tries, 1) == wait * 1.2
    assert wait_after(len(WAITS) + 1, 0.5) is None
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=4)


def test_what_an_address_asks_for_is_waited_for_up_to_a_day() -> None:
    assert wait_after(1, 0.5, 600) == timedelta(minutes=10)
    assert wait_after(1, 0.5, 10_000_000) == timedelta(days=1)
    assert wait_after(9, 0.5, 60) == WAITS[-1]
