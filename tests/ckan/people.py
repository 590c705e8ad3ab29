"""A small territory and the people who publish for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import minute
from ckanext.territoire.territory import facts, init
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.cog_folder import RENNES, write_small_cog, write_small_facts

# person: organisation and role
PEOPLE = {
    "agent": ("rennes-metropole", "admin"),
    "redactrice": ("rennes-metropole", "editor"),
    "mairie": ("acigne", "editor"),
    "lectrice": ("acigne", "member"),
    "voisine": ("betton", "admin"),
}


def use_communes(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    codes: Collection[str] = ("35001", "35024", "35051"),
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Let Rennes Métropole have these members alone: Acigné, Betton and Cesson-Sévigné else."""
    cog = write_small_cog(folder / "cog", codes, changes)
    known = write_small_facts(folder / "cog" / "facts.csv.lzma", facts.facts_file())
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.territory.cog_dir", str(cog))
    monkeypatch.setattr(init, "facts_file", lambda: known)
    minute.forget()


def make_territory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with three communes, and who publishes for whom."""
    use_communes(folder, monkeypatch)
    act("territoire_territory_init", epci=RENNES)
    for name, (home, role) in PEOPLE.items():
        act("user_create", name=name, email=f"{name}@mairie.example", password=PASSWORD)
        act("organization_member_create", id=home, username=name, role=role)
    minute.forget()
