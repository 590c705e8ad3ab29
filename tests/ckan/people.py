"""A small territory and the people who publish for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import coverage, publishers
from ckanext.territoire.delivery import references
from ckanext.territoire.territory import commune_map, members
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.cog_folder import RENNES, write_small_cog

# person: organisation and role
PEOPLE = {
    "agent": ("rennes-metropole", "admin"),
    "redactrice": ("rennes-metropole", "editor"),
    "mairie": ("acigne", "editor"),
    "lectrice": ("acigne", "member"),
    "voisine": ("betton", "admin"),
}


def make_territory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné, and who publishes for whom."""
    for reader in (coverage, publishers, members, commune_map, references):
        reader.forget()
    references._official.cache_clear()
    cog = write_small_cog(folder / "cog", ["35001", "35024", "35051"])
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.territory.cog_dir", str(cog))
    act("territoire_territory_init", epci=RENNES)
    for name, (home, role) in PEOPLE.items():
        act("user_create", name=name, email=f"{name}@mairie.example", password=PASSWORD)
        act("organization_member_create", id=home, username=name, role=role)
    publishers.forget()
