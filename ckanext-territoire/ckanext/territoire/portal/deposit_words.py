"""The French words of a deposit's report: states, ways of writing, lines set aside. Pure.

Input: the enumerations of `harvesters.table.received` and of `delivery.model`, as their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.territoire.portal.typography import count, number
from harvesters.errors import catalogue

# state: label, class of its tag
STATES = {
    "draft": ("à publier", "is-late"),
    "held": ("en attente d’une décision", "is-late"),
    "live": ("en ligne", "is-good"),
    "replaced": ("remplacé", ""),
    "undone": ("annulé", ""),
    "refused": ("refusé", ""),
    "failed": ("illisible", "is-error"),
}
WAYS = {
    "deposit": "déposé",
    "invitation": "déposé par invitation",
    "repair": "corrigé par lien",
    "mandate": "déposé par l’intercommunalité, sur mandat",
    "harvest": "moissonné",
    "undo": "remis en ligne",
}
# what was rewritten: one, several, what became of it
REWRITTEN = {
    "decimal_comma": ("nombre à virgule", "nombres à virgule", "lu comme un nombre"),
    "thousands": ("nombre à milliers séparés", "nombres à milliers séparés", "lu comme un nombre"),
    "french_date": ("date française", "dates françaises", "lue comme une date"),
    "boolean_word": ("réponse en mots", "réponses en mots", "lue comme oui ou non"),
    "lost_zero": ("code", "codes", "complété du zéro qu’il avait perdu"),
    "spaces": ("valeur", "valeurs", "débarrassée de ses espaces en trop"),
    "case": ("valeur", "valeurs", "mise dans l’écriture du modèle"),
    "projection": ("position", "positions", "convertie en longitude et latitude"),
    "swapped": ("position", "positions", "remise dans l’ordre longitude, latitude"),
    "commune": ("commune", "communes", "remplacée par son code INSEE"),
    "split_position": ("position", "positions", "coupée en longitude et latitude"),
}
ASIDE = {
    "blank": ("ligne vide", "lignes vides"),
    "title": ("ligne de titre", "lignes de titre"),
    "header": ("ligne de titres de colonnes répétée", "lignes de titres de colonnes répétées"),
    "total": ("ligne de total", "lignes de total"),
    "note": ("ligne de note", "lignes de note"),
}
SHOWN_LINES = 5


def say_rewritten(how: str, total: int) -> str:
    """Say what was rewritten, in agreement.

    >>> say_rewritten("french_date", 40).replace("\\xa0", " ")
    '40 dates françaises lues comme des dates'
    """
    one, many, became = REWRITTEN.get(how, ("valeur", "valeurs", "réécrite"))
    told = became if total < 2 else _many(became)
    return f"{count(total, one, many)} {told}"


def _many(became: str) -> str:
    """Put the participle, and what it becomes, in the plural."""
    first, _, rest = became.partition(" ")
    rest = rest.replace("comme un nombre", "comme des nombres")
    rest = rest.replace("par son code", "par leur code")
    rest = rest.replace("comme une date", "comme des dates").replace("de ses", "de leurs")
    rest = rest.replace("qu’il avait", "qu’ils avaient")
    return f"{first}s {rest}"


def say_aside(why: str, total: int) -> str:
    """Say what was set aside.

    >>> say_aside("total", 2).replace("\\xa0", " ")
    '2 lignes de total'
    """
    return count(total, *ASIDE.get(why, ("ligne", "lignes")))


def say_lines(lines: Sequence[int], total: int) -> str:
    """Say on which lines, the first ones.

    >>> say_lines([3, 8, 12], 45).replace("\\xa0", " ")
    'lignes 3, 8, 12 et 42 autres'
    """
    shown = [number(line) for line in lines[:SHOWN_LINES]]
    if not shown:
        return ""
    left = total - len(shown)
    told = ", ".join(shown)
    if left > 0:
        told += f" et {count(left, 'autre')}"
    elif len(shown) > 1:
        told = f"{', '.join(shown[:-1])} et {shown[-1]}"
    return f"{'ligne' if total < 2 else 'lignes'}\u00a0{told}"


def cut_sentence(code: str, told: str, field: str = "") -> tuple[str, str]:
    """Cut the sentence of a code into what is wrong and what to do; without the code, nor the
    column when its name is already a title above.

    >>> cut_sentence("TER-TAB-022", "TER-TAB-022 : le fichier est vide. Partez…", "")[0]
    'Le fichier est vide. Partez…'
    """
    entry = catalogue().get(code)
    remedy = entry.remedy if entry else ""
    message = told.removeprefix(f"{code} : ").removesuffix(remedy).strip()
    for where in (f"colonne « {field} »", f"« {field} »"):
        if field and message.startswith(where):
            message = message.removeprefix(where).lstrip(" ,:\u00a0")
            break  # what follows may be a value that is written like the name
    return message[:1].upper() + message[1:], remedy


def title_of(titles: Mapping[str, str], field: str) -> str:
    """Name a column as people know it; an unknown one by its own name."""
    return titles.get(field) or field or "Ligne entière"


def told_of(value: Any) -> str:
    """Write any value of a report as text; `""` for none."""
    return "" if value is None else str(value)
