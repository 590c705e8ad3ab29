"""The French words of a run: what it did to each dataset, field by field; what was decided. Pure.

Input: the changes of `territoire_run_diff`, the decisions of `territoire_source_decisions`, and the
fields of the forms as ckanext-scheming gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ckanext.territoire.portal.typography import NBSP, count, day, number
from schemas.vocabulary import load_vocabulary

Data = Mapping[str, Any]
Say = Callable[[str], str]
# action: of one dataset, of several, class of its tag; in the order of the page
ACTIONS = {
    "create": ("nouveau", "nouveaux", "is-good"),
    "update": ("modifié", "modifiés", ""),
    "rename": ("renommé à la source", "renommés à la source", "is-late"),
    "reactivate": ("de retour", "de retour", "is-good"),
    "mark_missing": ("absent de la source", "absents de la source", "is-late"),
    "retire": ("retiré", "retirés", "is-error"),
    "mark_live": ("revu à la source", "revus à la source", ""),
}
SINCE = {
    "run": "changé depuis par une moisson",
    "person": "changé depuis à la main",
    "elsewhere": "publié depuis par une autre source",
}
PRIVATE = {"True": "privé", "": "public"}
MORE_LABELS = {
    "private": "Visibilité",
    "tag_string": "Mots-clés",
    "url": "Adresse",
    "size": "Taille",
    "mimetype": "Type du fichier",
    "hash": "Empreinte",
    "last_modified": "Date du fichier",
}
DATES = ("issued", "modified", "temporal_start", "temporal_end", "last_modified")
VOCABULARIES = {"license_id": "licences", "theme": "themes", "frequency": "frequencies"}


def labels_of(fields: Iterable[Data]) -> dict[str, str]:
    """Name the fields of a form as the form does."""
    return {f["field_name"]: str(f.get("label") or f["field_name"]) for f in fields}


def to_counts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Put the counts of a run in the order of the page, with their words."""
    return [
        {"action": action, "count": counts[action], "label": many if counts[action] > 1 else one}
        for action, (one, many, _) in ACTIONS.items()
        if counts.get(action)
    ]


def to_change(row: Data, labels: Mapping[str, str], files: Mapping[str, str]) -> dict[str, Any]:
    """Say what becomes of one dataset, and each of its fields that changes."""
    one, _, kind = ACTIONS[row["action"]]
    return {
        **row,
        "label": one,
        "tag": kind,
        "since_label": SINCE.get(row["since"], ""),
        "lines": [to_line(detail, labels, files) for detail in row["details"]],
    }


def to_line(detail: Data, labels: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """Say one changed field: its name, its old and its new value.

    >>> dates = {"field": "modified", "old": "2026-01-02T03:04:05", "new": "2026-03-01T00:00:00"}
    >>> to_line({"kind": "field", **dates}, {"modified": "Mise à jour"}, {})["new"]
    '1er\\xa0mars\\xa02026'
    """
    kind = detail["kind"]
    if kind == "more":
        return {"name": f"et {count(detail['count'], 'autre changement', 'autres changements')}",
                "old": "", "new": ""}  # fmt: skip
    if kind == "file_added":
        return {"name": f"Fichier ajouté : {detail['file']}", "old": "", "new": detail["new"]}
    if kind == "file_removed":
        return {"name": f"Fichier retiré : {detail['file']}", "old": detail["old"], "new": ""}
    field = detail["field"]
    known = labels if kind == "field" else files
    name = known.get(field) or MORE_LABELS.get(field) or field
    if kind == "file_field":
        name = f"{name} du fichier « {detail['file']} »"
    old, new = to_value(field, detail["old"]), to_value(field, detail["new"])
    if field in DATES and day(old) != day(new):  # two moments of one day are told as they are
        old, new = day(old) or old, day(new) or new
    return {"name": name, "old": old, "new": new}


def to_value(field: str, value: str) -> str:
    """Write a stored value as people read it: labels of choices, lists, `privé`."""
    if field == "private":
        return PRIVATE.get(value, value)
    parts = _list(value)
    if field in VOCABULARIES:
        terms = load_vocabulary(VOCABULARIES[field])
        parts = [term.label if (term := terms.get(part)) else part for part in parts]
    return ", ".join(parts)


def _list(value: str) -> list[str]:
    if value.startswith("["):
        try:
            return [str(part) for part in json.loads(value)]
        except ValueError:
            return [value]
    return [value] if value else []


def say_decision(row: Data, labels: Mapping[str, str]) -> str:
    """Say one decision of the history of a source."""
    facts = row["facts"]
    total = int(facts.get("count") or 0)
    records = count(total, "fiche")
    sets = count(total, "jeu de données", "jeux de données")
    left = int(facts.get("left") or 0)
    kept = f", {count(left, 'laissé tel quel', 'laissés tels quels')}" if left else ""
    field = str(facts.get("field", "")).rsplit(":", maxsplit=1)[-1]
    name = labels.get(field) or MORE_LABELS.get(field, field)
    says = {
        "accept": "a accepté une moisson retenue",
        "refuse": f"a refusé une moisson retenue{_frozen(total)}",
        "rollback": f"a annulé une moisson : {sets}{kept}",
        "release": f"a relâché {records}",
        "publish": f"a publié {sets} après relecture{_titles(facts)}",
        "reject": f"a refusé {sets} à la relecture{_titles(facts)}",
        "keep_correction": f"a gardé sa correction du champ « {name} »",
        "take_source": f"a rendu à la source le champ « {name} »",
        "rule": f"a changé les règles : {say_rule(facts)}",
    }
    return says.get(str(row["kind"]), str(row["kind"]))


def _frozen(total: int) -> str:
    return f" : {count(total, 'fiche figée', 'fiches figées')}" if total else ""


def _titles(facts: Data) -> str:
    titles = facts.get("titles") or []
    if not titles:
        return ""
    more = "…" if int(facts.get("count") or 0) > len(titles) else ""
    return f" ({', '.join(titles)}{more})"


def say_rule(rule: Data) -> str:
    """Say how a source is harvested."""
    review = {
        "first": "relu d’abord",
        "at_once": "publié aussitôt",
    }.get(rule.get("review") or "", "relecture comme l’organisation")
    days = rule.get("grace_days")
    grace = "délai de grâce commun" if days is None else f"délai de grâce de {say_days(days)}"
    portal = PORTALS.get(rule.get("nearness") or "", "")
    return ", ".join(part for part in (review, grace, portal) if part)


PORTALS = {
    "producer": "portail d’un producteur",
    "region": "portail régional",
    "nation": "portail national",
}


def say_days(days: float) -> str:
    """Write a number of days.

    >>> say_days(7), say_days(0.5)
    ('7\\xa0jours', '0,5\\xa0jour')
    """
    digits = 0 if days == int(days) else 1
    return f"{number(days, digits)}{NBSP}jour{'s' if days >= 2 else ''}"
