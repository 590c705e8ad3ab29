"""When a message that was not accepted is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

# about three days and a half in all, so that a week-end without anybody loses nothing
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=32),
)
LONGEST_ASKED_S = 86_400.0


def wait_after(tries: int, chance: float, asked_s: float = 0) -> timedelta | None:
    """Answer how long to wait after `tries` tries in a row, a fifth more or less by `chance` (from
    0 to 1), or what the address asks for when it is longer; `None` when all were used.

    >>> wait_after(1, 0.5), wait_after(2, 1.0), wait_after(1, 0.5, 60), wait_after(10, 0.5)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=360), datetime.timedelta(seconds=60), None)
    """  # noqa: E501
    if tries > len(WAITS):
        return None
    asked = timedelta(seconds=min(asked_s, LONGEST_ASKED_S))
    return max(WAITS[tries - 1] * (0.8 + 0.4 * chance), asked)
