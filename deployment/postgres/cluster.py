"""Our own PostgreSQL cluster: made once, on its own port, loopback only."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deployment.layout import Layout, server_user
from deployment.pids import started_at
from deployment.steps import SetUpError, is_listening, refuse_taken, run, wait_for

BIN = Path("/usr/lib/postgresql/15/bin")
ATTEMPTS = 5
ROLES = ("ckan", "datastore_ro", "territoire_ogc")
# What a role may take at most, whatever it asks: that of the OGC process reads, and is cut.
LIMITS = {
    "territoire_ogc": {
        "default_transaction_read_only": "on",
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "temp_file_limit": "256MB",
        "work_mem": "32MB",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "plan_cache_mode": "force_custom_plan",
    }
}
CONNECTIONS = {"territoire_ogc": 24}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
}


def start(layout: Layout) -> None:
    """Start the cluster when it is not running; make it when it does not exist."""
    if is_running(layout):
        return
    if server_pid(layout):
        stop(layout)  # it runs on another port
    refuse_taken(layout.postgres_port, "PostgreSQL")
    data, log = layout.postgres_data, layout.folder("logs") / "postgres.log"
    if not (data / "ready").exists():
        _make(layout, data, log)
    options = [f"-p {layout.postgres_port}", f"-k {data}"]
    options += [f"-c {name}={value}" for name, value in SETTINGS.items()]
    out = data / "server.log"
    command = [*server_user(), BIN / "pg_ctl", "-D", data, "-w", "-l", out]
    _start_patiently([*command, "-o", " ".join(options), "start"], log)
    wait_for(layout.postgres_port, "PostgreSQL", out)


def _start_patiently(command: list[str | Path], log: Path) -> None:
    """Start the server; after a crash its orphans hold the shared memory for a moment."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return run(command, log)
        except SetUpError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(2)


def is_running(layout: Layout) -> bool:
    """Say whether it is our cluster that listens."""
    return _server(layout)[1] == layout.postgres_port and is_listening(layout.postgres_port)


def server_pid(layout: Layout) -> int | None:
    """Answer the id of our server when it lives."""
    return _server(layout)[0] or None


def _server(layout: Layout) -> tuple[int, int]:
    """Read process id and port of our server from its own pid file; zeros when it is dead."""
    try:
        lines = (layout.postgres_data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (OSError, ValueError, IndexError):
        return 0, 0
    return (pid, port) if started_at(pid) else (0, 0)


def stop(layout: Layout) -> None:
    """Stop the cluster when it runs."""
    data = layout.postgres_data
    if (data / "postmaster.pid").exists():
        control = [*server_user(), str(BIN / "pg_ctl"), "-D", str(data)]
        quiet = subprocess.DEVNULL
        subprocess.run(
            [*control, "-m", "fast", "-w", "stop"], stdout=quiet, stderr=quiet, cwd="/", check=False
        )


def _make(layout: Layout, data: Path, log: Path) -> None:
    """Make the cluster from nothing; a half-made one of an interrupted try is dropped first."""
    if not (BIN / "initdb").exists():
        raise SetUpError("PostgreSQL 15 n’est pas installé. Relancez « make demo ».")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    password = data.parent / f"{data.name}.password"
    password.write_text(layout.secret()["postgres"])
    for path in (data, password):
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")
    run([*server_user(), BIN / "initdb", "-D", data, "-A", "scram-sha-256", "-U", "postgres",
         "-E", "UTF8", "--locale=C.UTF-8", f"--pwfile={password}"], log)  # fmt: skip
    password.unlink()
    (data / "ready").touch()


def make_roles(layout: Layout) -> None:
    """Make the roles that are absent, and give each its password."""
    secret = layout.secret()
    with cursor_of(layout, "postgres") as cursor:
        for role in ROLES:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {role} LOGIN")
            cursor.execute(f"ALTER ROLE {role} PASSWORD %s", (secret[role],))
            cursor.execute(f"ALTER ROLE {role} CONNECTION LIMIT {CONNECTIONS.get(role, -1)}")
            for name, value in LIMITS.get(role, {}).items():
                cursor.execute(f"ALTER ROLE {role} SET {name} = %s", (value,))


def has_database(layout: Layout, name: str) -> bool:
    """Say whether a database exists."""
    with cursor_of(layout, "postgres") as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return bool(cursor.fetchone())


def make_database(layout: Layout, name: str, template: str = "template1") -> None:
    """Make a database when it is absent, as a copy of another."""
    if not has_database(layout, name):
        with cursor_of(layout, "postgres") as cursor:
            cursor.execute(f"CREATE DATABASE {name} OWNER ckan TEMPLATE {template}")


@contextmanager
def cursor_of(layout: Layout, database: str) -> Iterator[Any]:
    """Open a cursor of the superuser outside any transaction."""
    import psycopg2  # comes with the virtual environment, which the first steps do not need

    connection = psycopg2.connect(
        host="127.0.0.1",
        port=layout.postgres_port,
        user="postgres",
        password=layout.secret()["postgres"],
        dbname=database,
    )
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()
