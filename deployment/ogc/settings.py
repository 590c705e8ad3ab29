"""Write what the process is told: the password of its own role, no other secret of this copy."""

from __future__ import annotations

import json

from deployment.layout import Layout, write_private

ROLE = "territoire_ogc"


def write_ogc_settings(layout: Layout) -> None:
    """Write `ogc.json`, which `TERRITOIRE_OGC` names."""
    write_private(layout.ogc_settings, json.dumps(to_settings(layout, "datastore"), indent=1))


def to_settings(layout: Layout, database: str) -> dict[str, str]:
    """The settings of a process that reads the tables published in a database."""
    place = f"127.0.0.1:{layout.postgres_port}/{database}"
    return {
        "database_url": f"postgresql://{ROLE}:{layout.secret()[ROLE]}@{place}",
        "site_url": layout.site_url,
        "site_title": "Territoire",
    }
