"""A value of a request, read by the kind of its column into the text that PostgreSQL casts.

`None` means that it is not of that kind: PostgreSQL never sees a text that it could refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from ckanext.territoire.api.columns import Column, Kind

TRUE = ("true", "1", "oui", "vrai")
FALSE = ("false", "0", "non", "faux")
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,2})?", re.ASCII)
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:\d\d)$")
_LIMITS = {"int8": 2**63, "int4": 2**31}


def read_value(column: Column, text: str) -> str | None:
    """Read a value.

    >>> read_value(Column("n", Kind.INTEGER, "int4"), "12")
    '12'
    >>> read_value(Column("n", Kind.INTEGER, "int4"), "3000000000") is None
    True
    """
    if not is_clean(text):
        return None
    read = _READ.get(column.kind)
    return text if read is None else read(column, text.strip())


def read_truth(text: str) -> bool | None:
    """Read yes or no; `None` when it is neither."""
    told = text.strip().casefold()
    return told in TRUE if told in (*TRUE, *FALSE) else None


def is_clean(text: str) -> bool:
    """Say whether PostgreSQL takes a text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _integer(column: Column, text: str) -> str | None:
    if not _INTEGER.fullmatch(text):
        return None
    limit = _LIMITS.get(column.type, _LIMITS["int8"])
    return str(int(text)) if -limit <= int(text) < limit else None


def _number(_: Column, text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) else None


def _boolean(_: Column, text: str) -> str | None:
    told = read_truth(text)
    return None if told is None else str(told).lower()


def _date(_: Column, text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _moment(column: Column, text: str) -> str | None:
    """Read a moment; a `+` that came unescaped in an address is a space here."""
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
    except ValueError:
        return None
    is_zoned = column.type == "timestamptz"
    if is_zoned and found.tzinfo is None:
        return f"{found.isoformat()}+00:00"
    return (found if is_zoned else found.replace(tzinfo=None)).isoformat()


_READ: dict[Kind, Callable[[Column, str], str | None]] = {
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
}
