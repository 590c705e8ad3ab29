"""What the letters of links say, in French. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.portal.typography import count


@dataclass(frozen=True, slots=True)
class Facts:
    """What every letter is about. `place` is said after « pour » ; `until` is a day in full;
    `contact` says whom to ask; `bad` counts the rows set aside, `good` those online."""

    site: str
    place: str
    theme: str
    address: str
    until: str = ""
    contact: str = ""
    good: int = 0
    bad: int = 0
    file_name: str = ""


def invitation(told: Facts) -> Letter:
    """Ask for a first deposit."""
    return Letter(
        subject=f"{told.place} : déposer « {told.theme} »",
        blocks=(
            "Bonjour,",
            f"{told.site} vous invite à déposer le tableau « {told.theme} » pour {told.place}. "
            "Il n’y a pas de compte à créer : ce lien suffit.",
            Way("Déposer le tableau", told.address),
            "Vous pouvez déposer un fichier tel qu’il est, remplir le modèle vierge, ou écrire "
            "les lignes dans la page. Vous relisez le résultat avant de publier.",
            f"Le lien fonctionne jusqu’au {told.until}. Il permet de déposer ce tableau pour "
            f"{told.place}, et rien d’autre : ne le donnez qu’à la personne qui s’en charge.",
            *_ending(told),
        ),
    )


def repair(told: Facts) -> Letter:
    """Ask to correct rows that wait."""
    return Letter(
        subject=f"{told.place} : {_waiting_rows(told)} dans « {told.theme} »",
        blocks=(
            "Bonjour,",
            _what_waits(told),
            Way("Voir et corriger ces lignes", told.address),
            "La page ne montre que ces lignes, avec la raison et, quand c’est possible, une valeur "
            "proposée. Vous acceptez ou vous corrigez ; ce qui est juste est publié aussitôt.",
            f"Il n’y a pas de compte à créer. Le lien fonctionne jusqu’au {told.until} et ne "
            "permet rien d’autre : ne le donnez qu’à la personne qui s’en charge.",
            *_ending(told),
        ),
    )


def waiting(told: Facts) -> Letter:
    """Tell the officer that what came by a link needs a decision."""
    return Letter(
        subject=f"{told.place} : un dépôt attend votre décision",
        blocks=(
            "Bonjour,",
            f"Un dépôt « {told.theme} » pour {told.place}, fait par un lien sans compte, attend "
            "votre décision. Il n’est pas publié.",
            Way("Lire le compte rendu et décider", told.address),
            "Les lignes déjà publiées restent en place jusque-là.",
        ),
    )


def _waiting_rows(told: Facts) -> str:
    return count(told.bad, "ligne à corriger", "lignes à corriger")


def _what_waits(told: Facts) -> str:
    file = f" (« {told.file_name} »)" if told.file_name else ""
    online = count(told.good, "ligne est en ligne", "lignes sont en ligne")
    waits = count(told.bad, "ligne attend une correction", "lignes attendent une correction")
    return (
        f"Le dépôt « {told.theme} » pour {told.place}{file} a été publié : {online}. {waits} : "
        "rien n’est perdu, mais ce n’est pas encore visible."
    )


def _ending(told: Facts) -> tuple[str, ...]:
    asked = (f"Une question ? {told.contact}",) if told.contact else ()
    return (*asked, "Si vous n’attendiez pas ce message, ne faites rien : rien ne sera changé.")
