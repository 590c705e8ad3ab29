"""When a source is read next: as often as it changes, out of its quiet hours, at any clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvesters.errors import Refused
from harvesters.rhythm import (
    LONGEST,
    PARIS,
    SHORTEST,
    Frequency,
    QuietHours,
    Reading,
    Wish,
    change_period,
    interval,
    is_believable,
    next_run,
    read_quiet,
)
from harvesters.rhythm_words import say_change, say_moment, say_next

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AUTO = Wish(Frequency.AUTO)
OFFICE = QuietHours(time(8), time(18))
NIGHT = QuietHours(time(22), time(6))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def readings(
    changed: Sequence[bool], every: timedelta = DAY, until: datetime = NOON
) -> list[Reading]:
    """Readings at a regular beat, the last one at `until`."""
    first = until - every * (len(changed) - 1)
    return [Reading(first + every * n, True, has) for n, has in enumerate(changed)]


def weekly(days: int = 28) -> list[Reading]:
    return readings([n % 7 == 0 for n in range(days)])


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


def test_a_source_that_changes_each_week_is_found_to_change_each_week() -> None:
    period = change_period(weekly())
    assert period is not None
    assert timedelta(days=5) < period < timedelta(days=9)
    assert say_change(period) == "la source change environ une fois par semaine"


def test_it_is_then_read_about_twice_for_each_change() -> None:
    assert timedelta(days=2.5) < interval(weekly(), AUTO) < timedelta(days=4.5)


def test_a_source_that_has_changed_at_each_reading_is_read_more_often() -> None:
    assert interval(readings([True] * 10), AUTO) < DAY / 2


def test_a_source_that_never_changes_is_read_ever_less_often_and_at_least_each_week() -> None:
    pauses = [interval(readings([False] * n), AUTO) for n in (2, 5, 10, 20, 60)]
    assert pauses == sorted(pauses)
    assert pauses[0] == DAY
    assert pauses[-1] == LONGEST


def test_nothing_is_believed_of_too_few_readings() -> None:
    assert change_period(readings([True, True, True])) is None
    assert interval(readings([True, True]), AUTO) == DAY


def test_a_failed_reading_says_nothing_of_change() -> None:
    whole = weekly()
    failed = [Reading(r.at + HOUR, False, False) for r in whole]
    assert change_period([*whole, *failed]) == change_period(whole)


def test_a_source_that_fails_is_tried_again_soon_then_less_and_less() -> None:
    whole = readings([True] + [False] * 20)
    pauses = []
    for count in range(1, 9):
        failed = [Reading(NOON + HOUR * (n + 1), False, False) for n in range(count)]
        pauses.append(interval([*whole, *failed], AUTO))
    assert pauses[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert pauses[-1] == interval(whole, AUTO)


@pytest.mark.parametrize(
    ("frequency", "days"),
    [
        (Frequency.DAILY, 1),
        (Frequency.WEEKLY, 7),
        (Frequency.BIWEEKLY, 14),
        (Frequency.MONTHLY, 30),
    ],
)
def test_a_chosen_frequency_is_never_exceeded(frequency: Frequency, days: int) -> None:
    wish = Wish(frequency)
    at = next_run(readings([True] * 10), wish, NOON, 0)
    later = next_run(readings([True] * 10), wish, NOON, 1)
    assert at == NOON + days * DAY
    assert later is not None
    assert at < later < at + days * DAY * 0.05


def test_a_source_on_demand_is_never_started() -> None:
    assert next_run(weekly(), Wish(Frequency.MANUAL), NOON, 0.5) is None


def test_an_automatic_source_waits_for_its_first_run_by_an_officer() -> None:
    assert next_run([], AUTO, NOON, 0.5) is None


def test_a_source_with_a_chosen_frequency_starts_at_once() -> None:
    assert next_run([], Wish(Frequency.DAILY), NOON, 0.5) == NOON


@pytest.mark.parametrize("wish", [Wish(Frequency.ALWAYS), Wish(Frequency.AUTO, is_live=True)])
def test_live_sources_and_those_read_without_end_are_due_at_each_beat(wish: Wish) -> None:
    assert next_run(readings([False] * 9), wish, NOON, 0.5) == NOON


def test_sources_added_together_drift_apart() -> None:
    moments = {next_run(weekly(), AUTO, NOON, chance / 10) for chance in range(11)}
    assert len(moments) == 11


def test_a_run_in_the_future_counts_as_one_of_now() -> None:
    ahead = [Reading(NOON + timedelta(days=400), True, True)]
    assert next_run(ahead, Wish(Frequency.DAILY), NOON, 0) == NOON + DAY


def test_a_next_run_that_a_wrong_clock_made_is_not_believed() -> None:
    daily = Wish(Frequency.DAILY)
    assert is_believable(NOON + DAY, daily, NOON)
    assert not is_believable(NOON + timedelta(days=400), daily, NOON)
    assert is_believable(NOON + timedelta(days=31), Wish(Frequency.MONTHLY), NOON)


def test_a_source_that_is_late_is_due_now() -> None:
    old = readings([True] * 5, until=NOON - timedelta(days=90))
    assert next_run(old, Wish(Frequency.DAILY), NOON, 0) == NOON


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (paris(2026, 11, 24, 7, 59), paris(2026, 11, 24, 7, 59)),
        (paris(2026, 11, 24, 8, 0), paris(2026, 11, 24, 18, 0)),
        (paris(2026, 11, 24, 17, 59), paris(2026, 11, 24, 18, 0)),
        (paris(2026, 11, 24, 18, 0), paris(2026, 11, 24, 18, 0)),
        (paris(2026, 7, 14, 12, 0), paris(2026, 7, 14, 18, 0)),
    ],
)
def test_no_run_begins_in_office_hours_in_winter_and_in_summer(
    moment: datetime, expected: datetime
) -> None:
    assert OFFICE.after(moment) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (paris(2026, 11, 24, 23, 0), paris(2026, 11, 25, 6, 0)),
        (paris(2026, 11, 25, 1, 0), paris(2026, 11, 25, 6, 0)),
        (paris(2026, 11, 25, 6, 0), paris(2026, 11, 25, 6, 0)),
        (paris(2026, 12, 31, 23, 30), paris(2027, 1, 1, 6, 0)),
    ],
)
def test_quiet_hours_may_span_midnight(moment: datetime, expected: datetime) -> None:
    assert NIGHT.after(moment) == expected


def test_the_night_is_an_hour_shorter_in_march_and_longer_in_october() -> None:
    spring = NIGHT.after(paris(2026, 3, 28, 22, 0)) - paris(2026, 3, 28, 22, 0).astimezone(UTC)
    autumn = NIGHT.after(paris(2026, 10, 24, 22, 0)) - paris(2026, 10, 24, 22, 0).astimezone(UTC)
    assert (spring, autumn) == (7 * HOUR, 9 * HOUR)


def test_an_end_that_comes_twice_in_october_is_the_second_one() -> None:
    quiet = QuietHours(time(0), time(2, 30))
    assert quiet.after(paris(2026, 10, 25, 1, 0)) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_end_that_does_not_exist_in_march_is_the_hour_after() -> None:
    quiet = QuietHours(time(0), time(2, 30))
    assert quiet.after(paris(2026, 3, 29, 1, 0)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


clock = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(
    start=clock, end=clock, chance=st.floats(0, 1),
    moment=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    frequency=st.sampled_from([f for f in Frequency if f is not Frequency.MANUAL]),
)  # fmt: skip
def test_whatever_the_hours_a_run_never_begins_in_them_nor_waits_more_than_two_days(
    start: time, end: time, chance: float, moment: datetime, frequency: Frequency
) -> None:
    if start == end:
        return
    wish = Wish(frequency, QuietHours(start, end))
    at = next_run(readings([True] * 8, until=moment), wish, moment, chance)
    free = next_run(readings([True] * 8, until=moment), Wish(frequency), moment, chance)
    assert at is not None
    assert free is not None
    assert not wish.quiet or not wish.quiet.holds(at)
    assert free <= at <= free + timedelta(days=2)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), st.booleans()), min_size=1),
    st.floats(0, 1),
)
def test_whatever_the_history_an_automatic_source_is_read_within_its_bounds(
    history: list[tuple[int, bool, bool]], chance: float
) -> None:
    past = [Reading(NOON - timedelta(minutes=ago), *rest) for ago, *rest in history]
    assert SHORTEST <= interval(past, AUTO) <= LONGEST
    at = next_run(past, AUTO, NOON, chance)
    assert at is not None
    assert NOON <= at <= NOON + LONGEST * 1.1


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("8h-18h", time(8), time(18)),
        ("08:00-18:00", time(8), time(18)),
        ("8 h à 18 h", time(8), time(18)),
        ("22h30 – 6h", time(22, 30), time(6)),
        ("18h-24h", time(18), time(0)),
    ],
)
def test_quiet_hours_are_read_as_people_type_them(typed: str, start: time, end: time) -> None:
    assert read_quiet(typed) == QuietHours(start, end)


def test_no_quiet_hours_is_an_empty_text() -> None:
    assert read_quiet("  ") is None


@pytest.mark.parametrize(
    "typed", ["la nuit", "8h", "8h-8h", "25h-3h", "8h70-9h", "8h-18h, 20h-22h"]
)
def test_quiet_hours_that_are_not_understood_are_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Refused, match=r"TER-SRC-080.*8h-18h"):
        read_quiet(typed)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 25, 2, 12, tzinfo=UTC), "demain vers 3 h 12"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), "aujourd’hui vers 18 h"),
        (datetime(2026, 12, 1, 5, 0, tzinfo=UTC), "mardi 1er décembre vers 6 h"),
        (NOON, "dans un instant"),
        (None, "seulement quand vous la lancez"),
    ],
)
def test_the_next_run_is_said_on_the_clock_of_paris(moment: datetime | None, told: str) -> None:
    assert say_next(moment, NOON).replace("\u00a0", " ") == told


def test_the_day_is_that_of_paris_not_of_london() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert say_moment(late, NOON).replace("\u00a0", " ") == "demain à 0 h 30"


def test_a_rate_that_is_not_known_is_not_said() -> None:
    assert say_change(None) == ""
    assert say_change(timedelta(days=400)) == "la source change rarement"
