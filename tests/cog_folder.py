"""The official lists that set-up installed, for tests: found, or cut down to a few communes."""

from __future__ import annotations

import csv
import io
import json
import lzma
import os
from collections.abc import Collection, Mapping
from functools import cache
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
    rennes, known = _official(installed_cog())
    altered = changes or {}
    members = [member for member in rennes["membres"] if member["code"] in codes]
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


@cache
def _official(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Rennes Métropole and the communes of France by code, read once a run."""
    epci = json.loads((folder / "epci.json").read_text(encoding="utf-8"))
    communes = json.loads((folder / "communes.json").read_text(encoding="utf-8"))
    rennes = next(entry for entry in epci if entry["code"] == RENNES)
    return rennes, {c["code"]: c for c in communes if c["type"] == "commune-actuelle"}


def write_small_facts(path: Path, whole: Path) -> Path:
    """Write the public facts on the members of Rennes Métropole alone, out of those on France."""
    path.write_bytes(_small_facts(whole, installed_cog()))
    return path


@cache
def _small_facts(whole: Path, cog: Path) -> bytes:
    codes = {member["code"] for member in _official(cog)[0]["membres"]}
    csv.field_size_limit(2**24)
    small = io.StringIO(newline="")
    with lzma.open(whole, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        writer = csv.DictWriter(small, rows.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in rows if row["code"] in codes)
    return lzma.compress(small.getvalue().encode("utf-8"), preset=0)
