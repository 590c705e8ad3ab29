"""Find the table schemas: one folder `tables/<slug>/<version>/` with a `table.yaml` each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

TABLES = Path(__file__).parent / "tables"


@cache
def table_schemas() -> Mapping[str, str]:
    """List the table schemas: « slug/version » to the title people read."""
    files = sorted(TABLES.glob("*/*/table.yaml"))
    return {f"{file.parent.parent.name}/{file.parent.name}": _title(file) for file in files}


def _title(file: Path) -> str:
    return str(
        yaml.safe_load(file.read_text(encoding="utf-8")).get("title", file.parent.parent.name)
    )
