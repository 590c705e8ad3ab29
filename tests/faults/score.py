"""The score of the faults survived: mark a test `@pytest.mark.fault(row)`; rows are named here.

A test tells its row in its report: the score counts the reports of all processes of tests.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import Any

import pytest

MARKER = "fault(row): the row of the list of faults to survive"


class Stock(Enum):
    """What stands behind what is said of ckanext-harvest 1.6.3 with ckanext-dcat 2.4.4 on CKAN
    2.12.0. `make faults` does not run it: it counts only what was reproduced."""

    SEEN = "vu"
    KNOWN = "lu dans son code"
    UNKNOWN = "inconnu"
    NOTHING = "sans équivalent"


# row: (the fault, what stock does, how that is known)
ROWS = {
    1: ("catalogue vide", "supprime tout", Stock.SEEN),
    2: ("page répétée ou boucle", "supprime le reste", Stock.SEEN),
    3: ("suite perdue", "supprime le reste", Stock.SEEN),
    4: ("page en erreur, muette ou au compte-gouttes", "objets bloqués", Stock.SEEN),
    5: ("réponse tronquée ou XML piégé", "arrêt du consommateur", Stock.SEEN),
    6: ("page de maintenance", "erreur d’analyse", Stock.KNOWN),
    7: ("une fiche mauvaise", "toute la source refusée", Stock.SEEN),
    8: ("identifiants renommés", "neuf et supprimé", Stock.SEEN),
    9: ("jeu supprimé puis revenu", "arrêt, moisson bloquée", Stock.SEEN),
    10: ("deux sources, un identifiant", "la seconde prend tout", Stock.SEEN),
    11: ("identifiant en double", "le dernier gagne", Stock.KNOWN),
    12: ("arrêt brutal à chaque étape", "perdu ou doublé", Stock.KNOWN),
    13: ("Redis vidé, absent ou relancé", "messages perdus", Stock.KNOWN),
    14: ("PostgreSQL coupé, plein ou en interblocage", "fantôme de recherche", Stock.SEEN),
    15: ("Solr absent, tué ou muet", "écriture à moitié faite", Stock.KNOWN),
    16: ("8 000 ressources, réponse sans fin", "mémoire épuisée", Stock.KNOWN),
    17: ("archive piégée", "ne lit pas d’archive", Stock.NOTHING),
    18: ("tableau mal fait", "muet ou abandonné", Stock.KNOWN),
    21: ("adresse ou renvoi vers un réseau privé", "suivi", Stock.KNOWN),
    22: ("deux planificateurs", "deux moissons", Stock.KNOWN),
    23: ("sauvegarde d’hier rétablie", "non essayé", Stock.UNKNOWN),
    24: ("mise à jour différée", "perdue sans bruit", Stock.SEEN),
    26: ("colonnes changées", "sans bruit", Stock.KNOWN),
}
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
    survived = [row for row, told in _results.items() if all(told)]
    terminalreporter.write_line("")
    for row in sorted(_results):
        name, stock, how = ROWS[row]
        told = "survécue" if row in survived else "NON survécue"
        line = f"  {row:>2}  {told:<13} {len(_results[row]):>3} essais  {name:<44}"
        terminalreporter.write_line(f"{line} (d’origine : {stock}, {how.value})")
    terminalreporter.write_line(f"Pannes survécues : {len(survived)} sur {len(_results)}")
    seen = [row for row in _results if ROWS[row][2] is Stock.SEEN]
    if seen:
        terminalreporter.write_line(
            f"D’origine (ckanext-harvest 1.6.3) : 0 sur {len(seen)} pannes vues avec lui ; "
            "il n’est pas rejoué ici, et ce qui n’est que lu dans son code n’est pas compté."
        )
