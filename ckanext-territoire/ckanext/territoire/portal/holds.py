"""What holds a delivery, explained to the clerk: what was seen, what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.portal.deposit_words import say_lines
from ckanext.territoire.portal.typography import count, number

Data = Mapping[str, Any]
SHOWN_COMMUNES = 6
LEAST_SHARE = 0.3  # below, a likeness is chance


@dataclass(frozen=True, slots=True)
class Candidate:
    """A template that the file may follow; `share` is a percentage."""

    schema_id: str
    title: str
    share: int
    because: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Why somebody is asked. `items` say where; `confirm` is what a person ticks to go on, `""`
    when ticking does not settle it; `candidates` are templates to choose from."""

    key: str
    title: str
    text: str
    advice: str
    items: tuple[str, ...] = ()
    confirm: str = ""
    candidates: tuple[Candidate, ...] = ()


def to_holds(delivery: Data, communes: Mapping[str, str]) -> list[Hold]:
    """Explain each reason of a held delivery; `communes` maps INSEE codes to names."""
    told: Data = delivery["report"]
    holds = {
        "brake": lambda: _brake(told),
        "commune": lambda: _commune(delivery, communes),
        "schema": lambda: _schema(told),
        "privacy": lambda: _privacy(told),
        "empty": _empty,
    }
    return [holds[reason]() for reason in delivery["reasons"]]


def _brake(told: Data) -> Hold:
    change = told.get("difference") or {}
    gone = int(change.get("removed") or 0)
    before = sum(int(change.get(name) or 0) for name in ("changed", "removed", "same", "kept"))
    return Hold(
        "brake",
        "Beaucoup de lignes disparaîtraient",
        f"{count(gone, 'ligne en ligne aujourd’hui n’est', 'lignes en ligne aujourd’hui ne sont')}"
        f" plus dans ce fichier, sur {number(before)}. Rien n’est encore remplacé.",
        "Si le fichier est incomplet, refusez ce dépôt, puis déposez le fichier entier.",
        confirm=f"C’est voulu : {count(gone, 'ligne doit', 'lignes doivent')} disparaître.",
    )


def _commune(delivery: Data, communes: Mapping[str, str]) -> Hold:
    counts: Data = delivery["report"].get("communes") or {}
    items = [
        f"{communes.get(insee) or insee or 'Sans commune'} : {count(total, 'ligne')}"
        for insee, total in sorted(counts.items(), key=lambda pair: -pair[1])[:SHOWN_COMMUNES]
    ]
    left = len(counts) - SHOWN_COMMUNES
    if left > 0:
        items.append(f"et {count(left, 'autre commune', 'autres communes')}")
    owner = delivery["feed"]["organization_title"]
    return Hold(
        "commune",
        "Ces lignes sont surtout celles d’autres communes",
        f"Vous publiez pour {owner}, mais voici où se trouvent les lignes du fichier :",
        "Si le fichier est celui d’une autre commune, refusez ce dépôt.",
        tuple(items),
        confirm=f"C’est voulu : ces lignes sont publiées par {owner}.",
    )


def _schema(told: Data) -> Hold:
    candidates = tuple(
        Candidate(
            each["schema_id"], each["title"], round(each["confidence"] * 100), each["because"]
        )
        for each in told.get("candidates", ())
        if each["confidence"] >= LEAST_SHARE
    )
    text = (
        "Ses colonnes ressemblent à celles de ces modèles, sans certitude."
        if candidates
        else "Ses colonnes ne ressemblent à aucun modèle connu."
    )
    return Hold(
        "schema",
        "De quoi parle ce fichier ?",
        text,
        "Choisissez le bon modèle : le fichier est relu aussitôt, rien n’est publié."
        + (" Un autre se choisit dans « Ce n’est pas ça ? », plus bas." if candidates else ""),
        candidates=candidates,
    )


def _privacy(told: Data) -> Hold:
    found = [each for each in told.get("privacy") or () if each.get("is_holding", True)]
    return Hold(
        "privacy",
        "Des données personnelles sont peut-être présentes",
        "Elles ne doivent pas être publiées sans raison. Voici où elles se trouvent :",
        "Le plus simple est de masquer la colonne : bouton « Décider ». Vous pouvez aussi retirer"
        " ces valeurs du fichier, puis le déposer de nouveau. Si la loi permet de les publier,"
        " l’intercommunalité peut le décider : sa décision est gardée.",
        tuple(_finding(each) for each in found),
    )


def _finding(told: Data) -> str:
    where = told.get("label") or told.get("column") or ""
    lines = say_lines(list(told.get("lines") or ()), int(told.get("count") or 0))
    sample = told.get("masked_sample") or ""
    shape = f", de la forme « {sample} »" if sample else ""
    kind = str(told.get("kind_label") or "données personnelles")
    return f"{kind[:1].upper()}{kind[1:]} : colonne « {where} », {lines}{shape}"


def _empty() -> Hold:
    return Hold(
        "empty",
        "Aucune ligne n’est valable",
        "Rien ne peut être publié pour l’instant ; les lignes en ligne restent.",
        "Corrigez les lignes ci-dessous. Si les titres de colonnes ont été mal compris, dites-le"
        " dans « Ce n’est pas ça ? ».",
    )
