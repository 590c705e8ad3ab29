"""« Où se garer »: the car parks of the territory, from the merged table of off-street parking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.portal.typography import NBSP, count, number
from ckanext.territoire.services.model import Filter, Height, Service

KINDS = {"enclos_en_surface": "en plein air", "ouvrage": "couvert"}
COUNTS = (
    (
        "nb_pmr",
        "place pour personne à mobilité réduite",
        "places pour personnes à mobilité réduite",
    ),
    ("nb_voitures_electriques", "place avec recharge électrique", ""),
    ("nb_velo", "place pour vélo", "places pour vélos"),
    ("nb_pr", "place de parc relais", "places de parc relais"),
    ("nb_covoit", "place de covoiturage", "places de covoiturage"),
)


def facts(row: Mapping[str, Any]) -> list[str]:
    """Say what a driver asks first: the price, the places, the height."""
    told = [price(row)]
    if row.get("nb_places") is not None:
        told.append(count(row["nb_places"], "place"))
    for name, one, many in COUNTS:
        if (row.get(name) or 0) > 0:
            told.append(count(row[name], one, many or one.replace("place", "places", 1)))
    told.append(height(str(row.get("hauteur_max") or "")))
    told.append(KINDS.get(str(row.get("type_ouvrage") or ""), ""))
    if row.get("type_usagers") == "abonnés":
        told.append("réservé aux abonnés")
    return [each for each in told if each]


def price(row: Mapping[str, Any]) -> str:
    """Say what an hour costs.

    >>> price({"gratuit": False, "tarif_1h": 1.5}).replace(NBSP, " ")
    'payant, 1,50 € l’heure'
    """
    if row.get("gratuit"):
        return "gratuit"
    hour = row.get("tarif_1h")
    if row.get("gratuit") is None:
        return ""
    if hour is None:
        return "payant"
    if not hour:
        return "payant, première heure gratuite"
    return f"payant, {number(float(hour), 2)}{NBSP}€ l’heure"


def height(told: str) -> str:
    """Say the height limit, given in centimetres.

    >>> height("190").replace(NBSP, " "), height("N/A")
    ('hauteur limitée à 1,90 m', 'sans limite de hauteur')
    """
    if not told:
        return ""
    if not told.isdigit():
        return "sans limite de hauteur"
    return f"hauteur limitée à {number(int(told) / 100, 2)}{NBSP}m"


PARKING = Service(
    path="ou-se-garer",
    slug="stationnement-hors-voirie",
    title="Où se garer ?",
    lead="Les parkings ouverts au public, avec leurs places et leurs tarifs, tels que chaque"
    " commune les publie.",
    one="parking",
    many="parkings",
    facts=facts,
    columns=("gratuit", "tarif_1h", "nb_places", *(name for name, _, _ in COUNTS), "hauteur_max",
             "type_ouvrage", "type_usagers", "info", "url"),
    filters=(
        Filter("gratuit", "Gratuit", "gratuit"),
        Filter("pmr", "Place pour personne à mobilité réduite", "nb_pmr", "{column} > 0"),
        Filter("recharge", "Recharge électrique", "nb_voitures_electriques", "{column} > 0"),
        Filter("velo", "Place pour vélo", "nb_velo", "{column} > 0"),
        Filter("relais", "Parc relais", "nb_pr", "{column} > 0"),
        Filter("tous", "Ouvert à tous, sans abonnement", "type_usagers", "{column} = 'tous'"),
    ),
    height=Height("hauteur", "Hauteur de mon véhicule, en mètres", "hauteur_max"),
    address="adresse",
)  # fmt: skip
