"""What a table schema is: the values that `load.py` reads and that every other module derives from.

The vocabulary is that of Table Schema (Frictionless Data, v1): types, constraints, missing values,
primary key. What it lacks is added beside it: French checks, rules across columns, the position of
a row, the law that asks for the data. Names of fields and codes are those of the national schema.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, field, replace
from enum import Enum


class FieldType(Enum):
    """The type of a field; the value is Table Schema's name of it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    YEAR = "year"
    GEOPOINT = "geopoint"
    GEOJSON = "geojson"
    ARRAY = "array"


class Check(Enum):
    """A check that needs more than a pattern: a key to compute, a list to look in."""

    INSEE = "insee"
    POSTCODE = "postcode"
    SIREN = "siren"
    SIRET = "siret"
    SIREN_OR_SIRET = "siren_or_siret"
    RNA = "rna"
    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    UUID = "uuid"
    OPENING_HOURS = "opening_hours"


class Severity(Enum):
    """An error sets the row aside; a warning lets it in and says so."""

    ERROR = "error"
    WARNING = "warning"


class RuleKind(Enum):
    """A rule across the columns of one row.

    ORDER: `fields[0] <= fields[1]`. TOGETHER: all filled or none. ONE_OF: at least one filled.
    REQUIRED_IF: `fields` are filled when `when` holds (column to values). SUM: `fields[0]` is the
    sum of the others. POSTCODE: `fields` are a postcode and an INSEE code that go together.
    """

    ORDER = "order"
    TOGETHER = "together"
    ONE_OF = "one_of"
    REQUIRED_IF = "required_if"
    SUM = "sum"
    POSTCODE = "postcode"


class Personal(Enum):
    """Personal data that the law lets through in a field, and that the privacy gate lets pass."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Composed:
    """How an identifier that a file lacks is proposed.

    `form` holds `{insee}`, the name of a column, and one of `{digest}` (ten letters), `{digits}`
    (ten digits), `{number}` (three digits that no other row has), each made of `cells`, the columns
    that tell a row from the others. Without form, `why_not` says in French why it is not ours to
    make.
    """

    form: str = ""
    cells: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column. An absent bound is `None`, an absent text `""`.

    `format` is Table Schema's (`%Y-%m-%d`, `email`, `uri`, `array`…); `separator` cuts the items of
    an array. `true_values` and `false_values` are what the national schema accepts for a boolean.
    `synonyms` are other headers under which the column is met. `personal` is what may stand here.
    """

    name: str
    type: FieldType
    title: str
    description: str
    example: str = ""
    bad_example: str = ""
    format: str = ""
    separator: str = ","
    is_required: bool = False
    is_unique: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    check: Check | None = None
    check_severity: Severity = Severity.ERROR
    synonyms: tuple[str, ...] = ()
    personal: frozenset[Personal] = frozenset()
    composed: Composed | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across columns; `message` says it in French, for the report and the help page."""

    kind: RuleKind
    fields: tuple[str, ...]
    message: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands: two columns in degrees, or one geopoint column, or one GeoJSON column."""

    longitude: str = ""
    latitude: str = ""
    point: str = ""
    geojson: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The national schema whose facts are stated here. `file` is its name in the collection of
    national files; `""` for a schema of ours, whose `name` is then `territoire`."""

    name: str
    version: str
    url: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """What the law asks, and of whom: communes (or EPCI) from so many inhabitants or agents."""

    law: str
    text: str
    from_population: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where we knowingly differ from the national file, and why.

    `field` is a column and `what` one of absent, added, type, format, required, unique, enum,
    pattern, bounds, length, booleans, check; or `field` is `""` (the table) and `what` key or
    missing. A test compares the list with the file.
    """

    field: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of the schema of a table. `key` names the columns that identify a row;
    `commune` the column of its INSEE code (`""`: that of the depositor)."""

    slug: str
    version: str
    title: str
    description: str
    origin: Origin
    theme: str
    frequency: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    commune: str = ""
    position: Position | None = None
    label: str = ""
    rules: tuple[Rule, ...] = ()
    missing_values: tuple[str, ...] = ("",)
    duty: Duty | None = None
    is_expected: bool = True
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """How a resource names its schema: `<slug>/<version>`."""
        return f"{self.slug}/{self.version}"

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(each.name for each in self.fields)

    def without(self, names: Collection[str]) -> Schema:
        """The same schema without some columns, and without the position or the name of a row that
        stands in one of them."""
        if not names:
            return self
        place = (
            self.position if self.position and not set(names) & {*astuple(self.position)} else None
        )
        return replace(
            self,
            fields=tuple(each for each in self.fields if each.name not in names),
            position=place,
            label="" if self.label in names else self.label,
        )

    def field(self, name: str) -> Field:
        """Look up a column by its exact name; an unknown one is a `KeyError`."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)
