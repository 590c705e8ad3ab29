"""What the process is told: a JSON file that the set-up writes, named by `TERRITOIRE_OGC`.

`{"database_url": …, "site_url": …, "site_title": …}`
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TERRITOIRE_OGC"


@dataclass(frozen=True, slots=True)
class Settings:
    """The database as the role that reads the published views; the public address of the portal,
    without a final slash; its title."""

    database_url: str
    site_url: str
    site_title: str

    @property
    def root(self) -> str:
        """The public address of this API."""
        return f"{self.site_url}/ogc"


def load_settings() -> Settings:
    """Read the file that the environment names."""
    return Settings(**json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8")))
