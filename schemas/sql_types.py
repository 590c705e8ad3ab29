"""When a text is of the type of its field, as DuckDB expressions, alike Table Schema's judge.

`to_cast` gives the value, NULL when the text is not of the type: what Python's `int`, `Decimal` and
`strptime` read, for the digits 0 to 9. `to_plain` is a cheap test of what is surely of the type and
written in its normal form; a text that fails it is looked at closely, not refused.
"""

from __future__ import annotations

import re

from schemas.model import Field, FieldType
from schemas.sql_text import NO_BREAKS, TEXT, in_list, quote
from schemas.to_columns import is_whole_date, stored_type
from schemas.to_re2 import may_match_blanks

NUMBER = r"[+-]?(_*\d[\d_]*\.?[\d_]*|_*\.[_]*\d[\d_]*)([eE][+-]?_*\d[\d_]*)?"
JSON_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"
LARGEST = "1.7976931348623157e308"
NAMED = r"[+-]?(?i:inf|infinity|nan)"
# what Python's `strip` takes away
PYTHON_BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
_SPACES = r"[\s\x{0b}\x{85}\p{Z}]*"
_STORED = {
    "int8": "BIGINT",
    "int4": "INTEGER",
    "numeric": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "text": "VARCHAR",
}
_PARTS = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}",
    "M": r"\d{1,2}", "S": r"\d{1,2}", "f": r"\d{1,6}", "z": r"([+-]\d{2}:?\d{2}|Z)", "%": "%",
}  # fmt: skip
CLOCK = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.,]\d+)?|24:00:00([.,]0+)?)"
_ZONE = r"(Z|[+-]\d{2}(:?\d{2})?)?"
_MOMENT = rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]{CLOCK}{_ZONE}"


def stored_as(field: Field) -> str:
    """Name DuckDB's type of the values of a field: that of its column in the merged table."""
    return _STORED[stored_type(field)]


def to_cast(field: Field, is_strict: bool = False) -> str:
    """The value of a text, of the type `stored_as`, or NULL.

    `is_strict`: a number may have blanks around it, be infinite or none, as for the judge.
    """
    match field.type:
        case FieldType.INTEGER:
            blanks, text = (_SPACES, _bare()) if is_strict else ("", TEXT)
            return _when(rf"{blanks}[+-]?\d+(_\d+)*{blanks}", f"try_cast({text} AS BIGINT)")
        case FieldType.NUMBER:
            return _number(is_strict)
        case FieldType.BOOLEAN:
            yes, no = in_list(TEXT, field.true_values), in_list(TEXT, field.false_values)
            return f"CASE WHEN {yes} THEN true WHEN {no} THEN false END"
        case FieldType.YEAR:
            return _when(r"\d{4}", f"try_cast({TEXT} AS INTEGER)")
        case FieldType.DATE | FieldType.DATETIME | FieldType.TIME:
            return _time(field)
        case FieldType.GEOPOINT:
            longitude, latitude = (to_degree(field, i) for i in (1, 2))
            is_inside = f"abs({longitude}) <= 180 AND abs({latitude}) <= 90"
            return f"CASE WHEN {is_inside} THEN {TEXT} END"
        case FieldType.STRING | FieldType.GEOJSON | FieldType.ARRAY:
            return TEXT


def to_plain(field: Field, is_strict: bool = False) -> str:
    """True only if the text is of the type and in its normal form; NULL is no.

    It says the bounds of a number too, and leaves to the pattern what the pattern says.
    """
    match field.type:
        case FieldType.INTEGER:
            return f"CAST(try_cast({TEXT} AS BIGINT) AS VARCHAR) = {TEXT}"
        case FieldType.NUMBER:
            return _plain_number(field, is_strict)
        case FieldType.DATE if stored_as(field) == "DATE" and _format(field) == "%Y-%m-%d":
            return f"CAST(try_cast({TEXT} AS DATE) AS VARCHAR) = {TEXT} AND strlen({TEXT}) = 10"
        case FieldType.BOOLEAN:
            return in_list(TEXT, (*field.true_values, *field.false_values))
        case FieldType.STRING | FieldType.ARRAY | FieldType.GEOJSON:
            return "true" if is_strict else _plain_text(field)
        case FieldType.GEOPOINT if not is_strict:
            return f"({to_cast(field)}) IS NOT NULL AND {has_bare_ends()}"
    return f"({to_cast(field)}) IS NOT NULL"


