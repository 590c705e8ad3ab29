"""Make a backup: both databases, the files, the secrets. The search index is rebuilt, not kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from deployment.backup.archive import write_archive
from deployment.layout import Layout
from deployment.postgres import cluster
from deployment.steps import SetUpError, step

DATABASES = ("ckan", "datastore")


def backup_folder(layout: Layout) -> Path:
    """Answer where backups are kept: beside the state folder, so that `make clean` spares them."""
    folder = layout.home.with_name(f"{layout.home.name}-backups")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def make_backup(layout: Layout) -> Path:
    """Write a backup and answer its path."""
    now = datetime.now().astimezone()
    target = backup_folder(layout) / f"territoire-{now:%Y%m%d-%H%M%S}.tar.gz"
    work = layout.folder("backup.tmp")
    shutil.rmtree(work)
    work.mkdir(mode=0o700)
    try:
        members = {}
        for name in DATABASES:
            with step(f"base « {name} »"):
                members[f"{name}.dump"] = dump(layout, name, work / f"{name}.dump")
        files = layout.folder("files")
        found = (path for path in sorted(files.rglob("*")) if path.is_file())
        members |= {f"files/{path.relative_to(files)}": path for path in found}
        members["secrets.json"] = layout.home / "secrets.json"
        facts = {
            "made_at": now.isoformat(timespec="seconds"),
            "versions": {"ckan": version("ckan"), "postgresql": 15},
        }
        with step(f"archive : {len(members) - 3} fichiers, réglages, empreintes"):
            write_archive(target, facts, members)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"\nSauvegarde : {target} ({target.stat().st_size / 1e6:.1f} Mo)")
    print(f"Elle contient les secrets : gardez-la à l’abri. Rétablir : make restore FILE={target}")
    return target


def dump(layout: Layout, database: str, target: Path) -> Path:
    """Dump a database in PostgreSQL's custom format."""
    with target.open("wb") as out:
        done = subprocess.run(
            [str(cluster.BIN / "pg_dump"), "-Fc", *connection(layout, database)],
            env=password(layout), stdout=out, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SetUpError(
            f"{done.stderr.decode(errors='replace')}\nLa base « {database} » n’a pas pu être "
            "copiée. Tapez « make services » puis réessayez."
        )
    return target


def connection(layout: Layout, database: str) -> list[str]:
    """Answer the options that reach a database as its administrator."""
    return ["-h", "127.0.0.1", "-p", str(layout.postgres_port), "-U", "postgres", "-d", database]


def password(layout: Layout) -> dict[str, str]:
    """Answer the environment that carries the administrator's password, out of sight of `ps`."""
    return dict(os.environ, PGPASSWORD=layout.secret()["postgres"])
