"""PostgreSQL, Redis and Solr of this copy: `python -m deployment.services start|stop`.

`start` also makes the databases, the settings and the tables, so that the portal and the tests
find all they need. Run again, it does nothing.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from deployment.ckan.settings import write_settings
from deployment.layout import CHECKOUT, Layout, layout
from deployment.postgres import cluster
from deployment.redis import server as redis
from deployment.solr import server as solr
from deployment.steps import SetUpError, check_disk, digest, is_done, run, set_done, step

MIGRATIONS = CHECKOUT / "ckanext-territoire/ckanext/territoire/migration/territoire/versions"


def start(here: Layout) -> None:
    """Start what does not run; make what does not exist."""
    check_disk(here)
    if not (cluster.is_running(here) and redis.is_running(here) and solr.is_running(here)):
        with step("Solr : moteur de recherche"):
            solr.install(here)
        with step("PostgreSQL, Redis et Solr démarrent"):
            cluster.start(here)
            redis.start(here)
            if solr.make_cores(here) and solr.is_running(here):
                redis.stop_process(here, "solr")
            solr.start(here)
    write_settings(here)
    _make_tables(here)


def _marks(here: Layout) -> str:
    spec = find_spec("ckan")
    assert spec and spec.origin
    return digest(Path(spec.origin), *sorted(MIGRATIONS.glob("*.py")), here.ini("ckan"))


def _make_tables(here: Layout) -> None:
    """Make databases and tables, for the portal and for the tests."""
    mark = _marks(here)
    if is_done(here, "tables", mark):
        return
    with step("Bases de données et tables"):
        cluster.make_databases(here)
        log = here.folder("logs") / "tables.log"
        for name in ("ckan", "test"):
            ckan = [here.venv / "bin" / "ckan", "-c", here.ini(name)]
            run([*ckan, "db", "init"], log, CHECKOUT)
            run([*ckan, "db", "upgrade"], log, CHECKOUT)
            _set_permissions(here, name)
        set_done(here, "tables", mark)


def _set_permissions(here: Layout, name: str) -> None:
    """Let the read-only role of the DataStore read, and nothing else."""
    import subprocess

    command = [here.venv / "bin" / "ckan", "-c", here.ini(name), "datastore", "set-permissions"]
    made = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=CHECKOUT)
    if made.returncode:
        raise SetUpError(f"Les droits du DataStore n’ont pas pu être posés.\n{made.stderr[-800:]}")
    statements = [s for s in made.stdout.splitlines() if not s.startswith("\\connect")]
    database = "datastore_test" if name == "test" else "datastore"
    with cluster.cursor_of(here, database) as cursor:
        cursor.execute("\n".join(statements))


def stop(here: Layout) -> None:
    """Stop what we started, by process id."""
    redis.stop_process(here, "solr")
    redis.stop_process(here, "redis")
    cluster.stop(here)


def main() -> int:
    """Obey the command line; a refusal is one French message and exit 1."""
    try:
        {"start": start, "stop": stop}[sys.argv[1]](layout())
    except SetUpError as fault:
        sys.stderr.write(f"\n{fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
