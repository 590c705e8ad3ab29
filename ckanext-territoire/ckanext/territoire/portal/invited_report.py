"""The report of a deposit as an invited person sees it: one theme, no hold to settle. Pure."""

from __future__ import annotations

from dataclasses import replace

from ckanext.territoire.portal.deposit_view import Report
from ckanext.territoire.portal.holds import Hold

DECIDED = frozenset({"brake", "commune", "privacy"})
WAITS = (
    "Si ce n’est pas voulu, déposez un autre fichier. Sinon, une personne de l’intercommunalité "
    "relit ce dépôt avant sa publication : elle est prévenue."
)


def for_invited(report: Report, title: str) -> Report:
    """Leave nothing to tick and no other theme to choose; `title` is that of the invitation."""
    reading = replace(report.reading, schemas=((report.schema_id, title),))
    holds = tuple(_hold(each, title) for each in report.holds)
    return replace(report, reading=reading, holds=holds)


def _hold(hold: Hold, title: str) -> Hold:
    if hold.key in DECIDED:
        return replace(hold, confirm="", advice=WAITS)
    if hold.key != "schema":
        return hold
    best = f" : elles ressemblent à « {hold.candidates[0].title} »" if hold.candidates else ""
    return replace(
        hold,
        key="theme",
        title="Ce fichier n’est pas celui qui est attendu",
        text=f"Ses colonnes ne sont pas celles de « {title} »{best}.",
        advice="Ce lien ne permet de déposer que ce tableau. Déposez le bon fichier, ou demandez "
        "un autre lien à la personne qui vous a envoyé celui-ci.",
        candidates=(),
    )
