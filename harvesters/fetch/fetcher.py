"""From an address to its answer: redirects followed by hand, passing faults tried again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from harvesters.address import fault_of_url, origin_of, without_account
from harvesters.fetch.body import FileSink, MemorySink, Sink, read_body
from harvesters.fetch.connect import GuardedAdapter, Passage
from harvesters.fetch.faults import Fault, told, told_status
from harvesters.fetch.limits import FetchedFile, Limits, World
from harvesters.fetch.polite import Hosts
from harvesters.fetch.post import Posted, Posting, post
from harvesters.model import Issue, Request, Response

USER_AGENT = "Territoire/0.1 (moissonneur de donnees ouvertes)"
REDIRECTS = (301, 302, 303, 307, 308)
CONDITIONS = ("if-none-match", "if-modified-since")
# what may follow a redirect to another host; anything else may be a secret of the first one
OPEN_HEADERS = (*CONDITIONS, "accept", "accept-language", "range", "user-agent")
SAFE_IN_URL = "%/:=&?~#+!$,;'@()*[]|"

Head = tuple[str, int, dict[str, str]]


class _Session(requests.Session):
    """A session that never looks where a redirect leads: it would read its body whole."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Fetcher:
    """Makes requests within limits, one at a time; keeps connections between them, nothing else.

    `allowed_private_hosts` holds exact `host:port` pairs. `limits.run_s` counts from here on.
    `hosts` is shared by all the fetchers of a process; without it no server is paced or rests.
    """

    def __init__(
        self,
        allowed_private_hosts: frozenset[str] = frozenset(),
        limits: Limits | None = None,
        user_agent: str = USER_AGENT,
        world: World | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        self.limits, self._world, self._hosts = limits or Limits(), world or World(), hosts
        self._over = self._world.monotonic() + self.limits.run_s
        self._passage = Passage(
            allowed_private_hosts, self._world, self.limits.read_s, deadline=self._over
        )
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers.update(
            {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(self._passage))

    def close(self) -> None:
        """Close the connections that were kept."""
        self._session.close()

    def fetch(self, request: Request) -> Response | Issue:
        """Get an address whole in memory."""
        sink = MemorySink()
        answer = self._try_again(request, sink)
        if isinstance(answer, Issue):
            return answer
        url, status, headers = answer
        return Response(request, url, status, headers, sink.whole())

    def fetch_to_file(self, request: Request, path: Path) -> FetchedFile | Issue:
        """Get an address into a file, with bounded memory; a fault leaves the file as it was."""
        try:
            sink = FileSink(path)
        except OSError as fault:
            return Issue("TER-FET-017", path.name, fault.strerror or str(fault))
        answer = self._try_again(request, sink)
        if isinstance(answer, Issue) or answer[1] == 304:
            sink.discard()
        else:
            answer = sink.keep() or answer
        if isinstance(answer, Issue):
            return answer
        url, status, headers = answer
        return FetchedFile(path, url, sink.sha256, sink.size, status, headers)

    def post(self, posting: Posting) -> Posted | Issue:
        """Send bytes once; any status is an answer, no redirect is followed."""
        return post(self._session, self._passage, posting, self.limits)

    def _try_again(self, request: Request, sink: Sink) -> Head | Issue:
        """Try until it answers, the fault lasts, or the tries or the time are used up."""
        for attempt in range(1, self.limits.tries + 1):
            now = self._world.monotonic()
            if now >= self._over:
                return Issue("TER-FET-018", request.url)
            self._passage.deadline = min(now + self.limits.total_s, self._over)
            try:
                sink.restart()
                return self._follow(request, sink)
            except Fault as fault:
                pause = self._pause(attempt, fault.wait_s)
                is_late = self._world.monotonic() + pause >= self._over
                is_resting = self._hosts is not None and fault.wait_s > pause
                if not fault.is_passing or attempt == self.limits.tries or is_late or is_resting:
                    return fault.issue
            self._world.sleep(pause)
        raise AssertionError("the loop always answers")

    def _pause(self, attempt: int, asked_s: float) -> float:
        """Wait what the server asks for, else twice as long each time, with some chance."""
        backed_off = self.limits.pause_s * 2 ** (attempt - 1) * (0.5 + self._world.chance())
        return float(min(max(asked_s, backed_off), self.limits.max_pause_s))

    def _follow(self, request: Request, sink: Sink) -> Head:
        """Follow redirects by hand, each checked as a request of its own."""
        url, headers = request.url, dict(request.headers)
        for _ in range(self.limits.max_redirects + 1):
            with self._turn(url), closing(self._ask(url, headers)) as answer:
                target = answer.headers.get("location", "")
                if answer.status_code not in REDIRECTS or not target:
                    return self._take(url, answer, request, sink)
                following = _next_url(url, target)
            if origin_of(following) != origin_of(url):
                headers = {n: v for n, v in headers.items() if n.lower() in OPEN_HEADERS}
            url = following
        raise Fault(Issue("TER-FET-006", request.url, found=str(self.limits.max_redirects)))

    def _turn(self, url: str) -> AbstractContextManager[None]:
        """Wait for the turn of an address, within the time of the try, once its form is checked."""
        refusal = fault_of_url(url)
        if refusal:
            raise Fault(Issue("TER-FET-005", without_account(url)[:300], found=refusal))
        if self._hosts is None:
            return nullcontext()
        return self._hosts.turn(url, self._passage.deadline - self._world.monotonic())

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        try:
            self._session.cookies.clear()
            return self._session.get(
                url,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(self.limits.connect_s, self.limits.read_s),
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
            raise told(url, fault) from fault

    def _take(self, url: str, answer: requests.Response, request: Request, sink: Sink) -> Head:
        """Take an answer that is a success; any other status is a fault."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        asked = {name.lower() for name, _ in request.headers}
        if answer.status_code == 304 and asked & set(CONDITIONS):
            answer.raw.drain_conn()  # it has no body: the connection serves again
            return url, 304, headers
        is_part = answer.status_code == 206 and "range" in asked
        if answer.status_code not in (200, 203, 204) and not is_part:
            raise told_status(url, answer.status_code, headers, self._world.now())
        for chunk in read_body(url, answer, self.limits.max_bytes[request.role]):
            sink.take(chunk)
        return url, answer.status_code, headers


def _next_url(url: str, target: str) -> str:
    """Complete the address of a redirect; one that leaves TLS is refused."""
    with suppress(UnicodeError):
        # headers are read as Latin-1, but servers write addresses in UTF-8
        target = target.encode("latin-1").decode("utf-8")
    try:
        following = urljoin(url, target.strip())
        parts = urlsplit(following)
        refusal = fault_of_url(following.replace(" ", "%20"))
        path, query = quote(parts.path, SAFE_IN_URL), quote(parts.query, SAFE_IN_URL)
        following = urlunsplit((parts.scheme, parts.netloc, path, query, ""))
    except ValueError:
        refusal = "elle est mal écrite"
    if refusal:
        raise Fault(Issue("TER-FET-005", without_account(target)[:300], refusal))
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise Fault(Issue("TER-FET-014", url, found=following[:300]))
    return following
