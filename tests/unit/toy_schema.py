"""A small schema that holds every kind of field, of check and of rule, for the tests."""

from __future__ import annotations

from schemas.model import (
    Check,
    Difference,
    Duty,
    Field,
    FieldType,
    Origin,
    Personal,
    Position,
    Rule,
    RuleKind,
    Schema,
    Severity,
)

ORIGIN = Origin("exemple/lieux", "2.1", url="https://exemple.fr/lieux")
DUTY = Duty("Article L. 1", "Ces lieux sont publiés.", from_population=3500, url="https://loi.fr")


def toy_field(name: str, type_: str = "string", **facts: object) -> Field:
    told = {"title": name.capitalize(), "description": f"Ce qu’est {name}."} | facts
    return Field(name, FieldType(type_), **told)  # type: ignore[arg-type]


FIELDS = (
    toy_field("insee", is_required=True, pattern="[0-9A-B]{5}", check=Check.INSEE,
              example="01004", bad_example="1004"),
    toy_field("nom", is_required=True, min_length=2, max_length=80, example="Le Parc",
              synonyms=("libelle",), personal=frozenset({Personal.NAME})),
    toy_field("genre", enum=("parc", "square, jardin"), example="parc", bad_example="bois"),
    toy_field("usages", "array", enum=("jeu", "repos"), separator="|", example="jeu|repos"),
    toy_field("ouvert", "boolean", true_values=("true", "oui"), false_values=("false", "non"),
              example="oui"),
    toy_field("bancs", "integer", minimum="0", maximum="50", example="12", bad_example="douze"),
    toy_field("longueur", "number", minimum="0", example="1.5"),
    toy_field("pose", "date", example="2026-01-31"),
    toy_field("fin", "date", format="%d/%m/%Y", example="31/01/2027"),
    toy_field("saison", "date", format="%Y-%m", example="2026-01"),
    toy_field("vu", "datetime", example="2026-01-31T14:30:00Z"),
    toy_field("annee", "year", example="2026"),
    toy_field("heure", "time", example="14:30:00"),
    toy_field("site", format="uri", example="https://exemple.fr"),
    toy_field("siret", check=Check.SIRET, is_unique=True, example="21350001200019"),
    toy_field("tel", check=Check.PHONE, check_severity=Severity.WARNING, example="02 99 00 00 00"),
    toy_field("x", "number", minimum="-180", maximum="180", example="-1.53"),
    toy_field("y", "number", minimum="-90", maximum="90", example="48.1"),
)  # fmt: skip
RULES = (
    Rule(RuleKind.ORDER, ("pose", "fin"), "La pose précède la fin."),
    Rule(RuleKind.TOGETHER, ("x", "y"), "Longitude et latitude vont ensemble."),
    Rule(RuleKind.ONE_OF, ("site", "tel"), "Un site ou un téléphone est donné."),
    Rule(RuleKind.REQUIRED_IF, ("bancs",), "Un parc compte ses bancs.", when={"genre": ("parc",)}),
    Rule(RuleKind.SUM, ("bancs", "annee"), "Le total est juste.", severity=Severity.WARNING),
)


def toy_schema(slug: str = "lieux-calmes", version: str = "1.2", **facts: object) -> Schema:
    told: dict[str, object] = {
        "title": "Lieux calmes",
        "description": "Les lieux où s’asseoir. Une ligne par lieu.",
        "origin": ORIGIN,
        "theme": "nature",
        "frequency": "annual",
        "fields": FIELDS,
        "key": ("insee", "nom"),
        "commune": "insee",
        "position": Position(longitude="x", latitude="y"),
        "label": "nom",
        "rules": RULES,
        "duty": DUTY,
        "differences": (Difference("genre", "enum", "deux valeurs suffisent"),),
        "notes": ("Un banc compte pour un.",),
    }
    return Schema(slug, version, **(told | facts))  # type: ignore[arg-type]
