"""Actions on the table schemas: the list of them, and all that is derived from one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.logic.who import everyone
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas import load
from schemas.model import Schema
from schemas.near import near_slugs
from schemas.to_columns import to_columns
from schemas.to_doc import to_audience, to_doc, to_origin
from schemas.to_form import to_form
from schemas.vocabulary import load_vocabulary, plain


@toolkit.side_effect_free
def territoire_schema_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the schemas, newest version of each, by title; `q` keeps those that hold its words."""
    toolkit.check_access("territoire_schema_list", context, data_dict)
    # a word is met at the start of another, in the singular or in the plural
    words = [f" {word.rstrip('s')}" for word in plain(str(data_dict.get("q") or "")).split()]
    found = [schema for schema in newest() if all(word in _text(schema) for word in words)]
    return [_summary(schema) for schema in sorted(found, key=lambda each: plain(each.title))]


@toolkit.side_effect_free
def territoire_schema_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a schema: `id` is « slug/version », or « slug » for its newest version.

    Answers its summary with `doc` (the help page), `form` (the controls of a row) and `columns`
    (those of its merged table). An unknown one is ObjectNotFound, with the nearest names.
    """
    toolkit.check_access("territoire_schema_show", context, data_dict)
    schema = find(str(toolkit.get_or_bust(data_dict, "id")))
    return _summary(schema) | {
        "doc": asdict(to_doc(schema)),
        "form": [asdict(control) for control in to_form(schema)],
        "columns": [asdict(column) for column in to_columns(schema)],
    }


def newest() -> tuple[Schema, ...]:
    """Load the newest version of every schema."""
    return tuple(load.latest(slug) for slug in load.slugs())


def find(schema_id: str) -> Schema:
    """Load a schema by its id; an unknown one is ObjectNotFound."""
    found = load.find(schema_id.strip())
    if found is None:
        near = ", ".join(near_slugs(schema_id, newest())) or "aucun"
        raise toolkit.ObjectNotFound(sentence(Issue("TER-CFG-100", "", schema_id, near)))
    return found


def _text(schema: Schema) -> str:
    """The words by which a schema is found, with a space before each."""
    theme = load_vocabulary("themes").terms[schema.theme]
    parts = [schema.slug, schema.title, schema.description, theme.label, *theme.synonyms]
    return f" {plain(' '.join([*parts, *(field.title for field in schema.fields)]))}"


def _summary(schema: Schema) -> dict[str, Any]:
    """Tell the facts of a schema that lists show."""
    path = f"/modeles/{schema.slug}/{schema.version}"
    return {
        "id": schema.id,
        "slug": schema.slug,
        "version": schema.version,
        "versions": list(reversed(load.slugs()[schema.slug])),
        "title": schema.title,
        "description": schema.description,
        "theme": schema.theme,
        "theme_label": load_vocabulary("themes").terms[schema.theme].label,
        "origin": to_origin(schema),
        "audience": to_audience(schema),
        "is_required": schema.duty is not None,
        "is_expected": schema.is_expected,
        "column_count": len(schema.fields),
        "page": path,
        "table_schema": f"{path}/schema.json",
        "template_csv": f"{path}/modele.csv",
        "template_xlsx": f"{path}/modele.xlsx",
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_schema_list": territoire_schema_list,
    "territoire_schema_show": territoire_schema_show,
}
AUTH: dict[str, Callable[..., Any]] = dict.fromkeys(ACTIONS, everyone)
