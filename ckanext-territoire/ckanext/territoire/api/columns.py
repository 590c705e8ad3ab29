"""What may be asked of a merged table: its columns, their kind, the operators each kind takes.

Names in a request are looked up here and nowhere else: what is not a column of the schema, or of
the provenance of a row, never reaches SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from schemas.model import Field, FieldType, Schema
from schemas.to_columns import stored_type


class Kind(Enum):
    """How the values of a column are read and compared; the value is said to people."""

    TEXT = "un texte"
    ORDERED = "un texte dans l’ordre des dates ou des heures"
    INTEGER = "un nombre entier"
    NUMBER = "un nombre"
    BOOLEAN = "true ou false"
    DATE = "une date comme 2026-01-31"
    MOMENT = "une date et une heure comme 2026-01-31T14:30:00Z"
    LIST = "une liste"
    SHAPE = "une position ou un tracé"


class Op(Enum):
    """A comparison; the value is how it is written after `__` in a request."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    STARTS = "starts"
    HAS = "has"
    NULL = "null"


class Reckoning(Enum):
    """What may be reckoned of a column in each group; the value is the name of the parameter."""

    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


_ORDER = (Op.GT, Op.GTE, Op.LT, Op.LTE)
_EQUAL = (Op.EQ, Op.NE, Op.IN)
_WORDS = (Op.CONTAINS, Op.STARTS)
OPERATORS: dict[Kind, tuple[Op, ...]] = {
    Kind.TEXT: (*_EQUAL, *_WORDS, Op.NULL),
    Kind.ORDERED: (*_EQUAL, *_ORDER, *_WORDS, Op.NULL),
    Kind.INTEGER: (*_EQUAL, *_ORDER, Op.NULL),
    Kind.NUMBER: (*_EQUAL, *_ORDER, Op.NULL),
    Kind.BOOLEAN: (Op.EQ, Op.NE, Op.NULL),
    Kind.DATE: (*_EQUAL, *_ORDER, Op.NULL),
    Kind.MOMENT: (*_EQUAL, *_ORDER, Op.NULL),
    Kind.LIST: (Op.HAS, Op.EQ, *_WORDS, Op.NULL),
    Kind.SHAPE: (Op.NULL,),
}
_ORDERED = (Kind.ORDERED, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.MOMENT)
RECKONED: dict[Reckoning, tuple[Kind, ...]] = {
    Reckoning.SUM: (Kind.INTEGER, Kind.NUMBER),
    Reckoning.AVG: (Kind.INTEGER, Kind.NUMBER),
    Reckoning.MIN: _ORDERED,
    Reckoning.MAX: _ORDERED,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be named in a request. `type` is PostgreSQL's, `stored` the name it has
    there when that is another; `separator` cuts the items of a list."""

    name: str
    kind: Kind
    type: str
    title: str = ""
    stored: str = ""
    separator: str = ""


KEY = Column("territoire_cle", Kind.TEXT, "text", "Identifiant de la ligne", stored="_key")
DISTANCE = Column("territoire_distance_m", Kind.NUMBER, "float8", "Distance au point, en mètres")
COUNT = Column("count", Kind.INTEGER, "int8", "Nombre de lignes")
PROVENANCE = (
    Column("territoire_commune", Kind.TEXT, "text", "Code Insee de la commune de la ligne"),
    Column("territoire_commune_nom", Kind.TEXT, "text", "Nom de la commune de la ligne"),
    Column("territoire_jeu", Kind.TEXT, "text", "Jeu de données d’où vient la ligne"),
    Column("territoire_ressource", Kind.TEXT, "text", "Fichier d’où vient la ligne"),
    Column("territoire_livraison", Kind.TEXT, "text", "Livraison qui a apporté cet état"),
    Column("territoire_ligne", Kind.INTEGER, "int8", "Numéro de la ligne dans le fichier livré"),
    Column("territoire_maj", Kind.MOMENT, "timestamptz", "Dernier changement de la ligne"),
    Column("territoire_hors_epci", Kind.BOOLEAN, "bool", "La ligne est hors du territoire"),
)
_KINDS = {
    "int8": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "numeric": Kind.NUMBER,
    "bool": Kind.BOOLEAN,
    "date": Kind.DATE,
    "timestamp": Kind.MOMENT,
    "timestamptz": Kind.MOMENT,
}
_AS_TEXT = {
    FieldType.ARRAY: Kind.LIST,
    FieldType.GEOPOINT: Kind.SHAPE,
    FieldType.GEOJSON: Kind.SHAPE,
    FieldType.DATE: Kind.ORDERED,
    FieldType.TIME: Kind.ORDERED,
}


def own_columns(schema: Schema) -> tuple[Column, ...]:
    """The columns of the schema, in its order."""
    return tuple(_column(field) for field in schema.fields)


def columns_of(schema: Schema) -> dict[str, Column]:
    """Every column that a request may name: the schema's, the key, where the row comes from."""
    return {each.name: each for each in (*own_columns(schema), KEY, *PROVENANCE)}


def _column(field: Field) -> Column:
    stored = stored_type(field)
    kind = _KINDS.get(stored) or _AS_TEXT.get(field.type, Kind.TEXT)
    separator = field.separator if kind is Kind.LIST else ""
    return Column(field.name, kind, stored, field.title, separator=separator)
