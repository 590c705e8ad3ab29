"""The official lists that set-up installed, for tests: found, or cut down to a few communes."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSIDE = Path("npm/node_modules/@etalab/decoupage-administratif/data")
RENNES = "243500139"


def installed_cog() -> Path:
    """The folder of the official lists, or a skip that says so."""
    home = Path(os.environ.get("TERRITOIRE_HOME") or ROOT / ".territoire")
    if not (home / INSIDE / "epci.json").is_file():
        pytest.skip("the official list of communes is not installed (make services installs it)")
    return home / INSIDE


def write_small_cog(
    folder: Path, codes: Collection[str], changes: Mapping[str, Mapping[str, Any]] | None = None
) -> Path:
    """Write Rennes Métropole as if these were its only members; `changes` alter communes.

    A commune whose changes are `{"gone": True}` stands no more in the list.
    """
    epci = json.loads((installed_cog() / "epci.json").read_text(encoding="utf-8"))
    communes = json.loads((installed_cog() / "communes.json").read_text(encoding="utf-8"))
    altered = changes or {}
    rennes = next(entry for entry in epci if entry["code"] == RENNES)
    members = [member for member in rennes["membres"] if member["code"] in codes]
    known = {c["code"]: c for c in communes if c["type"] == "commune-actuelle"}
    wanted = {member["code"] for member in rennes["membres"]} | set(altered)
    kept = [
        known[code] | altered.get(code, {})
        for code in sorted(wanted)
        if not altered.get(code, {}).get("gone")
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "epci.json").write_text(json.dumps([rennes | {"membres": members}]), encoding="utf-8")
    (folder / "communes.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder
