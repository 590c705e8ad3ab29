"""The dataset that shows the counts as open data: its file is our own address, always of today."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.delivery.merged import URL_TYPE
from ckanext.territoire.territory.names import of

NOTES = (
    "Le nombre de consultations, de téléchargements et d’appels de l’API de chaque jeu de données"
    " public, jour par jour. Les robots sont comptés à part. Aucun cookie n’est déposé et rien"
    " n’est retenu sur les personnes\u00a0: ni adresse, ni parcours. Les agents connectés ne"
    " sont pas comptés.\n\nLe fichier donne les 30 derniers jours\u202f; ajoutez"
    " `?from=2026-01-01&to=2026-06-30` à son adresse pour une autre période."
)


def publish_usage(context: Context, epci: dict[str, Any]) -> bool:
    """Publish or describe again the dataset of an EPCI; answer whether anything was written."""
    own = Context(user=context["user"], ignore_auth=True)
    wanted = _package(epci)
    try:
        stored = toolkit.get_action("package_show")(Context(own), {"id": wanted["name"]})
    except toolkit.ObjectNotFound:
        toolkit.get_action("package_create")(Context(own), wanted | {"resources": [_file()]})
        return True
    if all(stored.get(name) == value for name, value in wanted.items()):
        return False
    toolkit.get_action("package_patch")(Context(own), {"id": stored["id"]} | wanted)
    return True


def usage_name(epci: dict[str, Any]) -> str:
    """The address of the dataset."""
    return f"utilisation-{epci['name']}"


def usage_title(epci: dict[str, Any]) -> str:
    """Its title."""
    return f"Utilisation des données {of(epci['title'])}"


def _package(epci: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": usage_name(epci),
        "title": usage_title(epci),
        "notes": NOTES,
        "owner_org": epci["id"],
        "license_id": "lov2",
        "frequency": "continuous",
        "theme": ["vie-democratique"],
        "language": "fr",
        "private": False,
        "state": "active",
    }


def _file() -> dict[str, Any]:
    return {
        "name": "Utilisation, jour par jour",
        "format": "CSV",
        "url": f"{toolkit.config['ckan.site_url']}/api/territoire/v1/usage.csv",
        "url_type": URL_TYPE,
    }
