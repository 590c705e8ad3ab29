"""`/ogc` of the portal, relayed to the process that serves features and tiles (WSGI, ADR 13).

It stands before CKAN: no session is opened and no template is read for a tile. It counts calls as
the API does, opens the answers to all sites, and never lets more calls wait than leave threads for
the pages. A server in front of the portal may lead `/ogc` to the process itself: it then limits
calls in its own way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote

import orjson
import urllib3

from ckanext.territoire.api.asked import Fault
from ckanext.territoire.api.error_shape import to_shape
from ckanext.territoire.api.quota import WINDOW_S, Quota, Taken, take
from deployment.ogc.quotas import quota_of
from harvesters.model import Issue

PREFIX = "/ogc"
AT_ONCE = 5  # of the eight threads of a process
WAIT_S = 3.0
TIMEOUT = urllib3.Timeout(connect=1.0, read=12.0)
MAX_QUERY = 12_000
RETRY_S = 5
PASSED = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH")
HOP = {"connection", "keep-alive", "transfer-encoding", "server", "date", "content-length"}
READ = "GET, HEAD, OPTIONS"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
    "X-Content-Type-Options": "nosniff",
}
ASKED_BEFORE = {
    "Access-Control-Allow-Methods": READ,
    "Access-Control-Allow-Headers": "Accept, Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]


class Answer:
    """A status, headers and a body."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, dict(headers), body


class Relay:
    """Stands before the portal; what is not below `/ogc` goes on to it untouched."""

    def __init__(self, portal: Any, url: str, site_url: str) -> None:
        self._portal, self._url, self._site_url = portal, url.rstrip("/"), site_url
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=AT_ONCE, retries=False)
        self._places = BoundedSemaphore(AT_ONCE)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request (WSGI)."""
        path = environ.get("PATH_INFO", "")
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            passed: Iterable[bytes] = self._portal(environ, start_response)
            return passed
        answer = self._answer(environ, path)
        headers = {**answer.headers, **OPEN, "Content-Length": str(len(answer.body))}
        headers.setdefault("Cache-Control", "public, no-cache")
        if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            del headers["Content-Length"]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _answer(self, environ: Environ, path: str) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return Answer(204, ASKED_BEFORE)
        if method not in ("GET", "HEAD"):
            answer = self._refuse(405, Issue("TER-API-180", found=method[:20]))
            answer.headers["Allow"] = READ
            return answer
        quota = quota_of(self._portal, environ, is_tile(path))
        if quota is None:
            answer = self._refuse(401, Issue("TER-API-178"), "Authorization")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="territoire", error="invalid_token"'
            return answer
        taken = take(quota, time.time())
        if taken and taken.wait_s:
            issue = Issue("TER-API-179", found=str(quota.limit), expected=str(taken.wait_s))
            answer = self._refuse(429, issue)
        else:
            answer = self._ask(environ, path)
        if taken:
            tell(answer, quota, taken)
        return answer

    def _ask(self, environ: Environ, path: str) -> Answer:
        """Ask the process; when it is away or all places are taken, say so."""
        query = environ.get("QUERY_STRING", "")
        if len(query) > MAX_QUERY:
            return self._refuse(400, Issue("TER-API-210", found=query[:80]), "filter")
        if not self._places.acquire(timeout=WAIT_S):
            return self._away()
        try:
            got = self._pool.request(
                "GET",
                self._url + to_target(path, query),
                headers=to_headers(environ),
                timeout=TIMEOUT,
                redirect=False,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError:
            return self._away()
        finally:
            self._places.release()
        # the framework writes its names small: one spelling, so that none is told twice
        headers = {
            name.title(): value for name, value in got.headers.items() if name.lower() not in HOP
        }
        return Answer(got.status, headers, got.data)

    def _away(self) -> Answer:
        answer = self._refuse(503, Issue("TER-API-214"))
        answer.headers["Retry-After"] = str(RETRY_S)
        return answer

    def _refuse(self, status: int, issue: Issue, field: str = "") -> Answer:
        body = orjson.dumps({"error": to_shape(Fault(issue, field), self._site_url)})
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return Answer(status, headers, body)


def is_tile(path: str) -> bool:
    """Say whether an address is that of one tile, of which a map asks dozens.

    >>> is_tile("/ogc/collections/arbres/tiles/WebMercatorQuad/14/5685/8115")
    True
    """
    parts = path.split("/")
    return len(parts) == 9 and parts[4] == "tiles" and parts[-1].isdigit()


def to_target(path: str, query: str) -> str:
    """What the process is asked: the path below `/ogc`, written as an address again."""
    below = quote(path[len(PREFIX) :].encode("latin-1") or b"/", safe="/:@!$&'()*+,;=~")
    return f"{below}?{query}" if query else below


def to_headers(environ: Environ) -> dict[str, str]:
    """The headers that the process reads; none that says who asks."""
    found = {
        name.removeprefix("HTTP_").replace("_", "-").title(): environ[name]
        for name in PASSED
        if name in environ
    }
    return {"Accept-Encoding": "identity", **found}


def tell(answer: Answer, quota: Quota, taken: Taken) -> None:
    """Say the quota and what is left of it, as the API does."""
    answer.headers["RateLimit-Policy"] = f'"{quota.label}";q={quota.limit};w={WINDOW_S}'
    answer.headers["RateLimit"] = f'"{quota.label}";r={taken.left};t={taken.reset_s}'
    if taken.wait_s:
        answer.headers["Retry-After"] = str(taken.wait_s)
