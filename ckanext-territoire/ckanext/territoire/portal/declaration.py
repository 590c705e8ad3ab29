"""The declaration of accessibility: what a run of the tests has checked, as it was written down.

`accessibility_checked.yaml` is written by `make declaration` alone, never by hand: date, versions,
number of pages, and for each check how many faults were found.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ckanext.territoire.config import mail_contact

FOLDER = Path(__file__).parent.parent
# what each check of tests/acceptance/test_accessibility.py looks at
CHECKS = {
    "axe": "Règles de l’outil axe-core (contrastes, noms, rôles, titres, langue…), en clair et en "
    "sombre, sur un écran large et sur un téléphone",
    "reflow": "Lecture à 320 pixels de large, sans défilement horizontal de la page",
    "skip": "Premier appui sur Tab : le lien « Aller au contenu »",
    "focus": "Focus visible sur tout ce qui s’atteint au clavier",
    "motion": "Aucune animation quand la personne demande moins de mouvement",
    "map": "Chaque carte est suivie de la liste des mêmes lieux, chaque graphique de ses chiffres",
}


def declaration() -> dict[str, Any]:
    """What the page says: the last declared run, its checks in words, whom to ask."""
    return {"checked": checked(), "checks": CHECKS, "contact": mail_contact()}


@cache
def checked() -> dict[str, Any]:
    """What the last declared run has checked."""
    text = (FOLDER / "accessibility_checked.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
