"""Tables that change name or go: the declared list, and what it means on a given day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.announcements import announcements, find_announcement, read_announcements
from schemas.load import slugs

DAY = date(2026, 1, 2)


def test_what_is_declared_names_tables_that_exist_where_it_must() -> None:
    for each in announcements():
        assert not each.becomes or each.becomes in slugs()
        assert each.until is None or each.since <= each.until
        assert find_announcement(each.slug) == each
        assert not each.is_new_name or each.slug not in slugs()
    assert find_announcement("rien") is None


def test_a_table_is_served_until_the_end_of_its_last_day() -> None:
    told = read_announcements([{"table": "a", "since": DAY, "until": date(2026, 6, 30)}])[0]
    assert not told.is_new_name
    assert [told.is_over(date(2026, 6, 30)), told.is_over(date(2026, 7, 1))] == [False, True]


def test_another_name_has_no_end() -> None:
    told = read_announcements([{"table": "a", "since": DAY, "becomes": "b"}])[0]
    assert told.is_new_name
    assert not told.is_over(date(2999, 1, 1))


@pytest.mark.parametrize(
    "entry",
    [
        {"table": "a", "since": DAY},
        {"table": "a", "becomes": "b"},
        {"since": DAY, "becomes": "b"},
        {"table": "a", "since": "hier", "becomes": "b"},
        {"table": "a", "since": DAY, "until": "demain"},
        {"table": "a", "since": DAY, "becomes": "b", "when": DAY},
    ],
)
def test_an_entry_that_is_half_written_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_announcements([entry])
