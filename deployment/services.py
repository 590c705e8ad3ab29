"""PostgreSQL, Redis and Solr of this copy: `python -m deployment.services start|stop|watch`.

`start` also makes the databases, the settings and the tables, so that the portal and the tests
find all they need. Run again, it does nothing. `watch` restarts the one that dies. `start-tests`
starts a second set of all three beside the first: the tests run in two processes, and some of
them stop or kill the servers.
"""

from __future__ import annotations

import fcntl
import sys
import time

from deployment.ckan.settings import write_settings
from deployment.ckan.tables import make_tables
from deployment.layout import Layout, layout
from deployment.npm.copy_assets import copy_assets
from deployment.postgres import cluster
from deployment.redis import server as redis
from deployment.solr import server as solr
from deployment.steps import SetUpError, check_disk, obey, step

WATCH_EVERY_S = 5


def start(here: Layout) -> None:
    """Start what does not run; make what does not exist."""
    check_disk(here)
    here.remember_ports()
    if not solr.is_installed(here):
        with step("Solr, le moteur de recherche, depuis Maven Central"):
            solr.install(here)
    solr.make_cores(here)
    if not is_running(here):
        with step("PostgreSQL, Redis et Solr démarrent"):
            start_servers(here)
    copy_assets(here)
    write_settings(here)
    make_tables(here)


def start_tests(here: Layout) -> None:
    """Start both sets of servers of the tests."""
    start(here)
    share_downloads(here, here.beside())
    start(here.beside())


def share_downloads(first: Layout, other: Layout) -> None:
    """Let what was downloaded for one set serve another."""
    for name in ("npm", "peers", "solr/lib", "solr/SolrMain.class", "stamps/solr"):
        link = other.home / name
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to((first.home / name).resolve())


def is_running(here: Layout) -> bool:
    """Say whether all three listen."""
    return cluster.is_running(here) and redis.is_running(here) and solr.is_running(here)


def start_servers(here: Layout) -> None:
    """Start the servers that do not run; Solr, the slowest, while the others do.

    One process at a time: the watcher must not start what somebody is starting by hand.
    """
    with (here.folder("run") / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed when the file is closed, or the process dies
        solr.launch(here)
        cluster.start(here)
        redis.start(here)
        solr.wait(here)


def stop(here: Layout) -> None:
    """Stop what we started, by process id."""
    second = here.beside()
    for each in (here, second) if second.home.exists() else (here,):
        solr.stop(each)
        redis.stop(each)
        cluster.stop(each)


def watch(here: Layout) -> None:
    """Restart a server that died, until told to stop."""
    while True:
        if not is_running(here):
            print("Un service s’est arrêté : il est relancé.", flush=True)
            try:
                start_servers(here)
            except SetUpError as fault:
                print(fault, flush=True)
        time.sleep(WATCH_EVERY_S)


def main() -> int:
    """Obey the command line."""
    actions = {"start": start, "start-tests": start_tests, "stop": stop, "watch": watch}
    action = actions[sys.argv[1]]
    return obey(lambda: action(layout()))


if __name__ == "__main__":
    sys.exit(main())
