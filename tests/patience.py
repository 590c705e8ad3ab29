"""How long the tests wait for what has to come: only what never comes takes so long.

A wait is no measure: it ends as soon as what is awaited is there, on a slow machine too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 180
PAUSE_S = 0.05


def wait_until(is_so: Callable[[], object], told: str = "it did not happen") -> None:
    """Wait until something is so, or fail and say what was awaited."""
    limit = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < limit, told
        time.sleep(PAUSE_S)
