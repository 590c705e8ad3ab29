"""The score of the faults survived: mark a test `@pytest.mark.fault(row)`; rows are named here.

A test tells its row in its report: the score counts the reports of all processes of tests. Stock
stands beside: `make faults` plays to it what can be (`stock/`) just before, and names the file of
what was seen in `TERRITOIRE_STOCK_FAULTS`. Of a row that was not played it tells what is known.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stock.verdict import CONTROL, Trial, load_trials

MARKER = "fault(row): the row of the list of faults to survive"


class Stock(Enum):
    """What stands behind what is said of ckanext-harvest 1.6.3 with ckanext-dcat 2.4.4 on CKAN
    2.12.0 for a row that is not played to it; no such row is counted."""

    SEEN = "vu autrefois"
    KNOWN = "lu dans son code"
    UNKNOWN = "inconnu"
    NOTHING = "sans équivalent"


# row: (the fault, what stock does, how that is known)
ROWS = {
    1: ("catalogue vide", "supprime tout", Stock.SEEN),
    2: ("page répétée ou boucle", "supprime le reste", Stock.SEEN),
    3: ("suite perdue", "supprime le reste", Stock.SEEN),
    4: ("page en erreur, muette ou au compte-gouttes", "une page muette l’arrête", Stock.SEEN),
    5: ("réponse tronquée ou XML piégé", "arrêt du consommateur", Stock.SEEN),
    6: ("page de maintenance", "erreur dite, rien de perdu", Stock.SEEN),
    7: ("une fiche mauvaise", "toute la source refusée", Stock.SEEN),
    8: ("identifiants renommés", "neuf et supprimé", Stock.SEEN),
    9: ("jeu supprimé puis revenu", "arrêt, moisson bloquée", Stock.SEEN),
    10: ("deux sources, un identifiant", "la seconde prend tout", Stock.SEEN),
    11: ("identifiant en double", "rien n’est dit", Stock.SEEN),
    12: ("arrêt brutal à chaque étape", "perdu ou doublé", Stock.KNOWN),
    13: ("Redis vidé, absent ou relancé", "messages perdus", Stock.KNOWN),
    14: ("PostgreSQL coupé, plein ou en interblocage", "fantôme de recherche", Stock.SEEN),
    15: ("Solr absent, tué ou muet", "écriture à moitié faite", Stock.SEEN),
    16: ("8 000 ressources, réponse sans fin", "mémoire épuisée", Stock.KNOWN),
    17: ("archive piégée", "ne lit pas d’archive", Stock.NOTHING),
    18: ("tableau mal fait", "muet ou abandonné", Stock.KNOWN),
    21: ("adresse ou renvoi vers un réseau privé", "suivi", Stock.SEEN),
    22: ("deux planificateurs", "deux moissons", Stock.KNOWN),
    23: ("sauvegarde d’hier rétablie", "non essayé", Stock.UNKNOWN),
    24: ("mise à jour différée", "perdue sans bruit", Stock.SEEN),
    26: ("colonnes changées", "sans bruit", Stock.KNOWN),
}
STOCK = "D’origine (ckanext-harvest 1.6.3, ckanext-dcat 2.4.4, CKAN 2.12.0)"
_results: dict[int, list[bool]] = defaultdict(list)


def tell_rows(items: list[pytest.Item]) -> None:
    """Write the row of a test into its reports."""
    for item in items:
        mark = item.get_closest_marker("fault")
        if mark:
            item.user_properties.append(("fault", mark.args[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    row = dict(report.user_properties).get("fault")
    if isinstance(row, int) and (report.when == "call" or report.failed):
        _results[row].append(report.passed)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _results:
        return
    kept = os.environ.get("TERRITOIRE_STOCK_FAULTS", "")
    played = load_trials(Path(kept)) if kept else {}
    for line in score_lines(_results, played):
        terminalreporter.write_line(line)


def score_lines(
    ours: Mapping[int, Sequence[bool]], played: Mapping[int, Sequence[Trial]]
) -> list[str]:
    """Write the score in French: a row a line, ours and stock, and how many each survived."""
    lines = [""]
    for row in sorted(ours):
        told = _told(sum(ours[row]), len(ours[row]))
        lines += [f"  {row:>2}  {ROWS[row][0]:<46} {told:<27} | {stock_told(row, played)}"]
        lines += [f"{'':>12}{each.name} : {', '.join(each.reasons)}"
                  for each in played.get(row, ()) if each.reasons]  # fmt: skip
    survived = sum(all(told) for told in ours.values())
    return [*lines, f"Pannes survécues : {survived} sur {len(ours)}", *_stock_score(ours, played)]


def stock_told(row: int, played: Mapping[int, Sequence[Trial]]) -> str:
    """Say what stock does in front of a row: what was seen now, or else how it is known."""
    trials = played.get(row)
    if not trials:
        return f"d’origine, non joué : {ROWS[row][1]} ({ROWS[row][2].value})"
    return f"d’origine, joué : {_told(_held(trials), len(trials))}"


def _told(held: int, tried: int) -> str:
    return f"{'survécue' if held == tried else 'NON survécue'} (essais : {held} sur {tried})"


def _held(trials: Sequence[Trial]) -> int:
    return sum(not each.reasons for each in trials)


def _stock_score(
    ours: Mapping[int, Sequence[bool]], played: Mapping[int, Sequence[Trial]]
) -> list[str]:
    rows = [played[row] for row in ours if played.get(row)]
    if not rows:
        return [f"{STOCK} : rien n’a été joué ici (make faults le joue)."]
    whole = sum(_held(trials) == len(trials) for trials in rows)
    held, tried = sum(map(_held, rows)), sum(map(len, rows))
    control = played.get(CONTROL, ())
    return [
        f"{STOCK}, joué juste avant : {whole} sur {len(rows)} (essais : {held} sur {tried} ; "
        f"sans panne : {_held(control)} sur {len(control)})",
        f"Pannes qui ne lui sont pas jouées, donc pas comptées : {len(ours) - len(rows)}",
    ]
