"""First reading of an answer: JSON, or the issue that says what came instead."""

from __future__ import annotations

from typing import Any

import orjson

from harvesters.model import Issue, Response


def is_web_page(response: Response) -> bool:
    """Say whether an answer is a page for people."""
    start = response.body[:1000].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def read_json(response: Response) -> Any | Issue:
    """Read a JSON answer; a web page or a broken text answers the issue that names it."""
    if is_web_page(response):
        return Issue("TER-VAL-002", response.url)
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError as fault:
        if not response.body.strip():
            return Issue("TER-VAL-001", response.url, "une réponse vide")
        return Issue("TER-VAL-001", response.url, f"un JSON illisible ({str(fault)[:80]})")


def unread_fields(known: frozenset[str], found: set[str]) -> tuple[Issue, ...]:
    """Say which fields of a source nobody reads, so that a change upstream is heard."""
    unread = sorted(found - known)
    return (Issue("TER-MAP-001", found=", ".join(unread)[:300]),) if unread else ()
