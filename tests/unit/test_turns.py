"""Whose turn it is: a slow source, a large owner or a busy server never makes the others wait."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harvesters.turns import SLOT_S, Running, Turn, choose


def turn(source: str, owner: str = "", host: str = "", is_live: bool = False) -> Turn:
    return Turn(f"job {source}", source, owner or f"owner {source}", host or source, is_live)


def begun(turns: Sequence[Turn], since_s: float = 0) -> list[Running]:
    return [Running(each, since_s) for each in turns]


def names(turns: Sequence[Turn]) -> list[str]:
    return [each.source_id for each in turns]


def test_as_many_runs_begin_as_there_are_places() -> None:
    assert names(choose([turn("a"), turn("b"), turn("c")], [], {}, 0, 2)) == ["a", "b"]


def test_a_source_never_runs_twice_at_once() -> None:
    assert choose([turn("a")], begun([turn("a")]), {}, 0, 2) == []


def test_owners_take_turns() -> None:
    waiting = [turn("a1", "a"), turn("a2", "a"), turn("a3", "a"), turn("b1", "b")]
    assert names(choose(waiting, [], {}, 0, 2)) == ["a1", "b1"]
    assert names(choose(waiting[1:], [], {"a": 5, "b": 6}, 10, 1)) == ["a2"]
    assert names(choose(waiting[1:], [], {"a": 6, "b": 5}, 10, 1)) == ["b1"]


def test_a_server_is_read_by_one_run_at_a_time() -> None:
    waiting = [turn("a", host="h"), turn("b", host="h"), turn("c", host="other")]
    assert names(choose(waiting, [], {}, 0, 2)) == ["a", "c"]
    assert choose(waiting[1:2], begun(waiting[:1]), {}, 10 * SLOT_S, 2) == []


def test_runs_that_hang_give_up_their_place_after_their_slot() -> None:
    hanging = begun([turn("x"), turn("y")])
    assert choose([turn("a")], hanging, {}, SLOT_S - 1, 2) == []
    assert names(choose([turn("a"), turn("b"), turn("c")], hanging, {}, SLOT_S, 2)) == ["a", "b"]


def test_runs_that_hang_do_not_pile_up_without_end() -> None:
    hanging = begun([turn(str(n)) for n in range(4)])
    assert choose([turn("a")], hanging, {}, 10 * SLOT_S, 2) == []


def test_a_catalogue_never_makes_the_sensors_of_its_server_wait() -> None:
    busy = begun([turn("x", host="h")])
    assert names(choose([turn("s", host="h", is_live=True)], busy, {}, 0, 1)) == ["s"]


def test_live_sources_have_places_of_their_own() -> None:
    busy = begun([turn("x"), turn("y")])
    assert names(choose([turn("a"), turn("s", is_live=True)], busy, {}, 0, 2)) == ["s"]
    live = begun([turn("s", is_live=True), turn("t", is_live=True)])
    assert names(choose([turn("a"), turn("u", is_live=True)], live, {}, 0, 2)) == ["a"]


turns = st.lists(
    st.builds(
        Turn, st.uuids().map(str), st.sampled_from("abcdefgh"), st.sampled_from("123"),
        st.sampled_from("xyz"), st.booleans(),
    ),
    unique_by=lambda t: t.source_id,
)  # fmt: skip


@given(turns, st.integers(1, 4))
def test_whatever_waits_every_run_has_its_turn_when_runs_end(
    waiting: list[Turn], at_once: int
) -> None:
    left, served, rounds = list(waiting), dict[str, float](), 0
    while left:
        rounds += 1
        chosen = choose(left, [], served, rounds, at_once)
        assert chosen
        served |= {each.owner: rounds for each in chosen}
        left = [each for each in left if each not in chosen]
    assert rounds <= len(waiting)
