"""The line to Solr for searches: kept open, and without what `requests` does around each call.

CKAN makes a new `pysolr.Solr`, a new session and a new connection for each search; that and the
reading of proxies, cookies and addresses was a third of the processor time of `package_search`
(docs/adr/0019). Questions and answers are pysolr's own. Writing to Solr keeps CKAN's way.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import orjson
import pysolr
import urllib3
from ckan.lib.search import common, query
from urllib3.exceptions import HTTPError, ProtocolError

MAX_LINES = 16  # more threads than a worker has
OK = 200
JSON = {"Content-Type": "application/json"}


class JsonReader:
    """What pysolr reads answers with."""

    def decode(self, text: bytes) -> Any:
        """Read JSON."""
        return orjson.loads(text)


class KeptSolr(pysolr.Solr):
    """pysolr that asks over the lines that this process keeps; it does nothing else."""

    def _select(self, params: dict[str, Any], handler: str | None = None) -> bytes:
        """Ask by Solr's JSON request: a question is long, and slow to write as a form."""
        told = {"wt": "json"} | {name: _text(value) for name, value in params.items()}
        url = self._create_full_url(handler or self.search_handler)
        try:
            answer = self._posted(url, orjson.dumps({"params": told}))
        except HTTPError as fault:
            raise pysolr.SolrError(f"Failed to connect to server at {url}: {fault}") from fault
        if answer.status != OK:
            raise pysolr.SolrError(
                f"Solr responded with an error (HTTP {answer.status}): {_reason(answer)}"
            )
        return answer.data

    def _posted(self, url: str, body: bytes) -> urllib3.BaseHTTPResponse:
        """Post; once more when Solr has closed the line meanwhile."""
        told: dict[str, Any] = {"body": body, "headers": JSON, "timeout": self.timeout}
        lines = _lines(os.getpid())
        try:
            return lines.request("POST", url, retries=False, redirect=False, **told)
        except ProtocolError:
            return lines.request("POST", url, retries=False, redirect=False, **told)


def _text(value: Any) -> str | list[str]:
    """Write a parameter as a form would."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)


@lru_cache(maxsize=1)
def _lines(_process: int) -> urllib3.PoolManager:
    """The lines of this process: those of a parent are not its child's."""
    return urllib3.PoolManager(num_pools=2, maxsize=MAX_LINES)


def _reason(answer: urllib3.BaseHTTPResponse) -> str:
    """Take the sentence out of an error of Solr, and write it as pysolr does."""
    try:
        return f"[Reason: {orjson.loads(answer.data)['error']['msg']}]"
    except (ValueError, KeyError, TypeError):
        return str(answer.reason)


def solr_line(decode_dates: bool = True) -> pysolr.Solr:
    """Make what CKAN's `make_connection` makes; with a password, or dates to read, CKAN's own."""
    told = common.make_connection(decode_dates)
    if decode_dates or common.config["solr_user"]:
        return told
    return KeptSolr(told.url, decoder=JsonReader(), timeout=told.timeout)


def keep_lines() -> None:
    """Make CKAN's searches use it; said as often as one likes."""
    query.make_connection = solr_line
