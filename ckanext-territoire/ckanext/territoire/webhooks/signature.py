"""The signature of a message, and the secret that makes it. Pure.

Source: Standard Webhooks 1.0.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`). A secret
is derived from that of the site, the id of the webhook and a number: it is stored nowhere, a copy
of the database does not hold it, and the next number is the next secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ckanext.territoire.webhooks.model import Webhook

PREFIX = "whsec_"
BOTH_FOR = timedelta(days=2)  # after a rotation the former secret still signs


def secret_of(webhook_id: str, number: int, site_secret: str) -> bytes:
    """Answer the 32 bytes of a secret."""
    told = f"territoire.webhook:{webhook_id}:{number}".encode()
    return hmac.new(site_secret.encode(), told, hashlib.sha256).digest()


def to_text(secret: bytes) -> str:
    """Write a secret as Standard Webhooks does.

    >>> to_text(b"0" * 24)
    'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw'
    """
    return PREFIX + base64.b64encode(secret).decode()


def secrets_at(webhook: Webhook, site_secret: str, now: datetime) -> tuple[bytes, ...]:
    """Answer the secrets that sign now, the newest first."""
    numbers = [webhook.secret_number]
    if webhook.rotated_at and now < webhook.rotated_at + BOTH_FOR:
        numbers.append(webhook.secret_number - 1)
    return tuple(secret_of(webhook.id, number, site_secret) for number in numbers)


def headers_of(
    message_id: str, body: bytes, secrets: Sequence[bytes], now: datetime
) -> Mapping[str, str]:
    """The headers of a message sent now, one signature for each secret."""
    moment = str(int(now.timestamp()))
    signed = f"{message_id}.{moment}.".encode() + body
    marks = (hmac.new(each, signed, hashlib.sha256).digest() for each in secrets)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks),
    }
