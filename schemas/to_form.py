"""From a schema to what an entry grid needs: a control for each field, in its order.

`dataclasses.asdict` of a control is JSON as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.model import Check, Field, FieldType, Schema
from schemas.to_columns import is_whole_date
from schemas.to_words import say_composed, to_words, yes_and_no


class ControlKind(StrEnum):
    """What a person acts on."""

    LINE = "line"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, and the words that show it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Control:
    """One cell of the grid. `input_type` and `input_mode` are HTML's; `pattern` matches the whole
    value; `minimum`, `maximum`, `placeholder` are `""` when there is none. `words` say what to
    write, `composed` what becomes of an identifier that is missing. `separator` joins the values
    of CHOICES."""

    name: str
    kind: ControlKind
    label: str
    help: str
    words: str
    is_required: bool
    input_type: str
    input_mode: str
    placeholder: str
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    separator: str = ""
    composed: str = ""


_INPUTS = {
    Check.PHONE: "tel",
    Check.EMAIL: "email",
    Check.WEB: "url",
}
_FORMATS = {"email": "email", "uri": "url"}
_KEYPADS = {FieldType.INTEGER: "numeric", FieldType.NUMBER: "decimal"}
_DIGITS = (Check.POSTCODE, Check.SIREN, Check.SIRET, Check.SIREN_OR_SIRET)


def to_form(schema: Schema) -> tuple[Control, ...]:
    """Make the controls of a row."""
    return tuple(_control(field, schema) for field in schema.fields)


def _control(field: Field, schema: Schema) -> Control:
    kind = _kind(field, schema)
    return Control(
        name=field.name,
        kind=kind,
        label=field.title,
        help=field.description,
        words=to_words(field),
        is_required=field.is_required,
        input_type=_input_type(field, kind),
        input_mode=_input_mode(field),
        placeholder=field.example,
        pattern=field.pattern.removeprefix("^").removesuffix("$") if _is_free(field) else "",
        minimum=field.minimum or "",
        maximum=field.maximum or "",
        max_length=field.max_length,
        choices=_choices(field),
        separator=field.separator if field.type is FieldType.ARRAY else "",
        composed=say_composed(schema, field),
    )


def _kind(field: Field, schema: Schema) -> ControlKind:
    if field.type is FieldType.ARRAY and field.enum:
        return ControlKind.CHOICES
    if field.enum or field.type is FieldType.BOOLEAN:
        return ControlKind.CHOICE
    if schema.position and field.name in (schema.position.longitude, schema.position.latitude):
        return ControlKind.POSITION
    if field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.YEAR):
        return ControlKind.NUMBER
    if field.type is FieldType.DATE and is_whole_date(field.format):
        return ControlKind.DATE
    return ControlKind.LINE


def _input_type(field: Field, kind: ControlKind) -> str:
    """Numbers are typed as text: people write a decimal comma, and the check reads it."""
    if kind is ControlKind.DATE and field.format in ("", "default", "%Y-%m-%d"):
        return "date"
    if field.check in _INPUTS:
        return _INPUTS[field.check]
    return _FORMATS.get(field.format, "text")


def _input_mode(field: Field) -> str:
    """Choose the keypad of a phone; those of digits have no minus sign."""
    if field.type is FieldType.YEAR or field.check in _DIGITS:
        return "numeric"
    if field.minimum is not None and not field.minimum.startswith("-"):
        return _KEYPADS.get(field.type, "text")
    return "text"


def _is_free(field: Field) -> bool:
    return not field.enum and field.type is FieldType.STRING


def _choices(field: Field) -> tuple[Choice, ...]:
    if field.type is FieldType.BOOLEAN:
        yes, no = yes_and_no(field)
        return (Choice(yes, "Oui"), Choice(no, "Non"))
    return tuple(Choice(value, value) for value in field.enum)
