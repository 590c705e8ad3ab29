"""The French words of the history of a dataset: what changed, how it came, with its examples. Pure.

Input: the entries of `territoire_history_show`, and the fields of the forms by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.territoire.portal.deposit_words import WAYS
from ckanext.territoire.portal.run_words import ACTIONS, MORE_LABELS, to_line
from ckanext.territoire.portal.typography import NBSP, count

Data = Mapping[str, Any]
FILE_WAYS = {
    "ours": "déposé ou moissonné ici",
    "upload": "envoyé ici",
    "address": "relu à son adresse",
}
ROWS = (
    ("added", "ligne ajoutée", "lignes ajoutées"),
    ("changed", "ligne changée", "lignes changées"),
    ("removed", "ligne retirée", "lignes retirées"),
)
COLUMNS = (
    ("came", "colonne nouvelle", "colonnes nouvelles"),
    ("new", "colonne nouvelle", "colonnes nouvelles"),
    ("went", "colonne disparue", "colonnes disparues"),
    ("gone", "colonne disparue", "colonnes disparues"),
    ("retyped", "colonne d’un autre type", "colonnes d’un autre type"),
)
OPS = {"added": "Ajoutées", "changed": "Changées", "removed": "Retirées"}


def to_entry(entry: Data, labels: Data, files: Data, names: Data) -> dict[str, Any]:
    """Say one entry: `title`, `way`, `says`, `lines` (fields) and `examples` (rows). `names` gives
    the title of a file by the id of its resource."""
    if entry["kind"] == "description":
        return {**entry, **_description(entry, labels, files)}
    told = entry["told"]
    if entry["kind"] == "delivery":
        whose = f" {NBSP}: {entry['organization']}" if entry["organization"] else ""
        said = {"title": f"Livraison{whose}".replace(" \u00a0", "\u00a0"),
                "way": WAYS.get(entry["way"], "")}  # fmt: skip
    else:
        name = names.get(entry["resource_id"], "")
        title = f"Fichier{NBSP}: {name}" if name else "Fichier"
        said = {"title": title, "way": FILE_WAYS.get(told.get("way", ""), "")}
    examples = [] if entry.get("is_hidden") else list(_examples(told))
    return {**entry, **said, "says": rows_of(entry), "lines": [], "examples": examples}


def rows_of(entry: Data) -> list[str]:
    """Say how many rows and columns came, changed and went.

    >>> told = {"added": 2, "changed": 0, "removed": 1, "columns": {"came": ["prix"]}}
    >>> [s.replace(NBSP, " ") for s in rows_of({"kind": "rows", "rows": 9, "told": told})]
    ['9 lignes', '2 lignes ajoutées', '1 ligne retirée', '1 colonne nouvelle : prix']
    """
    told = entry["told"]
    said = [count(entry["rows"], "ligne")] if "rows" in entry else []
    counts = [count(told[kind], one, many) for kind, one, many in ROWS if told.get(kind)]
    said += counts
    columns = told.get("columns") or {}
    for kind, one, many in COLUMNS:
        if labels := columns.get(kind):
            said.append(f"{count(len(labels), one, many)}{NBSP}: {', '.join(labels[:8])}")
    if told.get("is_untold"):
        said.append("trop de lignes pour être comparées")
    elif "added" in told and not counts:
        said.append("mêmes lignes")
    elif entry["kind"] == "rows" and "added" not in told:
        said.append("premier état connu")
    return said


def _examples(told: Data) -> Iterator[dict[str, Any]]:
    key = told.get("key") or ""
    for op, label in OPS.items():
        rows = (told.get("examples") or {}).get(op) or []
        if rows:
            yield {"label": label, "key": key, "op": op, "rows": rows,
                   "more": max(int(told.get(op) or 0) - len(rows), 0)}  # fmt: skip


def _description(entry: Data, labels: Data, files: Data) -> dict[str, Any]:
    label = ACTIONS[entry["action"]][0] if entry["action"] in ACTIONS else "modifié"
    known = [d for d in entry["details"] if _is_named(d, labels, files)]
    lines = [to_line(detail, dict(labels), dict(files)) for detail in known]
    way = "à la main" if entry["is_by_hand"] else "par la moisson"
    if entry["source"]:
        way = f"par la moisson de «{NBSP}{entry['source']}{NBSP}»"
    says = [] if lines else [f"Jeu de données {label}"]
    return {"title": "Description", "way": way, "says": says, "lines": lines, "examples": []}


def _is_named(detail: Data, labels: Data, files: Data) -> bool:
    """Keep fields that have a name for people."""
    if "field" not in detail:
        return True
    known = labels if detail["kind"] == "field" else files
    return detail["field"] in known or detail["field"] in MORE_LABELS
