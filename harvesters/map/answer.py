"""First reading of an answer: JSON, or the issue that says what came instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from harvesters.model import Issue, Record, Request, Response

BOM = b"\xef\xbb\xbf"


def is_web_page(response: Response) -> bool:
    """Say whether an answer is a page for people."""
    start = response.body[:1000].removeprefix(BOM).lstrip().lower()
    is_xhtml = start.startswith((b"<?xml", b"<!--")) and b"<html" in start
    return is_xhtml or start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def read_json(response: Response) -> Any | Issue:
    """Read a JSON answer; a web page or a broken text answers the issue that names it."""
    if is_web_page(response):
        return Issue("TER-VAL-002", response.url)
    try:
        return orjson.loads(response.body.removeprefix(BOM))
    except orjson.JSONDecodeError as fault:
        if not response.body.strip():
            return Issue("TER-VAL-001", response.url, "une réponse vide")
        return Issue("TER-VAL-001", response.url, f"un JSON illisible ({str(fault)[:80]})")


def unread_fields(known: frozenset[str], found: Iterable[str]) -> tuple[Issue, ...]:
    """Say which fields of a source nobody reads, so that a change upstream is heard."""
    unread = sorted(set(found) - known)
    return (Issue("TER-MAP-001", found=", ".join(unread)[:300]),) if unread else ()


def next_page(
    response: Response, link: object, context: Mapping[str, Any] | None = None
) -> Request | Issue:
    """Follow the next link of a page, on the same site only: a link elsewhere is refused."""
    url = urljoin(response.url, str(link))
    try:
        here, there = urlsplit(response.url), urlsplit(url)
        is_same = (here.hostname, here.port) == (there.hostname, there.port)
    except ValueError:
        is_same = False
    if not is_same or there.scheme not in ("http", "https"):
        return Issue("TER-VAL-009", response.url, url[:200])
    return Request(url, context=context or {})


def named(records: Iterable[Record]) -> tuple[tuple[Record, ...], tuple[Issue, ...]]:
    """Keep the records that have an identifier, and say those that have none."""
    listed = tuple(records)
    nameless = tuple(Issue("TER-VAL-004", each.where) for each in listed if not each.remote_id)
    return tuple(each for each in listed if each.remote_id), nameless


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a JSON list; whatever else it holds, or is, is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def an_object(value: object) -> dict[str, Any]:
    """A JSON object, empty when it is anything else."""
    return value if isinstance(value, dict) else {}
