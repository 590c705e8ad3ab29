"""Corrections of an officer lie over what the source says, field by field.

Pure. A field is named as `title` or, in a file, `file:<id>:<field>`. A correction wins until the
source changes that very field; then both are kept, the correction stays in place, and a choice is
asked. A source that ends by saying what the officer said needs no correction any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harvesters.diff import Content

FILE = "file:"
# what no correction is: the address, and who may see
NOT_CORRECTED = frozenset({"name", "private"})
FILE_FIELDS = ("name", "description", "format", "table_schema")


@dataclass(frozen=True, slots=True)
class Correction:
    """One corrected field: `said` is what the source said then; `says`, what it says now, waits
    for a choice (`None`: the source has not changed it)."""

    field: str
    correction: str
    said: str
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """Values to lay over a dataset by field, corrections to keep as they now are, those to drop."""

    values: Mapping[str, str]
    kept: tuple[Correction, ...]
    dropped: tuple[str, ...]


def flat(content: Content) -> dict[str, str]:
    """Name every field that may be corrected, those of files by the id of the file.

    >>> flat(Content({"title": "A", "name": "a"}, {"f1": {"name": "x", "url": "https://a.fr"}}))
    {'title': 'A', 'file:f1:name': 'x', 'file:f1:description': '', 'file:f1:format': '', \
'file:f1:table_schema': ''}
    """
    found = {k: v for k, v in content.fields.items() if k not in NOT_CORRECTED}
    for key, file in content.files.items():
        found |= {f"{FILE}{key}:{name}": file.get(name, "") for name in FILE_FIELDS}
    return found


def lay_over(source: Mapping[str, str], corrections: Iterable[Correction]) -> Merged:
    """Lay corrections over what the source says now (`flat`); a file that is gone drops its own."""
    values: dict[str, str] = {}
    kept, dropped = [], []
    for each in corrections:
        says = source.get(each.field, "")
        is_gone = each.field.startswith(FILE) and each.field not in source
        if is_gone or says == each.correction:
            dropped.append(each.field)
            continue
        values[each.field] = each.correction
        kept.append(replace(each, says=None if says == each.said else says))
    return Merged(values, tuple(kept), tuple(dropped))


def corrections_of(
    before: Mapping[str, str], after: Mapping[str, str], known: Mapping[str, Correction]
) -> tuple[dict[str, Correction], tuple[str, ...]]:
    """Compare a dataset before and after a person changed it: (corrections, fields given back).

    What the source says of a field corrected before is known from its correction.
    """
    made: dict[str, Correction] = {}
    given_back = []
    for name in [*before, *(name for name in after if name not in before)]:
        if name.startswith(FILE) and (name not in before or name not in after):
            continue
        new = after.get(name, "")
        if new == before.get(name, ""):
            continue
        old = known.get(name)
        says = (old.says if old.says is not None else old.said) if old else before.get(name, "")
        if new == says:
            given_back.append(name)
        else:
            made[name] = Correction(name, new, says)
    return made, tuple(given_back)
