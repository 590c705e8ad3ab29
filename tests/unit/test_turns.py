"""Whose turn it is: a slow source, a large owner or a busy server never makes the others wait."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harvesters.turns import MUTE_S, MUTE_WIDE, SLOT_S, Running, Turn, choose


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


def mute(turns: Sequence[Turn], asked_s: float = 0) -> list[Running]:
    return [Running(each, 0, asked_s) for each in turns]


def test_a_run_that_waits_for_its_server_gives_up_its_place_at_once() -> None:
    hanging = mute([turn("x"), turn("y"), turn("z"), turn("w")])
    assert choose([turn("a")], hanging, {}, MUTE_S - 1, 2) == []
    assert names(choose([turn("a"), turn("b"), turn("c")], hanging, {}, MUTE_S, 2)) == ["a", "b"]


@given(st.integers(1, 2 * MUTE_WIDE - 1))
def test_mute_servers_hold_a_lane_no_longer_than_their_silence_takes_to_be_told(mutes: int) -> None:
    """Two places: each pair of mute servers holds them for `MUTE_S`, then a good one is read."""
    waiting = [turn(f"mute {n}") for n in range(mutes)] + [turn("good")]
    running: list[Running] = []
    told: dict[str, float] = {}
    for now_s in range(MUTE_S * (mutes // 2 + 1) + 1):
        for each in choose(waiting, running, told, now_s, 2):
            running.append(Running(each, now_s, now_s))
            told[each.owner] = now_s
            waiting.remove(each)
        if not waiting:
            break
    assert now_s <= MUTE_S * (mutes // 2)


def test_a_run_that_is_answered_takes_its_place_again() -> None:
    answered = [Running(turn("x"), 0), *mute([turn("y")])]
    assert names(choose([turn("a"), turn("b")], answered, {}, MUTE_S, 2)) == ["a"]


def test_mute_runs_do_not_pile_up_without_end() -> None:
    hanging = mute([turn(str(n)) for n in range(2 * MUTE_WIDE)])
    assert choose([turn("a")], hanging, {}, 10 * SLOT_S, 2) == []
    assert names(choose([turn("a")], hanging[1:], {}, 10 * SLOT_S, 2)) == ["a"]


def doubtful(name: str) -> Turn:
    return Turn(f"job {name}", name, f"owner {name}", name, is_doubtful=True)


def test_servers_that_answered_the_last_time_come_first() -> None:
    waiting = [doubtful("x"), doubtful("y"), turn("a")]
    assert names(choose(waiting, [], {"owner a": 5}, 10, 2)) == ["a", "x"]


def test_servers_that_failed_never_take_more_runs_than_there_are_places() -> None:
    hanging = mute([doubtful("x"), doubtful("y")])
    waiting = [doubtful("z"), turn("a")]
    assert names(choose(waiting, hanging, {}, 2 * MUTE_S, 2)) == ["a"]


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
