"""Ask an address whether it wants to be told: who reads its requests sends a word back.

The word is random and asked for once; nothing else is sent to an address before it came back.
"""

from __future__ import annotations

import hmac
import json
import secrets
import uuid

from ckanext.territoire.webhooks.deliver import send, to_posting, way_out
from ckanext.territoire.webhooks.model import Webhook
from harvesters.fetch import Posted
from harvesters.model import Issue

EVENT = "webhook.challenge"


def challenge(webhook: Webhook) -> Issue | None:
    """Send the word; `None` when it came back."""
    word = secrets.token_urlsafe(24)
    posting = to_posting(webhook, f"msg_{uuid.uuid4().hex}", EVENT, {"challenge": word})
    fetcher = way_out()
    try:
        answer = send(fetcher, posting).answer
    finally:
        fetcher.close()
    if isinstance(answer, Issue):
        return answer
    return None if is_word_in(answer, word) else Issue("TER-API-240", found=str(answer.status))


def is_word_in(answer: Posted, word: str) -> bool:
    """Say whether an answer gives the word back, alone or as `{"challenge": word}`."""
    if not 200 <= answer.status < 300:
        return False
    told = answer.body.decode("utf-8", "replace").strip()
    try:
        read = json.loads(told)
    except (ValueError, RecursionError):
        read = told
    found = read.get("challenge") if isinstance(read, dict) else read
    return isinstance(found, str) and hmac.compare_digest(found.encode(), word.encode())
