"""Databases and tables of the portal and of the tests, made or brought up to date.

The tables are made once, in the database of the tests; the portal's database begins as its copy.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from deployment.ckan.settings import plugins
from deployment.layout import CHECKOUT, Layout, package_folder
from deployment.postgres import cluster
from deployment.steps import SetUpError, digest, end_of, is_done, run, set_done, step

MIGRATIONS = CHECKOUT / "ckanext-territoire/ckanext/territoire/migration/territoire/versions"
DATASTORE_MIGRATIONS = MIGRATIONS.parents[1] / "datastore"
LOCK = CHECKOUT / "deployment" / "requirements.lock"
DATASTORES = {"datastore": "ckan", "datastore_test": "ckan_test"}
# the role of the OGC process reads the published views, those to come too, and nothing else
PUBLISHED = """
    GRANT USAGE ON SCHEMA published, public TO territoire_ogc; -- PostGIS stands in public
    GRANT SELECT ON ALL TABLES IN SCHEMA published TO territoire_ogc;
    ALTER DEFAULT PRIVILEGES FOR ROLE ckan IN SCHEMA published
        GRANT SELECT ON TABLES TO territoire_ogc;
"""


def make_tables(layout: Layout) -> None:
    """Make the databases and tables; nothing when their inputs did not change."""
    files = [*sorted(MIGRATIONS.glob("*.py")), *sorted(DATASTORE_MIGRATIONS.glob("*.sql"))]
    mark = digest(LOCK, *files) + " ".join(plugins())
    if is_done(layout, "tables", mark):
        return
    with step("bases de données et tables"):
        cluster.make_roles(layout)
        for name in ("ckan_test", *DATASTORES):
            cluster.make_database(layout, name)
        with cluster.cursor_of(layout, "ckan_test") as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        if cluster.has_database(layout, "ckan"):
            _upgrade_both(layout)
        else:
            run([*ckan(layout, "test"), "db", "upgrade"], _log(layout), CHECKOUT)
            cluster.make_database(layout, "ckan", template="ckan_test")
        for datastore, main in DATASTORES.items():
            set_datastore_permissions(layout, datastore, main)
            upgrade_datastore(layout, datastore)
        set_done(layout, "tables", mark)


def ckan(layout: Layout, ini: str = "ckan") -> list[str | Path]:
    """Answer the beginning of a ckan command."""
    return [layout.venv / "bin" / "ckan", "-c", layout.ini(ini)]


def _log(layout: Layout) -> Path:
    return layout.folder("logs") / "tables.log"


def _upgrade_both(layout: Layout) -> None:
    """Bring two existing databases up to date at the same time."""
    with _log(layout).open("ab") as out:
        running = [
            subprocess.Popen([*map(str, ckan(layout, ini)), "db", "upgrade"],
                             stdout=out, stderr=out, cwd=CHECKOUT)
            for ini in ("ckan", "test")
        ]  # fmt: skip
        codes = [each.wait() for each in running]
    if any(codes):
        raise SetUpError(
            f"{end_of(_log(layout))}\n\nLes tables n’ont pas pu être mises à jour ; rien d’autre "
            f"n’a changé. Journal : {_log(layout)}"
        )


def set_datastore_permissions(layout: Layout, datastore: str, main: str) -> None:
    """Let the read-only role of the DataStore read it, and nothing else (CKAN's own SQL)."""
    template = (package_folder("ckanext.datastore") / "set_permissions.sql").read_text("utf-8")
    names = {"mainuser": "ckan", "writeuser": "ckan", "readuser": "datastore_ro"}
    quoted = {key: f'"{name}"' for key, name in names.items()}
    script = template.format(maindb=f'"{main}"', datastoredb=f'"{datastore}"', **quoted)
    lines = [line for line in script.splitlines() if not line.startswith("\\connect")]
    with cluster.cursor_of(layout, datastore) as cursor:
        cursor.execute("\n".join(lines))


def upgrade_datastore(layout: Layout, datastore: str) -> None:
    """Bring our own tables of a DataStore's database up to date, each file in its transaction."""
    with cluster.cursor_of(layout, datastore) as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        cursor.execute("CREATE TABLE IF NOT EXISTS _territoire_migration (name text PRIMARY KEY)")
        cursor.execute("ALTER TABLE _territoire_migration OWNER TO ckan")
        cursor.execute("SELECT name FROM _territoire_migration")
        done = {row[0] for row in cursor.fetchall()}
        for file in sorted(DATASTORE_MIGRATIONS.glob("*.sql")):
            if file.name not in done:
                script = file.read_text(encoding="utf-8")
                mark = f"INSERT INTO _territoire_migration VALUES ('{file.name}');"
                cursor.execute(f"BEGIN; SET LOCAL ROLE ckan; {script}; {mark} COMMIT;")
        cursor.execute(PUBLISHED)
        cursor.execute(
            f"ALTER DATABASE {datastore} SET default_text_search_config = 'french.words'"
        )
