"""When a source is read next: from how often it really changes, outside its quiet hours.

Pure: the clock and the chance are arguments; moments carry their zone. A frequency that an officer
chose is a ceiling, « at most once a day », which quiet hours and a server that asks to wait may
make rarer. `AUTO` follows the source: two readings for each change that is expected, between an
hour and a week, at once again after a failure, then less and less often. `AUTO` for a source of
live values is every minute, the beat of the scheduler.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from harvesters.errors import Refused
from harvesters.model import Issue

PARIS = ZoneInfo("Europe/Paris")
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=7)
FIRST = timedelta(days=1)  # while too little is known
READINGS_PER_CHANGE = 2
ENOUGH = 3  # intervals between readings, before a rate of change is believed
DAY_S = 86_400


class Frequency(Enum):
    """How often an officer wants a source read: the words of ckanext-harvest, and `AUTO`."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"
    ALWAYS = "ALWAYS"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    BIWEEKLY = "BIWEEKLY"
    MONTHLY = "MONTHLY"


CHOSEN = {
    Frequency.ALWAYS: timedelta(0),
    Frequency.DAILY: timedelta(days=1),
    Frequency.WEEKLY: timedelta(days=7),
    Frequency.BIWEEKLY: timedelta(days=14),
    Frequency.MONTHLY: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One finished run: when it began, whether it read all, whether the source had changed."""

    at: datetime
    is_whole: bool
    has_changed: bool


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the clock on the wall in Paris during which no run begins; may span midnight."""

    start: time
    end: time

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment is quiet."""
        here = moment.astimezone(PARIS).time()
        if self.start < self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end

    def after(self, moment: datetime) -> datetime:
        """Answer the moment, or the end of the quiet hours it falls in. Answers UTC."""
        if not self.holds(moment):
            return moment.astimezone(UTC)
        here = moment.astimezone(PARIS)
        is_tomorrow = self.end <= here.time()
        return _on_the_wall(here.date() + timedelta(days=is_tomorrow), self.end)


def _on_the_wall(day: date, clock: time) -> datetime:
    """Answer when the clock of Paris has passed this time for good: an hour that comes twice in
    October ends with the second one, an hour that does not exist in March with the one after."""
    return max(
        datetime.combine(day, clock.replace(fold=fold), PARIS).astimezone(UTC) for fold in (0, 1)
    )


HOURS = re.compile(
    r"(\d{1,2})\s*(?:h|:)?\s*(\d{2})?\s*(?:-|–|à|a|et)\s*(\d{1,2})\s*(?:h|:)?\s*(\d{2})?", re.I
)


def read_quiet(typed: str) -> QuietHours | None:
    """Read quiet hours as people type them; `None` for none. Raises `Refused` (TER-SRC-080).

    >>> read_quiet("8h-18h") == read_quiet("08:00-18:00") == read_quiet("8 h à 18 h")
    True
    """
    text = typed.strip()
    if not text:
        return None
    found = HOURS.fullmatch(text)
    if not found:
        raise Refused(Issue("TER-SRC-080", found=typed[:60]))
    numbers = [int(part or 0) for part in found.groups()]
    start, end = numbers[:2], numbers[2:]
    if max(start[0], end[0]) > 24 or max(start[1], end[1]) > 59 or start == end:
        raise Refused(Issue("TER-SRC-080", found=typed[:60]))
    return QuietHours(time(start[0] % 24, start[1]), time(end[0] % 24, end[1]))


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asked for a source. `is_live`: it gives values of sensors."""

    frequency: Frequency
    quiet: QuietHours | None = None
    is_live: bool = False


def change_period(readings: Sequence[Reading]) -> timedelta | None:
    """Estimate how long a source stays the same, from its readings; `None` while unknown.

    A reading tells only whether there was a change since the one before, so that counting
    changes would miss those between two readings. With `n` intervals of mean length `t`, `x` of
    them with a change, the rate is `-ln((n - x + 0.5) / (n + 0.5)) / t` (Cho and Garcia-Molina,
    « Estimating frequency of change », 2003).
    """
    whole = sorted((r for r in readings if r.is_whole), key=lambda r: r.at)
    intervals = len(whole) - 1
    if intervals < ENOUGH:
        return None
    length = (whole[-1].at - whole[0].at) / intervals
    changed = sum(reading.has_changed for reading in whole[1:])
    if not changed or length <= timedelta(0):
        return None
    rate = -math.log((intervals - changed + 0.5) / (intervals + 0.5))
    return length / rate


def interval(readings: Sequence[Reading], wish: Wish) -> timedelta:
    """Answer how long after its last reading a source is read again, before quiet hours."""
    if wish.frequency in CHOSEN:
        return CHOSEN[wish.frequency]
    if wish.is_live:
        return timedelta(0)
    failed = _failed_in_a_row(readings)
    usual = _usual(readings)
    return min(SHORTEST * 2 ** min(failed - 1, 8), usual) if failed else usual


def _usual(readings: Sequence[Reading]) -> timedelta:
    """The interval of a source that answers; one that never changed is asked ever less often."""
    period = change_period(readings)
    if period:
        return min(max(period / READINGS_PER_CHANGE, SHORTEST), LONGEST)
    whole = [reading for reading in readings if reading.is_whole]
    if len(whole) <= ENOUGH:
        return FIRST
    span = max(r.at for r in whole) - min(r.at for r in whole)
    return min(max(span / 4, FIRST), LONGEST)


def _failed_in_a_row(readings: Sequence[Reading]) -> int:
    latest = sorted(readings, key=lambda r: r.at, reverse=True)
    return next((n for n, reading in enumerate(latest) if reading.is_whole), len(latest))


def next_run(
    readings: Sequence[Reading], wish: Wish, now: datetime, chance: float
) -> datetime | None:
    """Answer when a source is read next; `None` when only an officer starts it.

    `chance` is between 0 and 1: sources that were added together drift apart. A reading in the
    future (the clock was put back) counts as one of now. An automatic source waits for its first
    reading, which an officer starts.
    """
    if wish.frequency is Frequency.MANUAL or (not readings and wish.frequency is Frequency.AUTO):
        return None
    if not readings:
        return _outside(now, wish, chance)
    last = min(max(reading.at for reading in readings), now)
    pause = interval(readings, wish)
    share = 0.9 + 0.2 * chance if wish.frequency is Frequency.AUTO else 1 + 0.02 * chance
    return _outside(max(last + pause * share, now), wish, chance)


def _outside(moment: datetime, wish: Wish, chance: float) -> datetime:
    """Leave the quiet hours, a little later for each source, so that not all come at once."""
    if wish.quiet is None or not wish.quiet.holds(moment):
        return moment.astimezone(UTC)
    end = wish.quiet.after(moment)
    later = end + timedelta(minutes=30) * chance
    return end if wish.quiet.holds(later) else later


def is_believable(at: datetime, wish: Wish, now: datetime) -> bool:
    """Say whether a stored next run can stand: one too far ahead was made by a wrong clock."""
    longest = max(CHOSEN.get(wish.frequency, LONGEST), LONGEST)
    return at - now <= longest * 1.2 + timedelta(days=2)
