"""How an error of our interfaces for programs is written, whichever process answers. Pure."""

from __future__ import annotations

from typing import Any

from ckanext.territoire.api.asked import Fault
from harvesters.errors import sentence

GUIDE = "/aide/developpeurs"
# the part of the guide that explains what a code refuses; `erreurs` explains all the others
PARTS = {
    "TER-API-151": "les-formats",
    "TER-API-152": "suivre-les-changements",
    "TER-API-153": "lire-toutes-les-pages",
    "TER-API-154": "les-tables",
    "TER-API-160": "filtrer",
    "TER-API-161": "filtrer",
    "TER-API-162": "filtrer",
    "TER-API-163": "lire-toutes-les-pages",
    "TER-API-164": "chercher-par-lieu",
    "TER-API-165": "chercher-par-lieu",
    "TER-API-168": "chercher-par-lieu",
    "TER-API-169": "chercher-par-lieu",
    "TER-API-170": "grouper-et-compter",
    "TER-API-171": "grouper-et-compter",
    "TER-API-172": "trier",
    "TER-API-178": "quotas-et-cles",
    "TER-API-179": "quotas-et-cles",
    "TER-API-221": "ce-qui-va-changer",
    "TER-API-222": "ce-qui-va-changer",
    **{f"TER-API-{number}": "cartes-et-sig" for number in range(210, 217)},
}
ELSEWHERE = "erreurs"


def to_shape(fault: Fault, site_url: str) -> dict[str, Any]:
    """One fault as a program reads it."""
    part = PARTS.get(fault.issue.code, ELSEWHERE)
    return {
        "code": fault.issue.code,
        "message": sentence(fault.issue),
        "field": fault.field,
        "accepted": list(fault.accepted),
        "help": f"{site_url}{GUIDE}#{part}",
    }
