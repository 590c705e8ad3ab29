"""A text of a schema (an example, a bound, a choice) as the value that JSON and workbooks write."""

from __future__ import annotations

from datetime import datetime

from schemas.model import Field, FieldType

Typed = str | int | float | bool


def to_typed(field: Field, text: str) -> Typed:
    """Write a text as a value of the type of its field; what is not of that type stays text.

    >>> to_typed(Field("places", FieldType.INTEGER, "", ""), "120")
    120
    >>> to_typed(Field("tarif", FieldType.NUMBER, "", ""), "1€50")
    '1€50'
    """
    try:
        match field.type:
            case FieldType.INTEGER | FieldType.YEAR:
                return int(text)
            case FieldType.NUMBER:
                return _number(text)
            case FieldType.BOOLEAN if text in (*field.true_values, *field.false_values):
                return text in field.true_values
            case FieldType.DATE if "%" in field.format:
                return datetime.strptime(text, field.format).date().isoformat()
    except ValueError:
        pass
    return text


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
