"""The form's validators as a plan made once, for packages of the shape that `to_package` gives.

CKAN flattens, completes and sorts the schema again for each dataset; here the order is decided
once, for the top of a package and for one item of each list. The validators are CKAN's, the form's
and ours, in CKAN's order (`ckan.lib.navl.dictization_functions`). The plan answers `None` as soon
as anything is unusual: an error, an unknown field, another list. Then CKAN itself must judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckan.lib.navl.dictization_functions import Invalid, StopOnError, missing
from ckan.types import Context

Row = dict[str, Any]
Key = tuple[Any, ...]
Validator = Callable[..., Any]
LISTS = ("resources", "tags")
KEPT_PLACES = 100
# on a text that is not empty, these change nothing
PASSING = frozenset("ignore_missing ignore_empty unicode_safe not_empty not_missing".split())
# on a field that is absent, these end the chain and leave it absent
ENDING = frozenset("ignore_missing ignore_empty ignore".split())


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its validators with how many arguments each takes."""

    name: str
    chain: tuple[tuple[Validator, int], ...]
    is_passing: bool
    is_optional: bool
    is_extra: bool


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """The fields of a package and of the items of its lists, in the order of CKAN."""

    top: tuple[Field, ...]
    items: Mapping[str, tuple[Field, ...]]
    known: Mapping[str, frozenset[str]]
    _keys: dict[tuple[str, int], tuple[tuple[Key, Field], ...]] = field(default_factory=dict)

    def keys_of(self, name: str, place: int) -> tuple[tuple[Key, Field], ...]:
        """The fields of the top (`""`) or of one item of a list, each with its flat key."""
        found = self._keys.get((name, place))
        if found is None:
            fields = self.items[name] if name else self.top
            found = tuple(((name, place, f.name) if name else (f.name,), f) for f in fields)
            if place < KEPT_PLACES:
                self._keys[name, place] = found
        return found


def compile_form(schema: Mapping[str, Any]) -> CompiledForm:
    """Order the validators of a final schema once."""
    levels = {"": schema} | {name: schema[name] for name in LISTS}
    fields = {name: _fields(level) for name, level in levels.items()}
    return CompiledForm(
        top=fields[""],
        items={name: fields[name] for name in LISTS},
        known={name: frozenset(f.name for f in fields[name]) for name in fields},
    )


def _fields(level: Mapping[str, Any]) -> tuple[Field, ...]:
    named = [n for n, v in level.items() if isinstance(v, list) and not n.startswith("__")]
    return tuple(_field(name, level[name]) for name in sorted(named))


def _field(name: str, validators: list[Validator]) -> Field:
    names = [getattr(v, "__name__", "") for v in validators]
    is_extra = bool(names) and names[-1] == "convert_to_extras"
    if is_extra:
        validators, names = validators[:-1], names[:-1]
    return Field(
        name,
        tuple((v, v.__code__.co_argcount) for v in validators),
        is_passing=all(n in PASSING for n in names),
        is_optional=bool(names) and names[0] in ENDING,
        is_extra=is_extra,
    )


class _Errors(dict[Key, list[str]]):
    """Errors by flat key, as validators fill them."""

    def __missing__(self, key: Key) -> list[str]:
        return self.setdefault(key, [])


def run_compiled(form: CompiledForm, package: Row, context: Context) -> Row | None:
    """Validate a package; answer it converted, or `None` when CKAN must judge it."""
    if not _is_usual(form, package):
        return None
    data: dict[Key, Any] = {(k,): v for k, v in package.items() if k not in LISTS}
    for name in LISTS:
        for place, item in enumerate(package.get(name) or []):
            data |= {(name, place, k): v for k, v in item.items()}
    errors, extras = _Errors(), []
    for key, each in _places(form, package):
        value = data.get(key, missing)
        if value is missing and each.is_optional:
            continue
        is_done = each.is_passing and type(value) is str and value
        if (is_done or _run_chain(each, key, data, errors, context)) and each.is_extra:
            extras.append({"key": each.name, "value": data[key]})
    if any(errors.values()):
        return None
    return _nested(data, package, extras)


def _is_usual(form: CompiledForm, package: Row) -> bool:
    if not form.known[""].issuperset(package.keys() - set(LISTS)):
        return False
    return all(
        form.known[name].issuperset(item) for name in LISTS for item in package.get(name) or ()
    )


def _places(form: CompiledForm, package: Row) -> Iterator[tuple[Key, Field]]:
    """Every field of a package and of its items, with its key; keys are made once a process."""
    yield from form.keys_of("", 0)
    for name in LISTS:
        for place in range(len(package.get(name) or ())):
            yield from form.keys_of(name, place)


def _run_chain(
    field: Field, key: Key, data: dict[Key, Any], errors: _Errors, context: Context
) -> bool:
    """Run the chain of one field; answer whether it went to its end."""
    data.setdefault(key, missing)
    for validator, count in field.chain:
        try:
            if count == 4:
                validator(key, data, errors, context)
            elif count == 2:
                data[key] = validator(data.get(key), context)
            else:
                data[key] = validator(data.get(key))
        except StopOnError:
            return False
        except Invalid as fault:
            errors[key].append(fault.error)
    return True


def _nested(data: Mapping[Key, Any], package: Row, extras: list[Row]) -> Row:
    found: Row = {name: [{} for _ in package.get(name) or ()] for name in LISTS}
    found["extras"] = extras
    for key, value in data.items():
        if len(key) == 1:
            found[key[0]] = value
        else:
            found[key[0]][key[1]][key[2]] = value
    return found
