"""Find and read the table schemas: one folder `tables/<slug>/<version>/` with a `table.yaml` each.

Keys of `table.yaml` (UTF-8) are the attributes of `model.Schema`, written as people write them:
`required: true` for `is_required`, `min: 0` and `max: 10` for bounds, `check: siret`. An unknown
key, a rule on a column that does not exist, a theme that is not in the vocabulary are refused with
the place where they stand (`SchemaFault`): a schema that is half read would check half of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from schemas.model import (
    Check,
    Composed,
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
from schemas.vocabulary import load_vocabulary
from schemas.yaml_text import read_yaml

TABLES = Path(__file__).parent / "tables"
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
COMPOSED_WORDS = {"insee", "digest", "digits", "number"}
VERSION = re.compile(r"\d+(\.\d+){1,2}")


class SchemaFault(Exception):
    """A `table.yaml` that cannot be used; the text says where and why."""


@cache
def table_schemas() -> Mapping[str, str]:
    """List the table schemas: « slug/version » to the title people read."""
    return {f"{slug}/{version}": load(slug, version).title for slug, version in _folders()}


@cache
def slugs() -> Mapping[str, tuple[str, ...]]:
    """List the slugs with their versions, oldest first."""
    found: dict[str, list[str]] = {}
    for slug, version in _folders():
        found.setdefault(slug, []).append(version)
    return {slug: tuple(sorted(v, key=version_key)) for slug, v in sorted(found.items())}


def latest(slug: str) -> Schema:
    """Load the newest version of a slug; an unknown slug is a `KeyError`."""
    return load(slug, slugs()[slug][-1])


def find(schema_id: str) -> Schema | None:
    """Look up « slug/version », or « slug » alone for its newest version; `None` when unknown."""
    slug, _, version = schema_id.partition("/")
    if slug not in slugs() or (version and version not in slugs()[slug]):
        return None
    return load(slug, version) if version else latest(slug)


def version_key(version: str) -> tuple[int, ...]:
    """Order versions as numbers.

    >>> sorted(["0.10", "0.9.1", "0.9"], key=version_key)
    ['0.9', '0.9.1', '0.10']
    """
    return tuple(int(part) for part in version.split("."))


@cache
def load(slug: str, version: str) -> Schema:
    """Load one version."""
    return load_file(TABLES / slug / version / "table.yaml")


def load_file(file: Path) -> Schema:
    """Read a `table.yaml` standing in `<slug>/<version>/`; raises `SchemaFault`."""
    slug, version = file.parent.parent.name, file.parent.name
    try:
        told = read_yaml(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise SchemaFault(f"{slug}/{version} : {fault}") from fault
    if not SLUG.fullmatch(slug) or not VERSION.fullmatch(version):
        raise SchemaFault(f"{slug}/{version} : dossier « slug/version » attendu")
    try:
        schema = _to_schema(dict(told), slug, version)
    except (KeyError, TypeError, ValueError) as fault:
        raise SchemaFault(f"{slug}/{version} : {fault}") from fault
    _check_names(schema)
    return schema


def _folders() -> list[tuple[str, str]]:
    return [(f.parent.parent.name, f.parent.name) for f in sorted(TABLES.glob("*/*/table.yaml"))]


def _to_schema(told: dict[str, Any], slug: str, version: str) -> Schema:
    fields = tuple(_to_field(dict(each)) for each in told.pop("fields"))
    rules = tuple(_to_rule(dict(each)) for each in told.pop("rules", ()))
    differences = tuple(Difference(**each) for each in told.pop("differences", ()))
    position, duty = told.pop("position", None), told.pop("duty", None)
    origin = {key: str(value) for key, value in told.pop("origin").items()}
    if "expected" in told:
        told["is_expected"] = told.pop("expected")
    return Schema(
        slug=slug,
        version=version,
        fields=fields,
        rules=rules,
        differences=differences,
        origin=Origin(**origin),
        position=Position(**position) if position else None,
        duty=_to_duty(duty) if duty else None,
        **{key: _tuple(value) for key, value in told.items()},
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _to_field(told: dict[str, Any]) -> Field:
    renamed = {"required": "is_required", "unique": "is_unique"}
    renamed |= {"min": "minimum", "max": "maximum"}
    values = {renamed.get(key, key): _tuple(value) for key, value in told.items()}
    for key in ("minimum", "maximum", "example", "bad_example"):
        if values.get(key) is not None:
            values[key] = str(values[key])
    for key in ("enum", "true_values", "false_values", "synonyms"):
        values[key] = tuple(str(item) for item in values.get(key, getattr(_BLANK, key)))
    values["type"] = FieldType(values["type"])
    if "check" in values:
        values["check"] = Check(values["check"])
    if "check_severity" in values:
        values["check_severity"] = Severity(values["check_severity"])
    if composed := values.get("composed"):
        values["composed"] = Composed(**{key: _tuple(told) for key, told in composed.items()})
    values["personal"] = frozenset(Personal(each) for each in values.get("personal", ()))
    return Field(**values)


_BLANK = Field("", FieldType.STRING, "", "")


def _to_duty(told: dict[str, Any]) -> Duty:
    population = told.get("from_population")
    return Duty(**told | {"from_population": None if population is None else int(population)})


def _to_rule(told: dict[str, Any]) -> Rule:
    when = {k: _values(v) for k, v in told.pop("when", {}).items()}
    severity = Severity(told.pop("severity", "error"))
    kind = RuleKind(told.pop("kind"))
    return Rule(kind=kind, fields=tuple(told.pop("fields")), when=when, severity=severity, **told)


def _values(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _composed_of(field: Field) -> set[str]:
    """The columns from which the identifier is composed."""
    if field.composed is None:
        return set()
    words = {name for _, name, _, _ in Formatter().parse(field.composed.form) if name}
    return {*field.composed.cells, *words - COMPOSED_WORDS}


def _check_names(schema: Schema) -> None:
    """Refuse a name that stands twice, or that is used and not declared."""
    names = [each.name for each in schema.fields]
    twice = {name for name in names if names.count(name) > 1}
    used = {*schema.key, schema.commune, schema.label}
    used |= {name for each in schema.fields for name in _composed_of(each)}
    used |= {name for rule in schema.rules for name in (*rule.fields, *rule.when)}
    if schema.position:
        p = schema.position
        used |= {p.longitude, p.latitude, p.point, p.geojson}
    unknown = used - set(names) - {""}
    if twice or unknown:
        told = ", ".join(sorted(twice | unknown))
        raise SchemaFault(f"{schema.id} : colonnes en double ou inconnues : {told}")
    for vocabulary, term in (("themes", schema.theme), ("frequencies", schema.frequency)):
        if load_vocabulary(vocabulary).get(term) is None:
            raise SchemaFault(f"{schema.id} : « {term} » n’est pas dans {vocabulary}.yaml")
