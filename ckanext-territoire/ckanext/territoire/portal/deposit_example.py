"""A made-up deposit, for the living page of the components."""

from __future__ import annotations

from typing import Any

from ckanext.territoire.portal.deposit_grid import Grid, to_grid
from ckanext.territoire.portal.deposit_view import Beside, Report, to_report
from harvesters.errors import catalogue
from schemas.load import latest

SLUG = "stationnement-hors-voirie"


def _sentence(code: str, where: str, found: str, expected: str) -> str:
    entry = catalogue()[code]
    told = entry.template.format(where=where, found=found, expected=expected)
    return f"{code} : {told} {entry.remedy}"


def example_report() -> Report:
    """A report with good rows, bad rows, and what was arranged."""
    where = "colonne « nb_places »"
    cause = {
        "code": "TER-VAL-102", "field": "nb_places", "severity": "error", "count": 3,
        "lines": [4, 12, 80], "found": "environ 310", "expected": "nombre entier",
        "sentence": _sentence("TER-VAL-102", where, "environ 310", "nombre entier"),
    }  # fmt: skip
    report: dict[str, Any] = {
        "sentence": "fichier lu en Windows-1252, séparateur ; , titres en ligne 4, 215 lignes",
        "headers": ["id", "nom", "nb_places"],
        "header_line": 4,
        "match": [{"field": name, "header": name} for name in ("id", "nom", "nb_places")],
        "causes": [cause],
        "difference": {"added": 12, "changed": 3, "removed": 98, "same": 197, "kept": 3},
        "rewritten": [{"field": "Xlong", "how": "decimal_comma", "count": 40,
                       "before": "-1,5364", "after": "-1.5364"}],
        "aside": [{"why": "total", "count": 1, "samples": [[216, "Total | | 4 310"]]}],
        "extra": ["Observations"],
    }  # fmt: skip
    return to_report(
        {
            "schema_id": latest(SLUG).id, "file_name": "parkings.csv", "state": "held",
            "reasons": ["brake"], "choice": {}, "good": 212, "bad": 3, "warned": 0,
            "report": report, "feed": {"organization_title": "Une commune"},
        },
        Beside(live={"good": 301, "bad": 0}),
    )  # fmt: skip


def example_grid() -> Grid:
    """Bad rows, one with a proposal."""
    told = ("abonnes", "« tous », « abonnés »")
    rows = [
        {
            "line": line,
            "cells": {"id": f"35001-P-{line:03}", "nom": name, "type_usagers": "abonnes"},
            "issues": [
                {
                    "field": "type_usagers", "code": "TER-VAL-103", "severity": "error",
                    "found": "abonnes", "expected": told[1], "repair": "abonnés",
                    "sentence": _sentence(
                        "TER-VAL-103", f"ligne {line}, colonne « type_usagers »", *told
                    ),
                }
            ],
        }
        for line, name in ((4, "Parking de la gare"), (12, "Parking du centre"))
    ]  # fmt: skip
    return to_grid(rows, latest(SLUG), (0, 25))
