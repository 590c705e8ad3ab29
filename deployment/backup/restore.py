"""Restore a backup, beside what is there; then change places, so that it can be undone.

The archive is unpacked and checked whole, the databases are loaded under other names, and only
then do old and new change places. `undo` changes them back.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from deployment import services
from deployment.backup.archive import read_archive
from deployment.backup.make import DATABASES, connection, password
from deployment.ckan.settings import write_settings
from deployment.ckan.tables import DATASTORES, ckan, set_datastore_permissions, upgrade_datastore
from deployment.layout import CHECKOUT, Layout
from deployment.postgres import cluster
from deployment.processes import run as processes
from deployment.steps import SetUpError, run, step

# the passwords of the servers belong to this machine; the rest signs what the databases hold
TRAVELLING = ("secret_key", "csrf_key", "jwt_key", "admin")
ERASED = "erased"  # the list that `ckanext.territoire.files` keeps beside the files
HEADROOM = 4  # unpacked and loaded, an archive takes about four times its size


def restore(layout: Layout, source: Path) -> None:
    """Restore a backup; refuse a broken one before anything is touched."""
    work = layout.folder("restore.tmp")
    shutil.rmtree(work)
    work.mkdir(mode=0o700)
    try:
        with step("lecture et contrôle de la sauvegarde"):
            manifest = read_archive(source, work)
            _check_fit(layout, source, manifest)
        services.start(layout)
        for name in DATABASES:
            with step(f"base « {name} »"):
                _load(layout, name, work / f"{name}.dump")
        was_running = processes.is_running(layout)
        processes.stop(layout)
        _set_aside_secrets(layout, work)
        (work / "files").mkdir(exist_ok=True)
        with step("échange avec l’état d’avant, gardé de côté"):
            _change_databases(layout, new="{}_restored", aside="{}_before")
            _change_files(layout, work / "files")
            erase_again(layout.home / "files.before", layout.folder("files"))
        _finish(layout, was_running)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(
        f"\nRétabli : l’état du {manifest['made_at']}. Pour revenir en arrière : make undo-restore"
    )


def undo(layout: Layout) -> None:
    """Give back the state from before the last restore; undone twice, it is the restored one."""
    services.start(layout)
    if not cluster.has_database(layout, "ckan_before"):
        raise SetUpError("Il n’y a rien à annuler : aucune sauvegarde n’a été rétablie ici.")
    was_running = processes.is_running(layout)
    processes.stop(layout)
    kept, path = layout.home / "secrets.before.json", layout.home / "secrets.json"
    now = path.read_text()
    layout.set_secret(json.loads(kept.read_text()))
    kept.write_text(now)
    with step("échange avec l’état d’avant"):
        _change_databases(layout, new="{}_before", aside="{}_swap")
        with cluster.cursor_of(layout, "postgres") as cursor:
            for name in DATABASES:
                cursor.execute(f"ALTER DATABASE {name}_swap RENAME TO {name}_before")
        swap = layout.home / "files.swap"
        (layout.home / "files.before").rename(swap)
        _change_files(layout, swap)
    _finish(layout, was_running)
    print("\nL’état d’avant est rendu. Pour revenir à la sauvegarde : make undo-restore")


def _check_fit(layout: Layout, source: Path, manifest: dict[str, Any]) -> None:
    theirs, ours = manifest["versions"]["ckan"], version("ckan")
    if theirs.split(".")[:2] > ours.split(".")[:2]:
        raise SetUpError(
            f"Cette sauvegarde vient de CKAN {theirs}, plus récent que celui d’ici ({ours}). "
            "Mettez d’abord Territoire à jour. Rien n’a été modifié."
        )
    free = shutil.disk_usage(layout.home).free
    if free < source.stat().st_size * HEADROOM:
        raise SetUpError("Il n’y a pas assez de place sur le disque. Rien n’a été modifié.")


def _load(layout: Layout, name: str, dump: Path) -> None:
    fresh = f"{name}_restored"
    _drop(layout, fresh)
    cluster.make_database(layout, fresh, template="template0")
    done = subprocess.run(
        [str(cluster.BIN / "pg_restore"), "--exit-on-error", *connection(layout, fresh), str(dump)],
        env=password(layout), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        _drop(layout, fresh)
        raise SetUpError(
            f"{done.stderr[-800:]}\nLa base « {name} » de la sauvegarde ne se recharge pas. "
            "Rien n’a été modifié."
        )
    if name in DATASTORES:
        upgrade_datastore(layout, fresh)


def _drop(layout: Layout, name: str) -> None:
    with cluster.cursor_of(layout, "postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _set_aside_secrets(layout: Layout, work: Path) -> None:
    mine, theirs = layout.secret(), json.loads((work / "secrets.json").read_text())
    shutil.copy2(layout.home / "secrets.json", layout.home / "secrets.before.json")
    layout.set_secret(mine | {name: theirs[name] for name in TRAVELLING})


def _change_databases(layout: Layout, new: str, aside: str) -> None:
    """Rename both databases in one transaction: no moment shows one old and one new."""
    for name in DATABASES:
        _drop(layout, aside.format(name))
    names = ", ".join(f"'{pattern.format(n)}'" for n in DATABASES for pattern in ("{}", new))
    with cluster.cursor_of(layout, "postgres") as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ({names})"
        )
        renames = [
            f"ALTER DATABASE {old} RENAME TO {to}"
            for name in DATABASES
            for old, to in ((name, aside.format(name)), (new.format(name), name))
        ]
        cursor.execute("BEGIN")
        for rename in renames:
            cursor.execute(rename)
        cursor.execute("COMMIT")


def _change_files(layout: Layout, new: Path) -> None:
    current, aside = layout.folder("files"), layout.home / "files.before"
    shutil.rmtree(aside, ignore_errors=True)
    current.rename(aside)
    new.rename(current)


def erase_again(before: Path, now: Path) -> int:
    """Take away from the restored files what was taken away on purpose since the backup was made;
    answer how many contents. A backup must not bring back what somebody asked to erase."""
    listed, kept = before / "territoire" / ERASED, now / "territoire"
    names = listed.read_text(encoding="ascii").split() if listed.is_file() else []
    found = [path for name in names if (path := kept / name[:2] / name).is_file()]
    for path in found:
        path.unlink()
    if names:
        kept.mkdir(exist_ok=True)
        with (kept / ERASED).open("a", encoding="ascii") as told:
            told.writelines(f"{name}\n" for name in names)
    return len(found)


def _finish(layout: Layout, was_running: bool) -> None:
    """Bring the rest in line with the databases: rights, settings, tables, queue, search."""
    for datastore, main in DATASTORES.items():
        set_datastore_permissions(layout, datastore, main)
    write_settings(layout)
    log = layout.folder("logs") / "restore.log"
    with step("tables à jour"):
        run([*ckan(layout), "db", "upgrade"], log, CHECKOUT)
    _forget_queue(layout)
    with step("recherche refaite"):
        run([*ckan(layout), "search-index", "rebuild", "--force"], log, CHECKOUT)
    if was_running:
        with step("portail"):
            processes.start(layout)
            processes.wait_for_portal(layout)


def _forget_queue(layout: Layout) -> None:
    """Drop jobs and sessions of the state that is no more."""
    import redis

    link = redis.Redis(
        host="127.0.0.1", port=layout.redis_port, password=layout.secret()["redis"], db=0
    )
    link.flushdb()
