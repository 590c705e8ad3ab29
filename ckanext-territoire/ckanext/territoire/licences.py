"""CKAN's list of licences, made from our vocabulary: ids, French titles and addresses are ours.

CKAN can read a list from the file or address in `licenses_group_url`; that would
repeat the vocabulary in a second file. A register in memory has no copy to keep.
"""

from __future__ import annotations

from ckan import model
from ckan.model.license import License, LicenseRegister

from schemas.vocabulary import load_vocabulary


class VocabularyRegister(LicenseRegister):
    """The licences of `schemas/vocabularies/licences.yaml`, in its order."""

    def __init__(self) -> None:
        self.licenses = [
            License(
                {
                    "id": term.id,
                    "title": term.label,
                    "url": term.facts.get("page") or term.uri,
                    "od_conformance": "approved" if term.facts["is_open"] else "not reviewed",
                    "status": "active",
                }
            )
            for term in load_vocabulary("licences")
        ]


def install() -> None:
    """Make CKAN use our list wherever it asks for licences."""
    model.Package._license_register = VocabularyRegister()
