"""From a field to the sentence that tells a person what to write in it, in French."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.model import Check, Field, FieldType, Schema
from schemas.to_columns import is_whole_date

_CHECKS = {
    Check.INSEE: "Code INSEE, cinq caractères",
    Check.POSTCODE: "Code postal, cinq chiffres",
    Check.SIREN: "Numéro SIREN, neuf chiffres",
    Check.SIRET: "Numéro SIRET, quatorze chiffres",
    Check.SIREN_OR_SIRET: "Numéro SIREN (neuf chiffres) ou SIRET (quatorze chiffres)",
    Check.RNA: "Numéro RNA de l’association : W et neuf chiffres",
    Check.PHONE: "Numéro de téléphone",
    Check.EMAIL: "Adresse électronique",
    Check.WEB: "Adresse d’une page web, qui commence par https://",
    Check.UUID: "Identifiant de 36 caractères (UUID)",
    Check.OPENING_HOURS: "Horaires d’ouverture, écrits comme dans OpenStreetMap",
}
_FORMATS = {"email": Check.EMAIL, "uri": Check.WEB, "uuid": Check.UUID}
_TYPES = {
    FieldType.INTEGER: "Nombre entier",
    FieldType.NUMBER: "Nombre",
    FieldType.TIME: "Heure, comme 14:30:00",
    FieldType.YEAR: "Année, en quatre chiffres",
    FieldType.GEOJSON: "Forme géographique au format GeoJSON",
}
_DATE_PARTS = {"%Y": "2026", "%y": "26", "%m": "01", "%d": "31", "%H": "14", "%M": "30",
               "%S": "00", "%z": "+0100"}  # fmt: skip
SHOWN_CHOICES = 24
FREE = "Texte"


def to_words(field: Field) -> str:
    """Say what to write, beside the name of the field and its description; `""` for a free text.

    >>> to_words(Field("n", FieldType.INTEGER, "", "", minimum="0", maximum="20"))
    'Nombre entier, de 0 à 20.'
    """
    told = _kind(field) + _bounds(field) + _lengths(field)
    if field.is_unique:
        told += " ; jamais deux fois la même valeur"
    return "" if told == FREE else f"{told}."


def say_composed(schema: Schema, field: Field) -> str:
    """Say what becomes of an identifier that is missing; `""` for any other field."""
    composed = field.composed
    if composed is None:
        return ""
    if not composed.form:
        return f"La plateforme n’en propose pas. {composed.why_not}"
    titles = [f"« {each.title} »" for each in schema.fields if each.name in composed.cells]
    told = listed(titles, "et")
    return f"S’il manque, la plateforme en propose un, tiré de {told} ; il ne change pas tant que cela ne change pas."  # noqa: E501


def listed(words: Sequence[str], last: str) -> str:
    """Join words as a sentence does.

    >>> listed(["un", "deux", "trois"], "et")
    'un, deux et trois'
    """
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def yes_and_no(field: Field) -> tuple[str, str]:
    """Choose the two words for yes and no among those accepted: the pair of the example.

    >>> yes_and_no(Field("ouvert", FieldType.BOOLEAN, "", "", example="1"))
    ('1', '0')
    """
    pairs = list(zip(field.true_values, field.false_values, strict=False))
    return next((pair for pair in pairs if field.example in pair), pairs[0])


def _kind(field: Field) -> str:
    check = field.check or _FORMATS.get(field.format)
    if field.enum:
        return _choices(field)
    if check:
        return _CHECKS[check]
    match field.type:
        case FieldType.BOOLEAN:
            return "« {} » ou « {} »".format(*yes_and_no(field))
        case FieldType.DATE | FieldType.DATETIME:
            return _date(field)
        case FieldType.GEOPOINT:
            shape = "[-1.68, 48.11]" if field.format == "array" else "-1.68, 48.11"
            return f"Longitude puis latitude, en degrés, comme {shape}"
        case FieldType.ARRAY:
            return f"Une ou plusieurs valeurs, {_joined(field)}"
        case FieldType.STRING:
            return "Texte, de la forme de l’exemple" if field.pattern else FREE
    return _TYPES[field.type]


def _choices(field: Field) -> str:
    head = "L’une de ces valeurs" if len(field.enum) > 1 else "Toujours cette valeur"
    if field.type is FieldType.ARRAY:
        head = f"Une ou plusieurs de ces valeurs, {_joined(field)}"
    shown = ", ".join(f"« {value} »" for value in field.enum[:SHOWN_CHOICES])
    left = len(field.enum) - SHOWN_CHOICES
    return f"{head} : {shown}" + (f" et {left} autres" if left > 0 else "")


def _joined(field: Field) -> str:
    if field.example.startswith("["):
        return "entre crochets et guillemets comme dans l’exemple"
    return f"séparées par « {field.separator} »"


def _date(field: Field) -> str:
    if field.type is FieldType.DATETIME:
        return f"Date et heure, comme {field.example or '2026-01-31T14:30:00Z'}"
    shape = field.format if "%" in field.format else "%Y-%m-%d"
    for part, value in _DATE_PARTS.items():
        shape = shape.replace(part, value)
    return f"Date, comme {shape}" if is_whole_date(field.format) else f"Période, comme {shape}"


def _bounds(field: Field) -> str:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        return f", de {low} à {high}"
    if low is not None:
        return f", {low} ou plus" if field.type is not FieldType.DATE else f", à partir du {low}"
    if high is not None:
        return f", {high} au plus" if field.type is not FieldType.DATE else f", jusqu’au {high}"
    return ""


def _lengths(field: Field) -> str:
    low, high = field.min_length, field.max_length
    if low is not None and low == high:
        return f", {low} caractères"
    if low is not None and high is not None:
        return f", de {low} à {high} caractères"
    if low is not None and low > 1:
        return f", {low} caractères au moins"
    return f", {high} caractères au plus" if high is not None else ""
