"""Sending bytes to an address: the guards of the fetcher, one try, no redirect followed.

What was answered is an answer whatever its status: the caller decides what it means. Its body is
read up to a bound, as it stands on the line, and the rest is left there.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from harvesters.address import fault_of_url, without_account
from harvesters.fetch.body import READ_BYTES
from harvesters.fetch.connect import Passage
from harvesters.fetch.faults import told
from harvesters.fetch.limits import Limits
from harvesters.model import Issue

MAX_ANSWER_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Posting:
    """Bytes to send to an address, and how much of its answer is read."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    max_answer_bytes: int = MAX_ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Posted:
    """What was answered; `body` is the beginning, header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fault_of_posting(url: str, allowed: frozenset[str]) -> Issue | None:
    """Say what forbids sending to an address by its form alone: it must be https, but for the hosts
    that the operator allowed."""
    refusal = fault_of_url(url)
    if refusal:
        return Issue("TER-FET-005", without_account(url)[:300], refusal)
    scheme, _, rest = url.partition("://")
    if scheme.lower() != "https" and rest.partition("/")[0] not in allowed:
        return Issue("TER-FET-030", url[:300])
    return None


def post(
    session: requests.Session, passage: Passage, posting: Posting, limits: Limits
) -> Posted | Issue:
    """Send once, through a guarded session, within `limits.total_s`."""
    refusal = fault_of_posting(posting.url, passage.allowed)
    if refusal:
        return refusal
    passage.deadline = passage.world.monotonic() + limits.total_s
    try:
        session.cookies.clear()
        with closing(
            session.post(
                posting.url, data=posting.body, headers=dict(posting.headers), stream=True,
                allow_redirects=False, timeout=(limits.connect_s, limits.read_s),
            )
        ) as answer:  # fmt: skip
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Posted(answer.status_code, headers, _beginning(answer, posting.max_answer_bytes))
    except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
        return told(posting.url, fault).issue


def _beginning(answer: requests.Response, limit: int) -> bytes:
    """The first bytes of a body; one that is cut has said its status all the same."""
    found = b""
    with suppress(HTTPError, OSError, ValueError):
        while len(found) < limit:
            chunk = answer.raw.read1(READ_BYTES, decode_content=False)
            if not chunk:
                break
            found += chunk
    return found[:limit]
