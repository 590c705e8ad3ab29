"""The kept pages during one run: which can stand for an answer, and what to keep of the others.

See `harvesters.pages` for when a kept page serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from harvesters.identity import Known
from harvesters.model import Issue, Request, Response
from harvesters.pages import (
    TRUSTED,
    Held,
    KeptPage,
    conditions,
    digest_of_answer,
    digest_of_request,
    read_held,
    stands,
    validators,
    write_held,
)
from harvesters.ports import PageMemory

MAX_PAGES = 5_000


@dataclass(slots=True)
class PageBook:
    """The pages of a source as they were kept, and what this run adds. Closed for live sources."""

    known: Mapping[str, Known]
    salt: bytes
    now: datetime
    kept: Mapping[str, KeptPage] = field(default_factory=dict)
    is_open: bool = True
    asked: set[str] = field(default_factory=set)
    new: dict[str, KeptPage] = field(default_factory=dict)

    def ask(
        self, request: Request, fetch: Callable[[Request], Response | Issue], seen: set[str]
    ) -> Response | Issue | Held:
        """Fetch a page; a page that came back as it was answers what it held."""
        self.asked.add(request.url)
        page = self.kept.get(request.url)
        held = self._held(page, request, seen)
        if page is None or held is None:
            return fetch(request)
        headers = (*request.headers, *conditions(page, self.now))
        answer = fetch(replace(request, headers=headers))
        if isinstance(answer, Response) and answer.status == 304:
            if answer.url == page.last_url:
                return held
            answer = fetch(request)
        if isinstance(answer, Issue):
            return answer
        if digest_of_answer(answer) != page.answered:
            return replace(answer, request=request)
        self._trust_again(page, answer)
        return held

    def _held(self, page: KeptPage | None, request: Request, seen: set[str]) -> Held | None:
        """Answer what a page held if it can stand for it in this run."""
        if page is None or page.asked != digest_of_request(request, self.salt):
            return None
        held = read_held(page)
        if held is None or not stands(held, self.known):
            return None
        return None if any(remote_id in seen for remote_id, _ in held.marks) else held

    def _trust_again(self, page: KeptPage, answer: Response) -> None:
        """Start a new period of trust; before its end nothing is written for a page as it was."""
        if self.now - page.read_at >= TRUSTED:
            etag, modified = validators(answer)
            fresh = replace(page, etag=etag, last_modified=modified, read_at=self.now)
            self.new[page.url] = fresh

    def keep(self, request: Request, answer: Response, held: Held) -> None:
        """Keep what a page held for the next run, when it differs from what is kept."""
        is_full = len(self.kept) + len(self.new) >= MAX_PAGES and request.url not in self.kept
        if not self.is_open or is_full:
            return
        asked, told = digest_of_request(request, self.salt), write_held(held)
        if not asked or not told:
            return
        page = KeptPage(
            request.url, asked, digest_of_answer(answer), answer.url,
            *validators(answer), self.now, told,
        )  # fmt: skip
        before = self.kept.get(request.url)
        if before and _same(before, page) and self.now - before.read_at < TRUSTED:
            return
        self.new[request.url] = page

    def save(self, memory: PageMemory, is_complete: bool) -> None:
        """Write what changed, and forget the pages that a whole reading did not ask for."""
        gone = [url for url in self.kept if url not in self.asked] if is_complete else []
        if self.new or gone:
            memory.save_pages(list(self.new.values()), gone)


def _same(one: KeptPage, other: KeptPage) -> bool:
    return (one.asked, one.answered, one.held) == (other.asked, other.answered, other.held)
