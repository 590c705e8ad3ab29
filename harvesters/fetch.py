"""The only way out: every outgoing request of the platform is made here.

The address is checked when the socket connects, on the very IP that is connected
to, so that a name that changes its answer between two look-ups gains nothing.
Each redirect is a new request, checked again. Sizes are counted after
decompression, times from the first byte asked. No proxy, cookie or netrc of the
machine is used. A fault answers an `Issue`, never an exception.
"""

from __future__ import annotations

import hashlib
import random
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from harvesters.address import fault_of_url, host_and_port, is_public
from harvesters.model import Issue, Request, Response, Role

USER_AGENT = "Territoire/0.1 (+moissonneur de donnees ouvertes)"
MEGA = 1_000_000
REDIRECTS = (301, 302, 303, 307, 308)
RETRIED = (429, 500, 502, 503, 504)
STATUS_CODES = {401: "TER-FET-008", 403: "TER-FET-008", 404: "TER-FET-007", 410: "TER-FET-007",
                429: "TER-FET-010"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request."""

    max_bytes: Mapping[Role, int] = field(
        default_factory=lambda: {
            Role.PAGE: 60 * MEGA,
            Role.DETAIL: 20 * MEGA,
            Role.FILE: 200 * MEGA,
        }
    )
    connect_s: float = 10
    read_s: float = 30
    total_s: float = 120
    max_redirects: int = 5
    tries: int = 4
    pause_s: float = 1
    max_pause_s: float = 30


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file brought to disk."""

    path: Path
    sha256: str
    size_bytes: int
    status: int
    headers: Mapping[str, str]


class _AddressRefused(OSError):
    """The resolver answered only addresses that may not be reached."""


class _Fault(Exception):
    """Carries an issue out of the reading loop."""

    def __init__(self, issue: Issue, is_passing: bool = False) -> None:
        super().__init__(issue.code)
        self.issue = issue
        self.is_passing = is_passing


def _guarded_socket(connection: Any, allowed: frozenset[str]) -> socket.socket:
    """Resolve once, keep the addresses that may be reached, connect to one of those."""
    host, port = connection._dns_host, connection.port
    is_allowed = f"{connection.host.strip('[]')}:{port}" in allowed
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for info in found:
        address = str(info[4][0])
        if is_allowed or is_public(address):
            return create_connection((address, port), connection.timeout)
    raise _AddressRefused(f"{host}: {found[0][4][0] if found else 'no address'}")


def _connection_class(base: type[Any], allowed: frozenset[str]) -> type[Any]:
    class Guarded(base):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            try:
                return _guarded_socket(self, allowed)
            except socket.gaierror as fault:
                raise NewConnectionError(self, f"dns: {fault}") from fault
            except _AddressRefused as fault:
                raise NewConnectionError(self, f"refused: {fault}") from fault
            except TimeoutError as fault:
                raise NewConnectionError(self, f"timeout: {fault}") from fault
            except OSError as fault:
                raise NewConnectionError(self, f"closed: {fault}") from fault

    return Guarded


class _GuardedAdapter(HTTPAdapter):
    """The transport of `requests`, with our check at connect."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        plain = type("Plain", (HTTPConnectionPool,), {})
        secure = type("Secure", (HTTPSConnectionPool,), {})
        plain.ConnectionCls = _connection_class(HTTPConnection, self._allowed)  # type: ignore[attr-defined]
        secure.ConnectionCls = _connection_class(HTTPSConnection, self._allowed)  # type: ignore[attr-defined]
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}


class Fetcher:
    """Makes requests within limits; keeps connections between them, and nothing else."""

    def __init__(
        self,
        allowed_private_hosts: frozenset[str] = frozenset(),
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.limits = limits or Limits()
        self._sleep, self._chance = sleep, chance
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _GuardedAdapter(allowed_private_hosts))

    def fetch(self, request: Request) -> Response | Issue:
        """Get an address whole in memory."""
        body = bytearray()

        def take(chunk: bytes | None) -> None:
            body.clear() if chunk is None else body.extend(chunk)

        answer = self._try_again(request, take)
        if isinstance(answer, Issue):
            return answer
        url, status, headers = answer
        return Response(request, url, status, headers, bytes(body))

    def fetch_to_file(self, request: Request, path: Path) -> FetchedFile | Issue:
        """Get an address into a file, with bounded memory."""
        with path.open("wb") as out:
            state = {"hash": hashlib.sha256(), "size": 0}

            def take(chunk: bytes | None) -> None:
                if chunk is None:
                    out.seek(0)
                    out.truncate()
                    state.update(hash=hashlib.sha256(), size=0)
                else:
                    out.write(chunk)
                    state["hash"].update(chunk)  # type: ignore[attr-defined]
                    state["size"] += len(chunk)  # type: ignore[operator]

            answer = self._try_again(request, take)
        if isinstance(answer, Issue):
            return answer
        digest, size = state["hash"], state["size"]
        return FetchedFile(path, digest.hexdigest(), int(size), answer[1], answer[2])  # type: ignore

    def _try_again(
        self, request: Request, take: Callable[[bytes | None], None]
    ) -> tuple[str, int, dict[str, str]] | Issue:
        """Try until it answers, the fault lasts, or the tries are used up."""
        for attempt in range(1, self.limits.tries + 1):
            take(None)
            try:
                return self._follow(request, take)
            except _Fault as fault:
                if not fault.is_passing or attempt == self.limits.tries:
                    return fault.issue
                self._sleep(self._pause(attempt, fault.issue))
        raise AssertionError("the loop always answers")

    def _pause(self, attempt: int, issue: Issue) -> float:
        """Wait what the server asks for, else twice as long each time, with some chance."""
        asked = float(issue.expected) if issue.expected.isdigit() else 0.0
        backed_off = self.limits.pause_s * 2 ** (attempt - 1) * (0.5 + self._chance())
        return float(min(max(asked, backed_off), self.limits.max_pause_s))

    def _follow(
        self, request: Request, take: Callable[[bytes | None], None]
    ) -> tuple[str, int, dict[str, str]]:
        """Follow redirects by hand, each checked as a request of its own."""
        url, deadline = request.url, time.monotonic() + self.limits.total_s
        headers = dict(request.headers)
        for _ in range(self.limits.max_redirects + 1):
            with self._ask(url, headers) as answer:
                target = answer.headers.get("location")
                if answer.status_code in REDIRECTS and target:
                    following = urljoin(url, target)
                    if host_and_port(following) != host_and_port(url):
                        headers = {}  # a secret header is for the host it was given for
                    url = following
                    continue
                self._check_status(url, answer)
                for chunk in self._chunks(url, answer, request.role, deadline):
                    take(chunk)
                found = {name.lower(): value for name, value in answer.headers.items()}
                return url, answer.status_code, found
        raise _Fault(Issue("TER-FET-006", request.url, found=str(self.limits.max_redirects)))

    def _ask(self, url: str, headers: dict[str, str]) -> requests.Response:
        refusal = fault_of_url(url)
        if refusal:
            raise _Fault(Issue("TER-FET-005", url[:300], found=refusal))
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
            raise _told(url, fault) from fault

    def _check_status(self, url: str, answer: requests.Response) -> None:
        status = answer.status_code
        if status < 400:
            return
        code = STATUS_CODES.get(status, "TER-FET-009")
        wait = answer.headers.get("retry-after", "")
        raise _Fault(Issue(code, url, str(status), wait), is_passing=status in RETRIED)

    def _chunks(
        self, url: str, answer: requests.Response, role: Role, deadline: float
    ) -> Iterator[bytes]:
        """Yield the decoded body within its bounds; a short body is a fault, not a success."""
        limit = self.limits.max_bytes[role]
        too_large = _Fault(Issue("TER-FET-011", url, expected=f"{limit // MEGA} Mo"))
        declared = answer.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise too_large
        size, decode = 0, _decoder(answer.headers.get("content-encoding", ""), limit)
        try:
            # read1 gives what has arrived: a body dripped byte by byte still meets the deadline
            while raw := answer.raw.read1(65_536, decode_content=False):
                if time.monotonic() > deadline:
                    raise _Fault(Issue("TER-FET-003", url), is_passing=True)
                chunk = decode(raw)
                size += len(chunk)
                if size > limit:
                    raise too_large
                yield chunk
            tail = decode(None)
        except (HTTPError, OSError, zlib.error, ValueError) as fault:
            raise _told(url, fault, is_reading=True) from fault
        if tail:
            yield tail


def _decoder(encoding: str, limit: int) -> Callable[[bytes | None], bytes]:
    """Answer a function that inflates chunks, at most `limit` bytes of each, and ends at `None`."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return lambda raw: raw or b""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def decode(raw: bytes | None) -> bytes:
        if raw is not None:
            return inflate.decompress(raw, limit + 1)
        if not inflate.eof:
            raise ValueError("truncated compressed body")
        return b""

    return decode


def _told(url: str, fault: Exception, is_reading: bool = False) -> _Fault:
    """Say a fault of the network as an issue."""
    text = f"{type(fault).__name__} {fault}".lower()
    causes = (
        ("refused: ", "TER-FET-004", False),
        ("dns: ", "TER-FET-002", False),
        ("ssl", "TER-FET-012", False),
        ("certificate", "TER-FET-012", False),
        ("timeout", "TER-FET-003", True),
        ("timed out", "TER-FET-003", True),
        ("incompleteread", "TER-FET-013", True),
        ("truncated", "TER-FET-013", True),
        ("decompress", "TER-FET-013", True),
    )
    for word, code, is_passing in causes:
        if word in text:
            return _Fault(Issue(code, url, found=str(fault)[:200]), is_passing)
    code = "TER-FET-013" if is_reading else "TER-FET-001"
    return _Fault(Issue(code, url, found=str(fault)[:200]), is_passing=True)
