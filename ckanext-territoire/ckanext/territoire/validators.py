"""Validators that the scheming forms name, and what they say in French.

They run for each field of each dataset, harvested ones included: no SQL and no
call, but for the communes, which `coverage` keeps at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.plugins import toolkit
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey
from ckanext.scheming.validation import scheming_validator

from ckanext.territoire import coverage, publishers
from schemas import values
from schemas.geometry import to_geometry
from schemas.load import table_schemas
from schemas.vocabulary import Term, load_vocabulary

TITLE_MAX_LETTERS = 500
Validator = Callable[..., Any]
Field = dict[str, Any]


def required(value: Any) -> Any:
    """Refuse an empty answer."""
    if value is toolkit.missing or not str(value).strip():
        raise toolkit.Invalid("À remplir\u202f: cette réponse est nécessaire pour publier.")
    return value


def name_from_title(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Make the end of the address from the title when nobody gave it, as the page's script does."""
    if data.get(key) and data[key] is not toolkit.missing:
        return
    title_given = data.get(("title",))
    if not isinstance(title_given, str) or not title_given.strip():
        data.pop(key, None)
        raise toolkit.StopOnError  # the title says what is missing
    name = munge_title_to_name(re.sub(r"['’]", " ", title_given))
    taken = model.Session.query(model.Package.name).filter(model.Package.name.like(f"{name}%"))
    names = {found for (found,) in taken}
    numbered = (f"{name[:95]}-{number}" for number in count(2))
    data[key] = name if name not in names else next(n for n in numbered if n not in names)


def title(value: str) -> str:
    """Refuse a title that no list could show."""
    if len(value) > TITLE_MAX_LETTERS:
        raise toolkit.Invalid(
            f"Ce titre compte {len(value)} caractères, {TITLE_MAX_LETTERS} au plus."
            " Gardez une ligne et mettez le reste dans la description."
        )
    return value


def licence(value: Any) -> str:
    """Accept a licence, however it is written; an API call that names none says so."""
    if value is toolkit.missing or value is None:
        return "notspecified"
    if not value:
        raise toolkit.Invalid(
            "Choisissez une licence\u202f; la Licence Ouverte 2.0 convient presque toujours."
        )
    return _known_id("licences", str(value))


@scheming_validator
def vocabulary_id(field: Field, _schema: Any) -> Validator:
    """Accept one id of the vocabulary of the field."""
    name = field["vocabulary"]

    def check(value: Any) -> str:
        return _known_id(name, str(value))

    return check


@scheming_validator
def vocabulary_ids(field: Field, _schema: Any) -> Validator:
    """Accept ids of the vocabulary of the field, stored as a JSON list in its order."""
    name = field["vocabulary"]

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        wanted = values.to_list(data[key])
        try:
            found = {_known_id(name, item) for item in wanted}
        except toolkit.Invalid as unknown:
            errors[key].append(unknown.error)
            return
        _store_list(key, data, [term.id for term in load_vocabulary(name) if term.id in found])

    return check


