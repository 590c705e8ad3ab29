"""What the form and the page of a dataset ask for while they are drawn: choices and labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckanext.territoire import coverage
from schemas import values
from schemas.load import table_schemas
from schemas.vocabulary import Term, load_vocabulary

Field = dict[str, Any]
Choices = list[dict[str, str]]


def vocabulary_choices(field: Field) -> Choices:
    """List the terms of the vocabulary that the field names, as scheming wants them."""
    return [
        {"value": term.id, "label": term.label} for term in load_vocabulary(field["vocabulary"])
    ]


def vocabulary_term(name: str, term_id: str) -> Term | None:
    """Look up one term, to write its label, its help or its address."""
    return load_vocabulary(name).get(term_id)


def theme_tree() -> list[tuple[Term, list[Term]]]:
    """Group the local domains under their European theme."""
    themes = load_vocabulary("themes")
    return [
        (top, [term for term in themes if term.parent == top.id])
        for top in themes
        if not top.parent
    ]


def commune_names() -> Mapping[str, str]:
    """List the communes of the territory by name: INSEE code to name."""
    return coverage.communes().names


def table_schema_choices(_field: Field) -> Choices:
    """List the table schemas."""
    return [{"value": slug, "label": title} for slug, title in table_schemas().items()]


def form_groups(fields: list[Field]) -> list[dict[str, Any]]:
    """Cut the fields of a form into its titled parts; `group` on a field begins a new one."""
    groups: list[dict[str, Any]] = []
    for field in fields:
        if "group" in field or not groups:
            groups.append({"title": "", "description": "", **field.get("group", {}), "fields": []})
        groups[-1]["fields"].append(field)
    return groups


FORM_HELPERS: dict[str, Callable[..., Any]] = {
    "territoire_vocabulary_choices": vocabulary_choices,
    "territoire_vocabulary_term": vocabulary_term,
    "territoire_theme_tree": theme_tree,
    "territoire_commune_names": commune_names,
    "territoire_is_drawn_here": coverage.is_drawn_here,
    "territoire_table_schema_choices": table_schema_choices,
    "territoire_form_groups": form_groups,
    "territoire_say_date": values.say_date,
    "territoire_to_list": values.to_list,
}
