"""Pages that came back just as they were: what they held is known, without parsing them again.

A source says so (304 to a conditional request), or the body is the same byte for byte. What a page
held is kept without its records: ids with the hash each dataset must still have here, the requests
that follow, the declared total and the issues, so that the run sees the same ids, counts the same
and tells the same. A removal is therefore seen as if the page had been read.

A kept page serves only when all of this holds:

- same request (headers, context), same code, vocabularies and settings (`harvesters.seen`);
- each of its datasets stands here as the page gave it: what was held, refused by the form, cut by
  a deadline or changed since is read again;
- the last hop is the same address;
- for a conditional request: the page was read whole less than a week ago, and its validator is an
  ETag, or a date older than a minute for an address that is a file. A date alone says nothing of
  a folder or of a search: what was removed from them may leave it as it is.

Not kept: pages of live sources, pages whose following requests carry a header that may be a
secret, pages with a record that another page gave too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from harvesters.identity import Known, RecordState
from harvesters.model import Issue, Request, Response, Role

TRUSTED = timedelta(days=7)
SETTLED = timedelta(minutes=1)
MAX_ISSUES = 200
MAX_HELD_BYTES = 20_000_000
PLAIN_HEADERS = frozenset({"accept", "accept-language"})
Mark = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What is remembered of an answer. `held` is the JSON of a `Held`, read when it serves."""

    url: str
    asked: bytes
    answered: bytes
    last_url: str
    etag: str
    last_modified: str
    read_at: datetime
    held: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What a page held. A mark is a remote id and the hex hash its dataset must have here, `""`
    for a record that was not taken; `count` counts records, doubles included."""

    marks: tuple[Mark, ...]
    next_requests: tuple[Request, ...]
    declared_total: int | None
    issues: tuple[Issue, ...]
    count: int


def digest_of_request(request: Request, salt: bytes) -> bytes:
    """Identify a request and all that reading its answer depends on; `b""` when it cannot."""
    try:
        told = orjson.dumps([request.role.value, request.headers, dict(request.context)])
    except TypeError:
        return b""
    return hashlib.sha256(salt + b"\n" + told).digest()


def digest_of_answer(answer: Response) -> bytes:
    """Identify an answer by its last address, its type and its bytes."""
    head = hashlib.sha256(f"{answer.url}\n{answer.headers.get('content-type', '')}\n".encode())
    head.update(answer.body)
    return head.digest()


def conditions(page: KeptPage, now: datetime) -> tuple[tuple[str, str], ...]:
    """Give the headers that ask for a page only if it changed; none when it must be read whole."""
    if now - page.read_at >= TRUSTED or page.read_at > now:
        return ()
    found = []
    if page.etag:
        found.append(("If-None-Match", page.etag))
    if page.last_modified and (page.etag or _is_file(page.url)):
        found.append(("If-Modified-Since", page.last_modified))
    return tuple(found)


def _is_file(url: str) -> bool:
    """Whether an address names a file: no search, no folder."""
    parts = urlsplit(url)
    return not parts.query and "." in parts.path.rsplit("/", 1)[-1]


def validators(answer: Response) -> tuple[str, str]:
    """Read the ETag and the date of an answer; a date of the last minute could serve twice."""
    etag = answer.headers.get("etag", "").strip()
    modified = answer.headers.get("last-modified", "").strip()
    try:
        sent = parsedate_to_datetime(answer.headers.get("date", ""))
        if sent - parsedate_to_datetime(modified) < SETTLED:
            modified = ""
    except (ValueError, TypeError):
        modified = ""
    is_clean = etag.isascii() and etag.isprintable() and len(etag) <= 300
    return etag if is_clean else "", modified


def read_held(page: KeptPage) -> Held | None:
    """Read what a page held; `None` when it is not readable (an older form)."""
    try:
        told = orjson.loads(page.held)
        return Held(
            marks=tuple((str(i), str(h)) for i, h in told["marks"]),
            next_requests=tuple(_to_request(each) for each in told["next"]),
            declared_total=told["total"],
            issues=tuple(Issue(*each) for each in told["issues"]),
            count=told["count"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _to_request(told: Mapping[str, Any]) -> Request:
    headers = tuple((str(name), str(value)) for name, value in told["headers"])
    return Request(told["url"], Role(told["role"]), headers, told["context"])


def write_held(held: Held) -> bytes:
    """Write what a page held; `b""` when it cannot be kept: too much, or not for a table."""
    if len(held.issues) > MAX_ISSUES or not all(_can_be_kept(r) for r in held.next_requests):
        return b""
    body = orjson.dumps({
        "marks": held.marks,
        "next": [
            {"url": r.url, "role": r.role.value, "headers": r.headers, "context": dict(r.context)}
            for r in held.next_requests
        ],
        "total": held.declared_total,
        "issues": [(i.code, i.where, i.found, i.expected) for i in held.issues],
        "count": held.count,
    })  # fmt: skip
    return body if len(body) <= MAX_HELD_BYTES else b""


def _can_be_kept(request: Request) -> bool:
    """Whether a following request has no header that may be a secret, and a context that JSON
    gives back as it was."""
    if any(name.lower() not in PLAIN_HEADERS for name, _ in request.headers):
        return False
    context = dict(request.context)
    try:
        return bool(orjson.loads(orjson.dumps(context)) == context)
    except TypeError:
        return False


def stands(held: Held, known: Mapping[str, Known]) -> bool:
    """Say whether each dataset of a page is here as the page gave it."""
    for remote_id, mark in held.marks:
        before = known.get(remote_id)
        if not mark:
            continue
        if before is None or before.state is not RecordState.LIVE:
            return False
        if before.content_hash.hex() != mark:
            return False
    return True
