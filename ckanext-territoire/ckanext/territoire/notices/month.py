"""A month of letters: its bounds, and the working day on which its letters leave. Pure.

Days and hours are those of Paris.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.easter import easter

from ckanext.territoire.notices.timing import MORNING
from ckanext.territoire.portal.typography import MONTHS, NBSP, PARIS, of_place

LATE = timedelta(days=7)  # how long after their day letters may still leave
FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
AFTER_EASTER = {1, 39, 50}  # Easter Monday, Ascension, Whit Monday


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month; `key` names it in addresses and rows."""

    year: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def name(self) -> str:
        """The month as it is read.

        >>> Month(2026, 10).name.replace("\\xa0", " ")
        'octobre 2026'
        """
        return f"{MONTHS[self.number - 1]}{NBSP}{self.year}"

    @property
    def of(self) -> str:
        """The month after « de ».

        >>> Month(2026, 10).of.replace("\\xa0", " ")
        'd’octobre 2026'
        """
        return of_place(self.name)

    @property
    def before(self) -> Month:
        return month_of(date(self.year, self.number, 1) - timedelta(days=1))

    @property
    def after(self) -> Month:
        return month_of(date(self.year, self.number, 1) + timedelta(days=31))

    @property
    def start(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=PARIS).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return self.after.start


def month_of(day: date) -> Month:
    """Answer the month of a day."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month | None:
    """Read the key of a month; `None` when it is none.

    >>> read_month("2026-10"), read_month("2026-13")
    (Month(year=2026, number=10), None)
    """
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None


def is_working(day: date) -> bool:
    """Say whether town halls work on a day: not at weekends, nor on public holidays."""
    if day.weekday() >= 5 or (day.month, day.day) in FIXED:
        return False
    return (day - easter(day.year)).days not in AFTER_EASTER


def leaves_on(month: Month, working_day: int) -> date:
    """Answer the day on which the letters of a month leave: so many working days into the next
    month, the first one at least, its last day at most."""
    days = [month.end.astimezone(PARIS).date() + timedelta(days=n) for n in range(31)]
    working = [day for day in days if is_working(day) and month_of(day) == month.after]
    return working[min(max(working_day, 1), len(working)) - 1]


def due_month(now: datetime, working_day: int) -> Month | None:
    """Answer the month whose letters leave now: from the morning of their day, for a week."""
    here = now.astimezone(PARIS)
    month = month_of(here.date()).before
    for each in (month, month.before):
        day = leaves_on(each, working_day)
        starts = datetime(day.year, day.month, day.day, MORNING, tzinfo=PARIS)
        if starts <= here < starts + LATE:
            return each
    return None


def shown_month(now: datetime, working_day: int) -> Month:
    """Answer the month that an officer looks at first: the one whose letters have just left, else
    the one that is under way."""
    return due_month(now, working_day) or month_of(now.astimezone(PARIS).date())
