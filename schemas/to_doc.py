"""From a schema to the help page that a town clerk reads: what, for whom, how, with examples.

French sentences and lists, no markup; spaces before « ; : » are left to whoever shows them.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Difference, Duty, Field, Personal, Position, Schema, Severity
from schemas.to_words import listed, say_composed, to_words
from schemas.vocabulary import load_vocabulary

OURS = "territoire"
_PERSONAL = {
    Personal.NAME: "un nom de personne",
    Personal.EMAIL: "une adresse électronique",
    Personal.PHONE: "un numéro de téléphone",
    Personal.ADDRESS: "une adresse postale",
}
_WHAT = {
    "absent": "Colonne absente",
    "added": "Colonne ajoutée",
    "type": "Type",
    "format": "Format",
    "required": "Obligation",
    "unique": "Unicité",
    "enum": "Valeurs permises",
    "pattern": "Forme",
    "bounds": "Bornes",
    "length": "Longueur",
    "booleans": "Façons d’écrire oui et non",
    "check": "Contrôle",
    "key": "Ce qui distingue les lignes",
    "missing": "Cellules vides",
}


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """One column: `words` say what to write; `personal` what of a person may stand here."""

    name: str
    title: str
    description: str
    words: str
    is_required: bool
    example: str
    bad_example: str
    personal: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Columns under one heading."""

    title: str
    fields: tuple[FieldDoc, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A place where we differ from the national schema: `where` a column, `""` for the table."""

    where: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Doc:
    """The page. `origin` and `audience` are sentences; `law` names the text, `""` without duty."""

    title: str
    purpose: str
    audience: str
    law: str
    law_url: str
    duty: str
    origin: str
    origin_url: str
    theme: str
    frequency: str
    sections: tuple[Section, ...]
    rules: tuple[str, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def to_doc(schema: Schema) -> Doc:
    """Write the help page of a schema."""
    duty = schema.duty or Duty("", "")
    return Doc(
        title=schema.title,
        purpose=schema.description,
        audience=to_audience(schema),
        law=duty.law,
        law_url=duty.url,
        duty=duty.text,
        origin=to_origin(schema),
        origin_url=schema.origin.url,
        theme=_label("themes", schema.theme),
        frequency=_label("frequencies", schema.frequency),
        sections=_sections(schema),
        rules=_rules(schema),
        changes=tuple(_change(each) for each in schema.differences),
        notes=schema.notes,
    )


def to_audience(schema: Schema) -> str:
    """Say who must publish, in a few words.

    >>> from schemas.load import latest
    >>> to_audience(latest("stationnement-hors-voirie"))
    'Obligatoire'
    """
    if schema.duty is None:
        return "Attendu du territoire" if schema.is_expected else "Facultatif"
    if schema.duty.from_population is None:
        return "Obligatoire"
    count = f"{schema.duty.from_population:,}".replace(",", "\u202f")
    return f"Obligatoire à partir de {count} habitants"


def to_origin(schema: Schema) -> str:
    """Say whose schema it is."""
    if schema.origin.name == OURS:
        return "Modèle du territoire"
    return f"Modèle national {schema.origin.name}, version {schema.origin.version}"


def _label(vocabulary: str, term_id: str) -> str:
    term = load_vocabulary(vocabulary).get(term_id)
    return term.label if term else term_id


def _sections(schema: Schema) -> tuple[Section, ...]:
    parts = (("Colonnes obligatoires", True), ("Colonnes facultatives", False))
    sections = (
        Section(
            title, tuple(_field(schema, f) for f in schema.fields if f.is_required is is_required)
        )
        for title, is_required in parts
    )
    return tuple(section for section in sections if section.fields)


def _field(schema: Schema, field: Field) -> FieldDoc:
    named = [_PERSONAL[each] for each in Personal if each in field.personal]
    return FieldDoc(
        name=field.name,
        title=field.title,
        description=field.description,
        words=f"{to_words(field)} {say_composed(schema, field)}".strip(),
        is_required=field.is_required,
        example=field.example,
        bad_example=field.bad_example,
        personal=f"La loi permet ici {listed(named, 'ou')}." if named else "",
    )


def _rules(schema: Schema) -> tuple[str, ...]:
    told = []
    if schema.key:
        told.append(_key(schema))
    if schema.position:
        told.append(_position(schema.position))
    for rule in schema.rules:
        is_warning = rule.severity is Severity.WARNING
        told.append(f"{rule.message} Sinon la ligne entre, avec un avertissement."
                    if is_warning else rule.message)  # fmt: skip
    return tuple(told)


def _key(schema: Schema) -> str:
    names = listed([f"« {name} »" for name in schema.key], "et")
    if len(schema.key) == 1:
        return f"Deux lignes n’ont jamais la même valeur dans {names}."
    return f"Deux lignes n’ont jamais les mêmes valeurs dans {names} à la fois."


def _position(position: Position) -> str:
    if position.longitude:
        names = f"« {position.longitude} » et « {position.latitude} »"
        return f"La position donnée par {names} se trouve dans la commune de la ligne."
    return f"La position donnée par « {position.point or position.geojson} » se trouve dans la commune de la ligne."  # noqa: E501


def _change(difference: Difference) -> Change:
    what = _WHAT.get(difference.what, difference.what)
    return Change(difference.field, what, difference.why)
