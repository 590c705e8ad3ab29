"""What an announcement says to people, in French. Pure."""

from __future__ import annotations

from datetime import date

from ckanext.territoire.developers.announced import Announced, What
from ckanext.territoire.portal.typography import day
from schemas.load import latest, slugs


def subject_of(told: Announced) -> str:
    """Name what is announced, at the beginning of a sentence."""
    if told.what is What.ADDRESS:
        return f"L’adresse {told.address}"
    table = f"« {title_of(told.slug)} »"
    if told.what is What.TABLE:
        return f"La table {table}"
    return f"La colonne « {told.column} » de {table}"


def headline(told: Announced, today: date) -> str:
    """Say in one line what becomes of what, and when."""
    is_over = told.is_over(today)
    if told.is_end:
        verb = "a disparu après le" if is_over else "disparaît après le"
    else:
        verb = "a changé le" if is_over else "change le"
    return f"{subject_of(told)} {verb} {day(told.at)}"


def instead(told: Announced) -> str:
    """Say what to use instead, `""` when nothing is told."""
    if not told.becomes:
        return ""
    if told.what is What.TABLE and told.becomes in slugs():
        return f"À la place : la table « {title_of(told.becomes)} »."
    return f"À la place : {told.becomes}"


def title_of(slug: str) -> str:
    """The title of a table; its name when its model is no more."""
    return latest(slug).title if slug in slugs() else slug
