"""Write `ckan.ini` and `test.ini` from one template; secrets stay, the rest follows it."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path
from string import Template

from deployment.layout import CHECKOUT, Layout, write_private
from deployment.ogc.settings import write_ogc_settings

TEMPLATE = CHECKOUT / "deployment" / "ckan" / "ckan.ini.template"
PLUGINS = (
    "activity datastore scheming_datasets scheming_organizations harvest spatial_metadata "
    "spatial_query dcat structured_data territoire"
).split()


def plugins() -> list[str]:
    """Our plugin before the others' templates, then one plugin a source kind."""
    kinds = sorted(e.name for e in entry_points(group="ckan.plugins") if ".kinds:" in f":{e.value}")
    return [PLUGINS[-1], *PLUGINS[:-1], *kinds]


def cog_dir(layout: Layout) -> Path:
    """Where npm puts the official list of communes and EPCI."""
    return layout.home / "npm" / "node_modules" / "@etalab" / "decoupage-administratif" / "data"


def write_settings(layout: Layout) -> bool:
    """Write the files when they would change; answer whether the portal's did."""
    write_ogc_settings(layout)
    changed = _write(layout, "ckan")
    _write(layout, "test")
    return changed


def _write(layout: Layout, name: str) -> bool:
    is_test = name == "test"
    database, datastore = ("ckan_test", "datastore_test") if is_test else ("ckan", "datastore")
    # the demo's own sources, and what the operator adds
    allowed = f"127.0.0.1:{layout.demo_port},"
    allowed += os.environ.get("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", "")
    values = layout.secret() | {
        "database": database,
        "datastore": datastore,
        "postgres_port": str(layout.postgres_port),
        "redis_port": str(layout.redis_port),
        "solr_port": str(layout.solr_port),
        # the tests copy the settings, which a Redis connection among them forbids
        "session_type": "cookie" if is_test else "redis",
        "redis_db": "1" if is_test else "0",
        "demo_port": str(layout.demo_port),
        "ogc_port": str(layout.ogc_port),
        "site_url": layout.site_url,
        "is_tls": str(layout.site_url.startswith("https://")).lower(),
        "files": str(layout.folder("files-test" if is_test else "files")),
        "public": str(layout.folder("public")),
        "plugins": " ".join(plugins()),
        "rdf_profiles": "territoire_dcat_ap",
        "allowed_hosts": allowed.replace(",", " ").strip(),
        "cog_dir": str(cog_dir(layout)),
    }
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
    path = layout.ini(name)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_private(path, text)
    return True
