"""« Où recharger ma voiture »: the charging points, from the merged table of charging stations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.portal.typography import NBSP, number
from ckanext.territoire.services.hours import to_french
from ckanext.territoire.services.model import Filter, Service

PLUGS = {
    "prise_type_2": "type 2",
    "prise_type_combo_ccs": "Combo CCS",
    "prise_type_chademo": "CHAdeMO",
    "prise_type_ef": "prise domestique",
}


def facts(row: Mapping[str, Any]) -> list[str]:
    """Say the power, the plugs, the price and the hours."""
    power = row.get("puissance_nominale")
    plugs = [label for name, label in PLUGS.items() if row.get(name)]
    free = "gratuit" if row.get("gratuit") else ""
    told = [
        "" if power is None else f"{number(float(power), 0 if power == int(power) else 1)}{NBSP}kW",
        ", ".join(plugs),
        free or str(row.get("tarification") or ""),
        to_french(row.get("horaires")),
        "réservé à certains usagers" if row.get("condition_acces") == "Accès réservé" else "",
    ]
    return [each for each in told if each]


CHARGING = Service(
    path="ou-recharger",
    slug="irve-statique",
    title="Où recharger ma voiture ?",
    lead="Les points de recharge ouverts au public : leurs prises, leur puissance, leurs tarifs.",
    one="point de recharge",
    many="points de recharge",
    facts=facts,
    columns=("puissance_nominale", *PLUGS, "gratuit", "tarification", "horaires",
             "condition_acces", "nom_operateur"),
    filters=(
        Filter("gratuit", "Gratuit", "gratuit"),
        Filter("rapide", "50 kW et plus", "puissance_nominale", "{column} >= 50"),
        Filter("type2", "Prise de type 2", "prise_type_2"),
        Filter("ccs", "Prise Combo CCS", "prise_type_combo_ccs"),
        Filter("chademo", "Prise CHAdeMO", "prise_type_chademo"),
        Filter("carte", "Paiement par carte bancaire", "paiement_cb"),
        Filter("pmr", "Accessible aux personnes à mobilité réduite", "accessibilite_pmr",
               "{column} IN ('Réservé PMR', 'Accessible mais non réservé PMR')"),
    ),
    address="adresse_station",
)  # fmt: skip
