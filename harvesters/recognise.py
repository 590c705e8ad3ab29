"""Which kind of source stands at an address: ask a few known addresses, one after the other.

Every kind says where it begins (`start`), whether an answer is its own (`looks_like`) and what it
reads there (`read`, `to_dataset`): the address as typed comes first, then the RDF that its page
names (`<link rel="alternate">`), then where each kind begins, then, while nothing is sure, the
usual addresses of each kind. Pure, but for the `ask` it is given, which bounds the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

from harvesters.address import fault_of_url
from harvesters.errors import Consequence, cause, consequence
from harvesters.map.answer import is_web_page
from harvesters.model import Config, Dataset, Issue, Request, Response, Source

MAX_REQUESTS = 18
MAPPED, SAID = 5, 4
# when the typed address ends so, the machine does not answer or may not be asked at all
HOPELESS = frozenset(f"TER-FET-{number:03d}" for number in (1, 2, 3, 4, 5, 12, 14, 19, 25, 26, 27))
NO_TIME, ABSENT = "TER-FET-018", "TER-FET-007"
RDF = ("text/turtle", "application/rdf+xml", "application/ld+json")
Ask = Callable[[Request], Response | Issue]
Key = tuple[str, tuple[tuple[str, str], ...]]


class Sureness(Enum):
    """How sure it is that a kind fits, the surest first."""

    SURE = "sûr"
    PROBABLE = "probable"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kind that fits, with the address to give it and why, in French."""

    kind: str
    label_fr: str
    url: str
    sureness: Sureness
    count: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An address that was asked, and what came back, in French."""

    url: str
    found: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """The candidates, the surest first; `issue` says why there is none."""

    url: str
    candidates: tuple[Candidate, ...] = ()
    tried: tuple[Tried, ...] = ()
    issue: Issue | None = None

    @property
    def surest(self) -> tuple[Candidate, ...]:
        """The candidates that nothing but a person can choose between."""
        return tuple(c for c in self.candidates if c.sureness is self.candidates[0].sureness)

    @property
    def best(self) -> Candidate | None:
        """The candidate that is surer than all others and not merely possible."""
        first = self.surest[0] if len(self.surest) == 1 else None
        return first if first and first.sureness is not Sureness.POSSIBLE else None


def recognise(url: str, ask: Ask, sources: Iterable[Source]) -> Recognition:
    """Ask at most `MAX_REQUESTS` addresses, in order; TER-SRC-071 when no kind fits."""
    refusal = fault_of_url(url.strip())
    if refusal:
        return Recognition(url.strip(), issue=Issue("TER-FET-005", url.strip()[:300], refusal))
    search = _Search(url.strip(), ask, tuple(sources))
    search.run()
    found = sorted(search.found.values(), key=rank)
    if found:
        return Recognition(search.url, tuple(found), tuple(search.tried))
    issue = search.dead or Issue("TER-SRC-071", search.url, say_tried(search.tried))
    return Recognition(search.url, (), tuple(search.tried), issue)


def say_tried(tried: Sequence[Tried]) -> str:
    """Say the first addresses that were asked, without the site they share."""
    paths = list(dict.fromkeys(_short(each.url) for each in tried))
    more = f" et {len(paths) - SAID} autres adresses" if len(paths) > SAID else ""
    return ", ".join(paths[:SAID]) + more


def _short(url: str) -> str:
    path = urlsplit(url).path or "/"
    return path if len(path) <= 60 else f"{path[:59]}…"


@dataclass(slots=True)
class _Search:
    """What was asked and found so far."""

    url: str
    ask: Ask
    sources: tuple[Source, ...]
    asked: set[Key] = field(default_factory=set)
    found: dict[str, Candidate] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    dead: Issue | None = None
    is_over: bool = False

    def run(self) -> None:
        first = self._ask(Request(self.url))
        if self.dead:
            return
        starts = list(self._starts(self.url))
        if isinstance(first, Response):
            self._judge(first, [(s, r) for s, r in starts if _key(r) in self.asked], self.url)
            for address in alternates(first):
                there = [(s, r) for s, r in self._starts(address) if r.url == address]
                # who asks for a form of its own (`Accept`) is asked first
                self._try(sorted(there, key=lambda pair: not pair[1].headers), address, True)
        elif isinstance(first, Issue) and first.code == ABSENT:
            starts = [(s, r) for s, r in starts if _place(r.url) != _place(self.url)]
        self._try(starts, self.url)
        for source, address in usual_addresses(self.url, self.sources):
            request = source.start(Config(address))
            stands = _place(request.url)
            if stands.endswith(f"/{address.rsplit('/', 1)[-1]}"):  # a kind may find its own root
                self._try([(source, request)], stands, True)

    @property
    def _is_sure(self) -> bool:
        return any(c.sureness is Sureness.SURE for c in self.found.values())

    def _starts(self, url: str) -> Iterator[tuple[Source, Request]]:
        for source in self.sources:
            yield source, source.start(Config(url))

    def _try(
        self, pairs: Iterable[tuple[Source, Request]], url: str, until_sure: bool = False
    ) -> None:
        """Ask where these kinds begin for an address, each request once."""
        groups: dict[Key, list[tuple[Source, Request]]] = {}
        for source, request in pairs:
            groups.setdefault(_key(request), []).append((source, request))
        for key, group in groups.items():
            if key in self.asked or (until_sure and self._is_sure):
                continue
            answer = self._ask(group[0][1])
            if isinstance(answer, Response):
                self._judge(answer, group, url)

    def _ask(self, request: Request) -> Response | Issue | None:
        if self.is_over or len(self.asked) >= MAX_REQUESTS:
            return None
        self.asked.add(_key(request))
        answer = self.ask(request)
        if isinstance(answer, Issue):
            self.tried.append(Tried(request.url, cause(answer)))
            self.is_over = answer.code == NO_TIME
            if len(self.asked) == 1 and answer.code in HOPELESS:
                self.dead = answer
        return answer

    def _judge(self, answer: Response, group: Sequence[tuple[Source, Request]], url: str) -> None:
        told = "une page web" if is_web_page(answer) else "une réponse d’une autre forme"
        for source, request in group:
            config = Config(url)
            found = self._behind(source, replace(answer, request=request), config)
            candidate = judge(source, found, config)
            if candidate:
                told = candidate.evidence
                before = self.found.get(source.kind)
                if before is None or rank(candidate) < rank(before):
                    self.found[source.kind] = candidate
        self.tried.append(Tried(answer.request.url, told))

    def _behind(self, source: Source, answer: Response, config: Config) -> Response:
        """The first page of records, when an answer only leads to it: the list of catalogues."""
        if source.looks_like(answer):
            page = source.read(answer, config)
            if len(page.next_requests) == 1 and not page.records and not page.issues:
                found = self._ask(page.next_requests[0])
                return found if isinstance(found, Response) else answer
        return answer


def rank(candidate: Candidate) -> int:
    """Order candidates, the surest first."""
    return list(Sureness).index(candidate.sureness)


def _key(request: Request) -> Key:
    """What a server sees: a site without a path is asked for its root."""
    parts = urlsplit(request.url)
    return urlunsplit(parts._replace(path=parts.path or "/")), request.headers


def _place(url: str) -> str:
    return url.split("?", 1)[0].split("#", 1)[0].rstrip("/")


def judge(source: Source, answer: Response, config: Config) -> Candidate | None:
    """Say how well a kind fits the answer found where it begins; `None` when it does not."""
    if not source.looks_like(answer):
        return None
    page = source.read(answer, config)
    declared = page.declared_total
    count = declared if declared is not None else len(page.records)
    is_stopped = any(consequence(i) is Consequence.STOP_SOURCE for i in page.issues)
    first = [source.to_dataset(record, config) for record in page.records[:MAPPED]]
    is_mapped = any(isinstance(mapped, Dataset) for mapped in first)
    told = f"{_number(count)} {'jeux de données' if count > 1 else 'jeu de données'}"
    told += "" if declared is None else " annoncé" + ("s" if count > 1 else "")
    sureness = Sureness.SURE
    if is_stopped or not is_mapped:
        sureness = Sureness.POSSIBLE
        told = "elle est incomplète" if is_stopped else "aucun jeu de données n’y est lisible"
    elif is_web_page(answer):
        sureness, told = Sureness.PROBABLE, f"{told} parmi les liens d’une page web"
    evidence = f"répond comme une source « {source.label_fr} » : {told}"
    return Candidate(source.kind, source.label_fr, config.url, sureness, count, evidence)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


class _Head(HTMLParser):
    """Collects the RDF that a page names as another form of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        is_rdf = told.get("type", "").split(";")[0].strip().lower() in RDF
        if tag == "link" and "alternate" in told.get("rel", "").lower().split() and is_rdf:
            self.found.append(told.get("href", ""))


def alternates(page: Response) -> tuple[str, ...]:
    """Answer the RDF addresses that a page names, on its own site only."""
    if not is_web_page(page):
        return ()
    head = _Head()
    head.feed(page.body[:200_000].decode("utf-8", "replace"))
    found = []
    for link in head.found:
        try:
            address = urljoin(page.url, link)
            if link and urlsplit(address).netloc == urlsplit(page.url).netloc:
                found.append(address)
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def usual_addresses(url: str, sources: Sequence[Source]) -> tuple[tuple[Source, str], ...]:
    """Answer where each kind is often found below a site: the first place of each, then others."""
    named = [(n, s, path) for s in sources for n, path in enumerate(s.usual_paths)]
    named.sort(key=lambda each: each[0])
    return tuple((source, f"{_place(url)}/{path}") for _, source, path in named)
