"""From rows of the databases to the facts of `schemas.reliability`, and their JSON.

JSON of a measure: `good`, `bad`, `changed` (ISO day or null), `frequency`, `checks` (list of
[moment of the check, did it answer], newest last), `fields` (label to filled), `licence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ckanext.territoire.portal.typography import to_day
from schemas.reliability import MAX_CHECKS, Facts, Licence
from schemas.vocabulary import load_vocabulary

EMPTY = ("", "[]", "{}", None)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The rows of the live deliveries of a resource, and when the last one was published."""

    good: int
    bad: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a resource or a dataset on a day."""

    good: int | None = None
    bad: int | None = None
    changed: date | None = None
    frequency: str = ""
    checks: tuple[tuple[str, bool], ...] = ()
    fields: Mapping[str, bool] = field(default_factory=dict)
    licence: Licence = Licence.NONE


def to_facts(measured: Measured, today: date) -> Facts:
    """Give the facts as they are on a day."""
    age = max((today - measured.changed).days, 0) if measured.changed else None
    answers = tuple(is_answer for _, is_answer in measured.checks)
    return Facts(measured.good, measured.bad, age, measured.frequency, answers, measured.fields,
                 measured.licence)  # fmt: skip


def measured_to_dict(measured: Measured) -> dict[str, Any]:
    """A measure as it is stored."""
    return {
        "good": measured.good,
        "bad": measured.bad,
        "changed": measured.changed.isoformat() if measured.changed else None,
        "frequency": measured.frequency,
        "checks": [list(check) for check in measured.checks],
        "fields": dict(measured.fields),
        "licence": measured.licence.value,
    }


def measured_from_dict(told: Mapping[str, Any]) -> Measured:
    """Read a measure as `measured_to_dict` wrote it."""
    return Measured(
        told["good"],
        told["bad"],
        date.fromisoformat(told["changed"]) if told["changed"] else None,
        told["frequency"],
        tuple((str(at), bool(is_answer)) for at, is_answer in told["checks"]),
        told["fields"],
        Licence(told["licence"]),
    )


def measure_resource(
    package: Any, resource: Any, delivered: Delivered | None, before: Measured | None
) -> Measured:
    """Put together what is known of a resource; `before` is its last measure."""
    days = (to_day(resource.last_modified), to_day(_extra(package, "modified")))
    published = to_day(delivered.published_at) if delivered else None
    changed = max((day for day in (*days, published) if day), default=None)
    own = {"Nom du fichier": bool(resource.name), "Format": bool(resource.format)}
    return Measured(
        delivered.good if delivered else None,
        delivered.bad if delivered else None,
        changed,
        _extra(package, "frequency"),
        _checks(resource, before.checks if before else ()),
        _fields(package, changed) | own,
        licence_of(package),
    )


def measure_dataset(package: Any, resources: Sequence[Measured]) -> Measured:
    """Put together what is known of a dataset: its rows are all those of its resources."""
    counted = [each for each in resources if each.good is not None]
    days = [each.changed for each in resources if each.changed]
    told = to_day(_extra(package, "modified"))
    changed = max([*days, *([told] if told else [])], default=None)
    checks = sorted(check for each in resources for check in each.checks)
    return Measured(
        sum(each.good or 0 for each in counted) if counted else None,
        sum(each.bad or 0 for each in counted) if counted else None,
        changed,
        _extra(package, "frequency"),
        tuple(checks[-MAX_CHECKS * max(len(resources), 1) :]),
        _fields(package, changed),
        licence_of(package),
    )


def licence_of(package: Any) -> Licence:
    """Say what the licence of a dataset lets people do."""
    term = load_vocabulary("licences").get(package.license_id or "")
    if term and term.id != "notspecified":
        return Licence.OPEN if term.facts["is_open"] else Licence.KNOWN
    return Licence.KNOWN if _extra(package, "licence_label") else Licence.NONE


def _extra(package: Any, name: str) -> str:
    value = (package.extras or {}).get(name)
    return "" if value in EMPTY else str(value)


def _fields(package: Any, changed: date | None) -> dict[str, bool]:
    """Which parts of the description are filled; those that a harvest brings as well as a form."""
    rhythm = _extra(package, "frequency")
    return {
        "Description": bool((package.notes or "").strip()),
        "Thèmes": bool(_extra(package, "theme")),
        "Rythme de mise à jour": rhythm not in ("", "unknown"),
        "Contact": bool(_extra(package, "contact_email") or _extra(package, "contact_name")),
        "Communes concernées": bool(_extra(package, "communes") or _extra(package, "spatial")),
        "Date de mise à jour": changed is not None,
    }


def _checks(resource: Any, before: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Add the last look at the file, once, when it was looked at since the last measure."""
    known = tuple(before)
    if resource.checked_at is None or resource.table_state == "waiting":
        return known
    moment = resource.checked_at.isoformat(timespec="seconds")
    if known and known[-1][0] >= moment:
        return known
    is_away = resource.table_state == "failed" and str(resource.code or "").startswith("TER-FET")
    return (*known, (moment, not is_away))[-MAX_CHECKS:]
