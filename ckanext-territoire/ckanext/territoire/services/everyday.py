"""The questions of every day that a merged table answers, each with its filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.portal.typography import count, day
from ckanext.territoire.services.hours import moment, to_french
from ckanext.territoire.services.model import Filter, Service

Row = Mapping[str, Any]


def _filled(*parts: str) -> list[str]:
    return [part for part in parts if part]


def bike_facts(row: Row) -> list[str]:
    """Say how many bicycles, how they are kept and whether it is free."""
    places, guarded = row.get("capacite"), str(row.get("protection") or "")
    return _filled(
        "" if places is None else count(places, "place"),
        str(row.get("mobilier") or "").lower(),
        "abrité de la pluie" if row.get("couverture") else "",
        guarded.lower() if "FERME" in guarded and "NON" not in guarded else "",
        {True: "gratuit", False: "payant"}.get(row.get("gratuit"), ""),
    )


def toilet_facts(row: Row) -> list[str]:
    """Say whether they are open, free, and for a wheelchair."""
    return _filled(
        str(row.get("etat") or ""),
        {True: "gratuites", False: "payantes"}.get(row.get("gratuit"), ""),
        "accessibles en fauteuil" if row.get("accessible_pmr") else "",
        "table à langer" if row.get("table_a_langer") else "",
        to_french(row.get("horaires")),
    )


def collection_facts(row: Row) -> list[str]:
    """Say which bin, which day, how often."""
    return _filled(
        str(row.get("dechets") or ""),
        str(row.get("jour") or ""),
        str(row.get("frequence") or ""),
        f"à partir de {moment(str(row['heure_debut']))}" if row.get("heure_debut") else "",
        str(row.get("consigne") or ""),
    )


def drop_facts(row: Row) -> list[str]:
    """Say what may be left there."""
    return _filled(
        str(row.get("dechets") or "").strip("{}[]").replace('"', "").replace("|", ", "),
        str(row.get("type_conteneur") or ""),
        "badge nécessaire" if row.get("badge") else "",
        to_french(row.get("horaires")),
    )


def heart_facts(row: Row) -> list[str]:
    """Say where it hangs and when it can be reached."""
    return _filled(
        str(row.get("acc") or "").lower(),
        "en accès libre" if row.get("acc_lib") else "",
        str(row.get("acc_complt") or ""),
        str(row.get("etat_fonct") or "").lower(),
    )


def vote_facts(row: Row) -> list[str]:
    """Say when it was voted, and by how many."""
    voices = row.get("VOTE_POUR")
    against = row.get("VOTE_CONTRE")
    return _filled(
        f"adoptée le {day(row['DELIB_DATE'])}" if row.get("DELIB_DATE") else "",
        str(row.get("DELIB_MATIERE_NOM") or ""),
        "" if voices is None else count(voices, "voix pour", "voix pour"),
        "" if against is None else count(against, "voix contre", "voix contre"),
    )


BIKES = Service(
    "ou-garer-mon-velo", "stationnement-cyclable", "Où garer mon vélo ?",
    "Les arceaux, abris et consignes, tels que chaque commune les publie.",
    "stationnement pour vélos", "stationnements pour vélos", bike_facts,
    ("capacite", "mobilier", "couverture", "protection", "gratuit", "commentaires"),
    (
        Filter("gratuit", "Gratuit", "gratuit"),
        Filter("abrite", "Abrité de la pluie", "couverture"),
        Filter("ferme", "Fermé à clé", "protection",
               "{column} IN ('CONSIGNE COLLECTIVE FERMEE', 'BOX INDIVIDUEL FERME')"),
        Filter("cargo", "Place pour vélo cargo", "capacite_cargo", "{column} > 0"),
    ),
)  # fmt: skip
TOILETS = Service(
    "ou-sont-les-toilettes", "toilettes-publiques", "Où sont les toilettes publiques ?",
    "Les toilettes ouvertes à tous, avec leurs horaires et leur accès.",
    "lieu", "lieux", toilet_facts,
    ("etat", "gratuit", "accessible_pmr", "table_a_langer", "horaires", "precisions"),
    (
        Filter("ouvert", "En service", "etat", "{column} = 'en service'"),
        Filter("pmr", "Accessible en fauteuil", "accessible_pmr"),
        Filter("gratuit", "Gratuit", "gratuit"),
        Filter("langer", "Table à langer", "table_a_langer"),
    ),
    address="adresse",
)  # fmt: skip
COLLECTION = Service(
    "quand-sortir-mes-poubelles", "jours-collecte", "Quand sortir mes poubelles ?",
    "Les jours de passage, secteur par secteur et bac par bac.",
    "passage", "passages", collection_facts,
    ("dechets", "jour", "frequence", "heure_debut", "consigne"),
    (
        Filter("menage", "Ordures ménagères", "dechets", "{column} = 'ordures ménagères'"),
        Filter("tri", "Emballages et papiers", "dechets",
               "{column} IN ('emballages', 'papiers', 'cartons')"),
        Filter("bio", "Biodéchets et déchets verts", "dechets",
               "{column} IN ('biodéchets', 'déchets verts')"),
        Filter("encombrants", "Encombrants", "dechets", "{column} = 'encombrants'"),
    ),
)  # fmt: skip
DROP_OFF = Service(
    "ou-deposer-mes-dechets", "points-apport-volontaire", "Où déposer le verre et les papiers ?",
    "Les conteneurs d’apport volontaire et ce que chacun accepte.",
    "point d’apport", "points d’apport", drop_facts,
    ("dechets", "type_conteneur", "badge", "horaires"),
    (
        Filter("verre", "Verre", "dechets", "{column}::text ILIKE '%%verre%%'"),
        Filter("papiers", "Papiers et cartons", "dechets", "{column}::text ~ 'papiers|cartons'"),
        Filter("textiles", "Textiles", "dechets", "{column}::text ILIKE '%%textiles%%'"),
        Filter("pmr", "Accessible en fauteuil", "accessible_pmr"),
    ),
    address="adresse",
)  # fmt: skip
HEART = Service(
    "ou-est-le-defibrillateur", "defibrillateurs", "Où est le défibrillateur le plus proche ?",
    "En cas d’urgence, appelez d’abord le 15 ou le 112.",
    "défibrillateur", "défibrillateurs", heart_facts,
    ("acc", "acc_lib", "acc_complt", "etat_fonct", "adr_num"),
    (
        Filter("dehors", "À l’extérieur", "acc", "{column} = 'Extérieur'"),
        Filter("libre", "En accès libre", "acc_lib"),
    ),
    address="adr_voie",
)  # fmt: skip
VOTES = Service(
    "ce-qu-a-vote-ma-commune", "deliberations", "Qu’a voté ma commune ?",
    "Les délibérations des conseils, avec leurs votes et leurs documents.",
    "délibération", "délibérations", vote_facts,
    ("DELIB_DATE", "DELIB_MATIERE_NOM", "VOTE_POUR", "VOTE_CONTRE", "DELIB_URL"),
)  # fmt: skip
