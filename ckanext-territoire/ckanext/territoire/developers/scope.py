"""What a key of the portal may do: read what is public, until a day. It signs nobody in.

A key is an API token of CKAN whose scope and end stand in the token itself, which is signed
(`security.tokens`). A token without scope signs its owner in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

READ = "read"
EXTRA = "territoire"  # what is ours in the extras of a token


def signs_in(facts: Mapping[str, Any]) -> bool:
    """Say whether a token signs its owner in."""
    return "scope" not in facts
