"""A request that is not served: the status and the faults that the caller is told."""

from __future__ import annotations

from ckanext.territoire.api.asked import Fault
from harvesters.errors import TerritoireError
from harvesters.model import Issue

RETRY_S = 5


class Refusal(TerritoireError):
    """A request that is refused; `retry_s` above 0 says when it may be asked again."""

    def __init__(self, status: int, fault: Fault, retry_s: int = 0) -> None:
        super().__init__(fault.issue.code)
        self.status, self.fault, self.retry_s = status, fault, retry_s


def refused(code: str, field: str, found: str, accepted: tuple[str, ...] = ()) -> Refusal:
    """What a parameter must not say: 400."""
    listed = ", ".join(accepted) or "aucun"
    issue = Issue(code, where=field, found=cut(found), expected=listed)
    return Refusal(400, Fault(issue, field, accepted))


def busy() -> Refusal:
    """Too much is being computed: 503, come back soon."""
    return Refusal(503, Fault(Issue("TER-API-214")), RETRY_S)


def cut(text: str) -> str:
    """What a caller wrote, short enough to be said again."""
    return text[:80]