def _plain_number(field: Field, is_strict: bool) -> str:
    low, high = field.minimum or f"-{LARGEST}", field.maximum or LARGEST
    value = f"try_cast({TEXT} AS DOUBLE)"
    is_inside = f"{value} BETWEEN CAST('{low}' AS DOUBLE) AND CAST('{high}' AS DOUBLE)"
    if is_strict:
        return f"{is_inside} AND ({TEXT} < '+' OR {TEXT} >= ',')"  # DuckDB reads +-1
    return f"{is_inside} AND {TEXT} >= ',' AND {TEXT}[-1] > ' '"  # nor blanks


def _plain_text(field: Field) -> str:
    if field.enum and field.type is FieldType.STRING:
        return in_list(TEXT, field.enum)
    is_said = field.type is FieldType.STRING and field.pattern
    return "true" if is_said and not may_match_blanks(field.pattern) else has_bare_ends()


def has_bare_ends() -> str:
    """True if a text neither begins nor ends with a blank and holds no no-break space."""
    held = " AND ".join(f"NOT contains({TEXT}, {quote(blank)})" for blank in NO_BREAKS)
    return f"{TEXT} >= '!' AND {TEXT}[-1] > ' ' AND {held}"


def to_quick_cast(field: Field) -> str:
    """The value of a text that `to_plain` accepts, for less work than `to_cast`."""
    if field.type in (FieldType.INTEGER, FieldType.NUMBER):
        return f"try_cast({TEXT} AS {stored_as(field)})"
    if field.type is FieldType.DATE and _format(field) == "%Y-%m-%d":
        return f"try_cast({TEXT} AS DATE)"
    return to_cast(field)


def to_degree(field: Field, which: int) -> str:
    """The longitude (1) or latitude (2) that a geopoint holds, in degrees; NULL if it has none."""
    number = NUMBER.replace("(", "(?:")
    if field.format == "array":
        item = f'({JSON_NUMBER}|"{_SPACES}{number}{_SPACES}")'
        shape = rf"{_SPACES}\[{_SPACES}{item}{_SPACES},{_SPACES}{item}{_SPACES}\]{_SPACES}"
    else:
        shape = rf"{_SPACES}({number}){_SPACES},{_SPACES}({number}){_SPACES}"
    found = f"regexp_extract({TEXT}, {quote(f'^{shape}$')}, {which})"
    edges = quote('"' + PYTHON_BLANKS)
    return f"try_cast(replace(trim({found}, {edges}), '_', '') AS DOUBLE)"


def _bare() -> str:
    return f"trim({TEXT}, {quote(PYTHON_BLANKS)})"


def _when(pattern: str, value: str) -> str:
    return f"CASE WHEN regexp_full_match({TEXT}, {quote(pattern)}) THEN {value} END"


def _number(is_strict: bool) -> str:
    if is_strict:
        value = f"try_cast(replace({_bare()}, '_', '') AS DOUBLE)"
        return _when(f"{_SPACES}({NUMBER}|{NAMED}){_SPACES}", value)
    value = f"try_cast({TEXT} AS DOUBLE)"
    is_one = f"regexp_full_match({TEXT}, {quote(NUMBER)}) AND isfinite({value})"
    return f"CASE WHEN {is_one} THEN {value} END"


def _format(field: Field) -> str:
    """The format of a date or moment, `""` for Table Schema's own of moments and times."""
    if "%" in field.format:
        return field.format
    return "%Y-%m-%d" if field.type is FieldType.DATE else ""


def _time(field: Field) -> str:
    format = _format(field)
    if not format and field.type is FieldType.TIME:
        return _when(f"{CLOCK}{_ZONE}", TEXT)
    if not format:
        return _when(_MOMENT, f"try_cast(replace({TEXT}, ',', '.') AS TIMESTAMPTZ)")
    if format == "%Y-%m-%d":
        return _when(r"\d{4}-\d{1,2}-\d{1,2}", _year_one(f"try_cast({TEXT} AS DATE)"))
    parsed = _year_one(f"try_strptime({TEXT}, {quote(format)})")
    if field.type is FieldType.TIME or not (
        field.type is FieldType.DATETIME or is_whole_date(format)
    ):
        parsed = f"CASE WHEN {parsed} IS NOT NULL THEN {TEXT} END"
    else:
        parsed = f"CAST({parsed} AS {stored_as(field)})"
    return _when(_shape(format), parsed)


def _year_one(value: str) -> str:
    """A date before the year 1 is none for Python."""
    return f"CASE WHEN year({value}) >= 1 THEN {value} END"


def _shape(format: str) -> str:
    """The pattern of the texts that a format of dates reads."""
    parts = re.split(r"%(.)", format)
    return "".join(
        _PARTS.get(part, ".+") if i % 2 else re.escape(part) for i, part in enumerate(parts)
    )
