"""What a row of each merged table is, in the words of a figure; and what is added up where a count
of rows says little. Tables that make no figure of a commune are left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """`one` and `many` name what is counted; `total` is the column that is added up instead, and
    then `rows_one`, `rows_many` name the rows."""

    one: str
    many: str
    total: str = ""
    rows_one: str = ""
    rows_many: str = ""


UNITS = {
    "stationnement-hors-voirie": Unit(
        "place de parking", "places de parking", "nb_places", "parking", "parkings"
    ),
    "stationnement-cyclable": Unit(
        "place pour vélo", "places pour vélos", "capacite", "emplacement", "emplacements"
    ),
    "irve-statique": Unit("point de recharge", "points de recharge"),
    "points-apport-volontaire": Unit("point d’apport volontaire", "points d’apport volontaire"),
    "toilettes-publiques": Unit("lieu de toilettes publiques", "lieux de toilettes publiques"),
    "defibrillateurs": Unit("défibrillateur", "défibrillateurs"),
    "equipements": Unit("équipement public", "équipements publics"),
    "arbres": Unit("arbre recensé", "arbres recensés"),
    "fontaines-eau": Unit("fontaine à eau", "fontaines à eau"),
    "associations": Unit("association", "associations"),
    "deliberations": Unit("délibération", "délibérations"),
    "subventions": Unit("subvention", "subventions"),
    "marches-publics": Unit("marché public", "marchés publics"),
    "salles-equipements-reservables": Unit("salle à réserver", "salles à réserver"),
    "lieux-covoiturage": Unit("lieu de covoiturage", "lieux de covoiturage"),
    "stations-taxi": Unit("station de taxis", "stations de taxis"),
    "amenagements-cyclables": Unit("aménagement cyclable", "aménagements cyclables"),
    "eclairage-public": Unit("point lumineux", "points lumineux"),
    "points-eau-incendie": Unit("point d’eau incendie", "points d’eau incendie"),
    "agenda-evenements": Unit("événement à l’agenda", "événements à l’agenda"),
    "base-adresse-locale": Unit("adresse", "adresses"),
    "jours-collecte": Unit("passage de collecte", "passages de collecte"),
    "capteurs": Unit("capteur", "capteurs"),
}
