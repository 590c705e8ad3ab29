"""What every page asks and seldom changes: read at most once a minute in each process.

`forget()` drops all of it in this process after a change; the other processes follow within the
minute. Values are shared between threads and callers: they must not be changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

FRESH_S = 60
MAX_ANSWERS = 4096
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_KEPT: list[dict[Hashable, Any]] = []


def kept_a_minute(read: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Keep the answers of a function, by its positional arguments, until the minute is over."""
    kept: dict[Hashable, Any] = {}
    _KEPT.append(kept)

    @wraps(read)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        minute = int(time.monotonic() // FRESH_S)
        found = kept.get(args)
        if found is not None and found[0] == minute:
            return found[1]
        answer = read(*args, **kwargs)
        if len(kept) >= MAX_ANSWERS:
            kept.clear()
        kept[args] = (minute, answer)
        return answer

    return asked


def forget() -> None:
    """Read everything again at the next question."""
    for kept in _KEPT:
        kept.clear()
