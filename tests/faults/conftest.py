"""The score of the faults survived: mark a test `@pytest.mark.fault(row)`; rows are named here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ckan.conftest import clean, organization, run_for
from tests.ckan.portal_server import Portal, package, portal_of

__all__ = ["clean", "organization", "run_for"]

# row: (the fault, what ckanext-harvest 1.6.3 with ckanext-dcat 2.4.4 does on CKAN 2.12)
ROWS = {
    1: ("catalogue vide", "supprime tout"),
    2: ("page répétée ou boucle", "supprime le reste"),
    3: ("suite perdue", "supprime le reste"),
    4: ("page en erreur, muette ou au compte-gouttes", "moisson vide, objets bloqués"),
    5: ("réponse tronquée", "arrêt du consommateur"),
    6: ("page de maintenance", "erreur d’analyse"),
    7: ("une fiche mauvaise", "toute la source refusée"),
    8: ("identifiants renommés", "neuf et supprimé"),
    9: ("jeu supprimé puis revenu", "arrêt, moisson bloquée"),
    10: ("deux sources, un identifiant", "la seconde prend tout"),
    11: ("identifiant en double", "le dernier gagne"),
    12: ("arrêt brutal à chaque étape", "perdu ou doublé"),
    14: ("PostgreSQL coupé en pleine écriture", "fantôme dans la recherche"),
    15: ("Solr absent", "écriture à moitié faite"),
    16: ("8 000 ressources", "mémoire épuisée"),
    17: ("archive piégée", "–"),
    18: ("tableau mal fait", "muet ou abandonné"),
    21: ("redirection vers un réseau privé", "suivie"),
    22: ("deux planificateurs", "deux moissons"),
    23: ("sauvegarde d’hier rétablie", "inconnu"),
    24: ("mise à jour différée", "perdue sans bruit"),
    26: ("colonnes changées", "sans bruit"),
}
_results: dict[int, list[bool]] = defaultdict(list)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(row): the row of the list of faults to survive")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    outcome = yield
    report = outcome.get_result()
    mark = item.get_closest_marker("fault")
    if mark and (report.when == "call" or report.failed):
        _results[mark.args[0]].append(report.passed)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _results:
        return
    survived = [row for row, told in _results.items() if all(told)]
    terminalreporter.write_line("")
    for row in sorted(_results):
        name, stock = ROWS[row]
        told = "survécue" if row in survived else "NON survécue"
        terminalreporter.write_line(f"  {row:>2}  {told:<13} {name:<46} (d’origine : {stock})")
    terminalreporter.write_line(f"Pannes survécues : {len(survived)} sur {len(_results)}")


@pytest.fixture
def portal(organization: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal of 24 datasets that this process may reach, quick to give up."""
    with portal_of(*(package(n) for n in range(24))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served
