"""A sliding minute: what is left of a quota, and when one more call fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.territoire.api.quota import WINDOW_S, to_taken


@pytest.mark.parametrize(
    ("counts", "elapsed", "left"),
    [((0, 0), 0, 10), ((4, 6), 30, 3), ((0, 10), 0, 0), ((10, 0), 59, 0)],
)
def test_the_minute_before_counts_for_what_still_falls_in_it(
    counts: tuple[int, int], elapsed: float, left: int
) -> None:
    assert to_taken(10, True, counts, elapsed).left == left


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50), st.floats(0, 59.9))
def test_after_the_wait_one_more_call_fits(
    limit: int, now: int, before: int, elapsed: float
) -> None:
    now, before = min(now, limit), min(before, limit)
    if now + before * (1 - elapsed / WINDOW_S) + 1 <= limit:
        return
    wait = to_taken(limit, False, (now, before), elapsed).wait_s
    then = elapsed + wait
    if then >= WINDOW_S:
        now, before, then = 0, now, then - WINDOW_S
    if then >= WINDOW_S:
        now, before, then = 0, 0, 0
    assert wait >= 1
    assert now + before * (1 - then / WINDOW_S) + 1 <= limit + 1e-9
