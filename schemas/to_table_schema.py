"""From a schema to the standard Table Schema (Frictionless Data, v1), as any validator reads it.

A cell of several values is an `array` when it is written as JSON (`["a","b"]`), else a `string`:
the standard knows no other. What it lacks stands beside it: `custom_checks` under the names that
the national validator (Validata) gives them, the rest under keys that begin with `territoire:`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from schemas.model import Check, Field, FieldType, Rule, RuleKind, Schema, Severity
from schemas.typed_value import to_typed

STANDARD = "https://frictionlessdata.io/schemas/table-schema.json"
_CHECKS = {
    Check.SIREN: "french-siren-value",
    Check.SIRET: "french-siret-value",
    Check.PHONE: "phone-number-value",
    Check.OPENING_HOURS: "opening-hours-value",
}
_CONSTRAINTS = (
    ("required", "is_required"),
    ("unique", "is_unique"),
    ("pattern", "pattern"),
    ("minLength", "min_length"),
    ("maxLength", "max_length"),
)


def to_table_schema(schema: Schema, address: str = "") -> dict[str, Any]:
    """Write the descriptor; `address` is where it can be read again."""
    told: dict[str, Any] = {
        "$schema": STANDARD,
        "name": schema.slug,
        "title": schema.title,
        "description": schema.description,
        "countryCode": "FR",
        "version": schema.version,
        "homepage": schema.origin.url,
        "path": address,
        "fields": [_field(field) for field in schema.fields],
        "primaryKey": list(schema.key),
        "missingValues": list(schema.missing_values),
        "custom_checks": _custom_checks(schema),
    }
    return {key: value for key, value in (told | _own(schema)).items() if value}


def _field(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": field.name,
        "type": "string" if _is_cut(field) else field.type.value,
        "title": field.title,
        "description": field.description,
        "example": field.example,
        "format": field.format,
        "constraints": _constraints(field),
        "territoire:bad_example": field.bad_example,
        "territoire:check": field.check.value if field.check else "",
        "territoire:synonyms": list(field.synonyms),
        "territoire:personal": sorted(each.value for each in field.personal),
    }
    if field.type is FieldType.BOOLEAN:
        told["trueValues"], told["falseValues"] = list(field.true_values), list(field.false_values)
    if _is_cut(field):
        told["territoire:separator"] = field.separator
        told["territoire:items"] = _item_constraints(field)
    elif field.type is FieldType.ARRAY:
        told["arrayItem"] = {"type": "string", "constraints": _item_constraints(field)}
    return {key: value for key, value in told.items() if value}


def _is_cut(field: Field) -> bool:
    """Say whether a cell holds values cut by a separator, and not a JSON array."""
    return field.type is FieldType.ARRAY and not field.example.startswith("[")


def _constraints(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {key: getattr(field, name) for key, name in _CONSTRAINTS}
    if field.type is FieldType.ARRAY:
        told["pattern"] = ""
    else:
        told["enum"] = [to_typed(field, value) for value in field.enum]
    kept = {key: value for key, value in told.items() if value}
    for key in ("minimum", "maximum"):
        bound = getattr(field, key)
        if bound is not None:
            kept[key] = to_typed(field, bound)
    return kept


def _item_constraints(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"enum": list(field.enum), "pattern": field.pattern}
    return {key: value for key, value in told.items() if value}


def _custom_checks(schema: Schema) -> list[dict[str, Any]]:
    """List what Validata can check too; a warning of ours would be an error there."""
    checks = [
        {"name": _CHECKS[field.check], "params": {"column": field.name}}
        for field in schema.fields
        if field.check in _CHECKS and field.check_severity is Severity.ERROR
    ]
    rules = (_custom_rule(r) for r in schema.rules if r.severity is Severity.ERROR)
    return [*checks, *(rule for rule in rules if rule)]


def _custom_rule(rule: Rule) -> dict[str, Any] | None:
    first, *others = rule.fields
    match rule.kind:
        case RuleKind.ORDER:
            return _custom("compare-columns-value", column=first, op="<=", column2=others[0])
        case RuleKind.TOGETHER:
            return _custom("cohesive-columns-value", column=first, othercolumns=others)
        case RuleKind.SUM:
            return _custom("sum-columns-value", column=first, columns=others)
        case RuleKind.ONE_OF if len(others) == 1:
            return _custom("one-of-required", column1=first, column2=others[0])
    return None


def _custom(name: str, **params: Any) -> dict[str, Any]:
    return {"name": name, "params": params}


def _own(schema: Schema) -> dict[str, Any]:
    """State our own facts, each under a key of ours."""
    own: dict[str, Any] = {
        "origin": _plain(asdict(schema.origin)),
        "theme": schema.theme,
        "frequency": schema.frequency,
        "commune": schema.commune,
        "label": schema.label,
        "position": _plain(asdict(schema.position)) if schema.position else None,
        "duty": _plain(asdict(schema.duty)) if schema.duty else None,
        "rules": [_rule(rule) for rule in schema.rules],
        "differences": [_plain(asdict(each)) for each in schema.differences],
        "notes": list(schema.notes),
    }
    return {f"territoire:{key}": value for key, value in own.items()}


def _rule(rule: Rule) -> dict[str, Any]:
    return _plain({
        "kind": rule.kind.value,
        "fields": list(rule.fields),
        "when": {name: list(values) for name, values in rule.when.items()},
        "message": rule.message,
        "severity": rule.severity.value,
    })  # fmt: skip


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in (None, "", [], {})}
