"""The privacy gate of a feed: what was decided for it, and what its rows would let out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckanext.territoire.delivery.inspect_file import Look
from ckanext.territoire.delivery.model import Feed


@dataclass(frozen=True, slots=True)
class Gate:
    """`hidden` are the columns that a decision keeps out of the published rows."""

    hidden: frozenset[str]

    def find(self, look: Look) -> list[dict[str, Any]]:
        """Look for personal data in the good rows."""
        return []

    def is_held(self, findings: list[dict[str, Any]]) -> bool:
        """Say whether something found still needs a decision."""
        return bool(findings)


def examine(feed: Feed) -> Gate:
    """Read what was decided for a feed."""
    return Gate(frozenset())
