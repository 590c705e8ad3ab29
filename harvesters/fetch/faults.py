"""From what the network did to an issue: which code, and whether trying again may help."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from requests.exceptions import InvalidHeader, InvalidURL
from urllib3.exceptions import LocationParseError, ReadTimeoutError

from harvesters.fetch.connect import AddressRefused
from harvesters.model import Issue

RETRIED = (408, 429, 500, 502, 503, 504)
OF_STATUS = {
    401: "TER-FET-008", 402: "TER-FET-008", 403: "TER-FET-008", 404: "TER-FET-007",
    407: "TER-FET-008", 408: "TER-FET-003", 410: "TER-FET-007", 429: "TER-FET-010",
    451: "TER-FET-008",
}  # fmt: skip


class Fault(Exception):
    """Carries an issue out of the reading loop. `wait_s` is what the server asked to wait."""

    def __init__(self, issue: Issue, is_passing: bool = False, wait_s: float = 0) -> None:
        super().__init__(issue.code)
        self.issue, self.is_passing, self.wait_s = issue, is_passing, wait_s


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    """Yield a fault and everything that led to it: libraries wrap them several times."""
    seen: set[int] = set()
    while fault and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__


def told(url: str, fault: Exception, is_reading: bool = False) -> Fault:
    """Say a fault of the network as an issue. Types decide, never the words of a message."""
    chain = tuple(_chain(fault))

    def has(*types: type[BaseException]) -> bool:
        return any(isinstance(link, types) for link in chain)

    code, is_passing = "TER-FET-013" if is_reading else "TER-FET-001", True
    if has(AddressRefused):
        code, is_passing = "TER-FET-004", False
    elif has(ssl.SSLCertVerificationError):
        code, is_passing = "TER-FET-012", False
    elif has(socket.gaierror):
        again = any(isinstance(f, socket.gaierror) and f.errno == socket.EAI_AGAIN for f in chain)
        code, is_passing = "TER-FET-002", again
    elif has(TimeoutError, ReadTimeoutError):
        code = "TER-FET-003"
    elif has(ssl.SSLError) and not is_reading:
        code, is_passing = "TER-FET-019", False
    elif has(InvalidURL, InvalidHeader, LocationParseError, UnicodeError):
        issue = Issue("TER-FET-005", url[:300], "elle est mal écrite")
        return Fault(issue)
    return Fault(Issue(code, url, found=str(fault)[:200]), is_passing)


def told_status(url: str, status: int, headers: Mapping[str, str], now: datetime) -> Fault:
    """Say a status that is not a success as an issue."""
    code = OF_STATUS.get(status, "TER-FET-009" if status >= 500 else "TER-FET-015")
    wait_s = seconds_asked(headers.get("retry-after", ""), now)
    return Fault(Issue(code, url, str(status)), status in RETRIED, wait_s)


def seconds_asked(retry_after: str, now: datetime) -> float:
    """Read a `Retry-After` header: seconds or a date; 0 when absent, past or unreadable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0)
    except (ValueError, TypeError, IndexError):
        return 0
