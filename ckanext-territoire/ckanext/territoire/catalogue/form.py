"""Validate packages with the very validators of the form, without its cost.

ckanext-scheming makes its schema anew for each dataset; here it is taken once, and compiled.
Validators that ask the database for each dataset are left out, because the batch answers them: ids
and names are ours and unique, the organisation is checked once a run. What the compiled form does
not accept goes through CKAN's own `validate`, so that the messages are CKAN's.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

from ckan import model
from ckan.lib.navl.dictization_functions import validate
from ckan.lib.plugins import lookup_package_plugin
from ckan.types import Context

from ckanext.territoire.catalogue.compiled_form import CompiledForm, compile_form, run_compiled

ANSWERED_BY_BATCH = frozenset(
    "package_name_validator package_id_does_not_exist owner_org_validator resource_id_exists "
    "resource_id_does_not_exist duplicate_extras_key".split()
)
SCHEMING = "ckanext.scheming.plugins.navl_validate"


@cache
def form_schema() -> dict[str, Any]:
    """Take the final schema of the form once, without what the batch answers."""
    plugin = lookup_package_plugin("dataset")
    taken: list[dict[str, Any]] = []

    def take(data: Any, schema: dict[str, Any], context: Any) -> tuple[Any, dict[str, Any]]:
        taken.append(schema)
        return data, {}

    with patch(SCHEMING, take):
        plugin.validate(
            Context(model=model, session=model.Session),
            {"type": "dataset"},
            plugin.create_package_schema(),
            "package_create",
        )
    return _without_queries(taken[0])


def _without_queries(schema: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, validators in schema.items():
        if isinstance(validators, dict):
            kept[key] = _without_queries(validators)
        else:
            kept[key] = [v for v in validators if _name(v) not in ANSWERED_BY_BATCH]
    return kept


def _name(validator: Any) -> str:
    return str(getattr(validator, "__name__", ""))


@cache
def compiled_form() -> CompiledForm:
    """Compile the form once."""
    return compile_form(form_schema())


def check_package(package: dict[str, Any], user: str) -> tuple[dict[str, Any], str]:
    """Validate one package; answer it converted, and the errors in a sentence (`""` when good)."""
    context = Context(model=model, session=model.Session, user=user, ignore_auth=True)
    found = run_compiled(compiled_form(), package, context)
    if found is not None:
        return found, ""
    return check_slowly(package, context)


def check_slowly(package: dict[str, Any], context: Context) -> tuple[dict[str, Any], str]:
    """Validate one package with CKAN's own loop."""
    data, errors = validate(package, form_schema(), context)
    return data, _say(errors) if errors else ""


def _say(errors: Any, name: str = "") -> str:
    if isinstance(errors, dict):
        return " ; ".join(told for key, value in errors.items() if (told := _say(value, str(key))))
    if isinstance(errors, list):
        told = [
            _say(item, name) if isinstance(item, dict) else f"{name} : {item}" for item in errors
        ]
        return " ; ".join(part for part in told if part)
    return f"{name} : {errors}"