def communes(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept INSEE codes and names of communes, stored as a JSON list of codes.

    A commune that publishes and names none is about itself.
    """
    wanted = values.to_list(data[key]) or _own_commune(data.get(("owner_org",)))
    known = coverage.communes() if wanted else None
    codes: list[str] = []
    for item in wanted:
        found = known.resolve(item) if known else ()
        if len(found) != 1:
            errors[key].append(_unknown_commune(item, found))
            return
        codes.append(found[0])
    _store_list(key, data, sorted(set(codes)))


def spatial(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Draw the coverage from the communes, unless the dataset brings its own."""
    given = data.get(key)
    if given and isinstance(given, str | dict) and not coverage.is_drawn_here(given):
        data[key] = to_geometry(given)
        if data[key] is None:
            errors[key].append(
                "L’emprise n’est pas une géométrie GeoJSON en longitude et latitude."
                " Laissez-la vide\u00a0: elle sera dessinée d’après les communes."
            )
        return
    codes = tuple(values.to_list(data.get(("communes",))))
    drawn = coverage.coverage(codes) if codes else ""
    if not drawn:
        data.pop(key, None)
        raise toolkit.StopOnError
    data[key] = drawn


def moment(value: str) -> str:
    """Accept a date as people or catalogues write it, stored as ISO 8601."""
    found = values.to_date(value)
    if found is None:
        raise toolkit.Invalid(
            f"{_quoted(value)} n’est pas une date. Écrivez par exemple 31/01/2026 ou 2026-01-31."
        )
    return found


def not_after(other: str) -> Validator:
    """Refuse a first day that comes after the last one."""

    def check(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        start, end = data.get(key), data.get((other,))
        if not isinstance(start, str) or not isinstance(end, str) or errors.get((other,)):
            return
        if values.first_day(end) < values.first_day(start):
            errors[(other,)].append(f"Le dernier jour ({end}) vient avant le premier ({start}).")

    return check


def email(value: str) -> str:
    """Accept an electronic address."""
    found = values.to_email(value)
    if found is None:
        raise toolkit.Invalid(
            f"{_quoted(value)} n’est pas une adresse électronique, comme opendata@mairie.fr."
        )
    return found


def web_address(value: str) -> str:
    """Accept an http(s) address, or none."""
    found = values.to_web_address(value) if value else ""
    if found is None:
        raise toolkit.Invalid(
            f"{_quoted(value)} n’est pas une adresse web. Elle commence par https://."
        )
    return found


def json_object(value: Any) -> str:
    """Accept a JSON object, or its text."""
    found = values.to_json_object(value)
    if found is None:
        raise toolkit.Invalid('Un objet JSON est attendu, comme {"lignes": "12"}.')
    return found


def file_format(value: str) -> str:
    """Write a format in its usual spelling; an unknown one is kept as it is."""
    known = load_vocabulary("formats")
    term = known.get(known.match(value) or "")
    return term.label if term else str(toolkit.get_validator("clean_format")(value))


def table_schema(value: str) -> str:
    """Accept a table schema as « slug/version »."""
    if value not in table_schemas():
        raise toolkit.Invalid(f"Le modèle de tableau {_quoted(value)} n’existe pas ici.")
    return value


def _known_id(name: str, spelling: str) -> str:
    vocabulary = load_vocabulary(name)
    if vocabulary.get(spelling):
        return spelling
    found = vocabulary.match(spelling)
    if found is None:
        raise toolkit.Invalid(
            f"{_quoted(spelling)} n’est pas dans la liste." + _proposal(vocabulary.near(spelling))
        )
    return found


def _proposal(terms: Iterable[Term]) -> str:
    labels = ", ".join(f"{term.label} ({term.id})" for term in terms)
    return f" Vouliez-vous dire\u00a0: {labels}\u202f?" if labels else " Choisissez dans la liste."


def _own_commune(owner_org: object) -> list[str]:
    publisher = publishers.find(owner_org)
    is_known = publisher is not None and publisher.insee in coverage.communes().names
    return [publisher.insee] if publisher and is_known else []


def _unknown_commune(item: str, homonyms: tuple[str, ...]) -> str:
    if homonyms:
        codes = ", ".join(homonyms)
        return (
            f"Plusieurs communes s’appellent {_quoted(item)}\u00a0: donnez le code INSEE ({codes})."
        )
    near = ", ".join(coverage.communes().near(item))
    told = f"{_quoted(item)} n’est ni le nom ni le code INSEE d’une commune du territoire."
    return told + (f" Vouliez-vous dire\u00a0: {near}\u202f?" if near else "")


def _store_list(key: FlattenKey, data: FlattenDataDict, items: list[str]) -> None:
    """Store a list as JSON text; an empty list is not stored at all."""
    if not items:
        data.pop(key, None)
        raise toolkit.StopOnError
    data[key] = "[" + ", ".join(f'"{item}"' for item in items) + "]"


def _quoted(value: str) -> str:
    return f"«\u00a0{value if len(value) <= 80 else value[:79] + '…'}\u00a0»"


VALIDATORS: dict[str, Validator] = {
    "territoire_required": required,
    "territoire_name_from_title": name_from_title,
    "territoire_title": title,
    "territoire_licence": licence,
    "territoire_vocabulary_id": vocabulary_id,
    "territoire_vocabulary_ids": vocabulary_ids,
    "territoire_list": values.to_list,
    "territoire_communes": communes,
    "territoire_spatial": spatial,
    "territoire_date": moment,
    "territoire_not_after": not_after,
    "territoire_email": email,
    "territoire_web_address": web_address,
    "territoire_json_object": json_object,
    "territoire_format": file_format,
    "territoire_table_schema": table_schema,
}
