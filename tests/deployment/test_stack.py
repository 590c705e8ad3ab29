"""A second copy on this machine, whole: started, broken, mended, backed up, wrecked, restored.

It lives in a temporary folder on free ports, beside the servers that the other tests use.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployment import pids, services
from deployment.backup.make import backup_folder
from deployment.doctor import machine, stores
from deployment.layout import CHECKOUT, Layout, layout
from deployment.postgres import cluster
from deployment.processes import run as processes
from deployment.redis import server as redis
from deployment.solr import server as solr
from tests.deployment.portal_seed import CONTENT, NAME
from tests.patience import PATIENCE_S, wait_until


def free_ports(count: int) -> int:
    """Find neighbouring ports that nothing listens on; answer the first.

    They are taken a minute later: another run of the tests on this machine looks elsewhere.
    """
    starts = range(21_000, 30_000, 20)
    lot = os.getpid() % len(starts)
    for first in (*starts[lot:], *starts[:lot]):
        try:
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """The second copy, with one dataset, its portal running."""
    if not (layout().venv / "bin" / "ckan").exists():
        pytest.skip("the environment is not installed: make services")
    first = free_ports(5)
    here = Layout(tmp_path_factory.mktemp("copy") / "home", layout().venv, first, first + 1)
    here.home.mkdir()
    services.share_downloads(layout(), here)
    try:
        services.start(here)
        for module in ("deployment.ckan.first_admin", "tests.deployment.portal_seed"):
            run(here, sys.executable, "-m", module)
        processes.start(here)
        processes.wait_for_portal(here)
        yield here
    finally:
        run(here, sys.executable, "-m", "deployment.clean")
        shutil.rmtree(backup_folder(here))


def run(here: Layout, *command: object) -> subprocess.CompletedProcess[str]:
    """Run a command in the environment of the copy; its failure shows what it said."""
    done = subprocess.run(
        [str(word) for word in command], env=processes.environment(here), cwd=CHECKOUT,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def ask(here: Layout, action: str, **data: Any) -> Any:
    """Call an action over HTTP as nobody; nothing when it is refused."""
    call = urllib.request.Request(
        f"{here.site_url}/api/3/action/{action}",
        json.dumps(data).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(call, timeout=PATIENCE_S) as answer:
            return json.load(answer)["result"]
    except urllib.error.HTTPError:
        return None


def seen(here: Layout) -> dict[str, Any] | None:
    """What the public sees of the dataset: its form, its file, its rows, its place in search."""
    dataset = ask(here, "package_show", id=NAME)
    if dataset is None:
        return None
    resource = dataset["resources"][0]
    with urllib.request.urlopen(resource["url"], timeout=PATIENCE_S) as answer:
        content = answer.read()
    rows = ask(here, "datastore_search", resource_id=resource["id"])["records"]
    found = [each["id"] for each in ask(here, "package_search", q="mairie")["results"]]
    return {"dataset": dataset, "content": content, "rows": rows, "found": found}


def test_the_copy_serves_its_dataset(copy: Layout) -> None:
    state = seen(copy)

    assert state is not None
    assert state["content"] == CONTENT
    assert state["rows"] == [{"_id": 1, "insee": "01001"}]
    assert state["found"] == [state["dataset"]["id"]]


def test_its_ports_listen_on_loopback_only(copy: Layout) -> None:
    assert not machine.open_ports(copy) & machine.listening_beyond_loopback()


def test_started_again_nothing_is_done(copy: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    servers = [cluster.server_pid(copy), pids.pid_of(copy, "redis"), pids.pid_of(copy, "solr")]
    services.start(copy)

    assert capsys.readouterr().out == ""
    assert servers == [
        cluster.server_pid(copy), pids.pid_of(copy, "redis"), pids.pid_of(copy, "solr")
    ]  # fmt: skip


def test_the_stores_are_fine(copy: Layout) -> None:
    found = [*stores.check_databases(copy), *stores.check_redis(copy), *stores.check_solr(copy)]

    assert [f.verdict.value for f in found] == ["fine", "fine", "fine"], found


def test_redis_refuses_who_has_no_password(copy: Layout) -> None:
    with socket.create_connection(("127.0.0.1", copy.redis_port)) as link:
        link.sendall(b"PING\r\n")

        assert link.recv(100).startswith(b"-NOAUTH")


def test_no_secret_shows_in_the_list_of_processes(copy: Layout) -> None:
    lines = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout

    assert not [name for name, value in copy.secret().items() if value in lines]


def test_a_killed_portal_comes_back(copy: Layout) -> None:
    web = pids.pid_of(copy, "web")
    children = Path(f"/proc/{web}/task/{web}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    wait_until(lambda: not processes.answers(copy))

    processes.wait_for_portal(copy)
    assert pids.pid_of(copy, "web") == web


def test_a_killed_solr_is_found_then_comes_back(copy: Layout) -> None:
    processes.stop(copy)  # its watcher too
    os.kill(pids.pid_of(copy, "solr") or 0, signal.SIGKILL)
    wait_until(lambda: not solr.is_running(copy))
    (finding,) = stores.check_solr(copy)
    services.start(copy)

    assert finding.verdict.value == "fault"
    assert "make services" in finding.remedy
    assert [f.verdict.value for f in stores.check_solr(copy)] == ["fine"]


def test_servers_killed_together_all_come_back_with_what_they_held(copy: Layout) -> None:
    for pid in (cluster.server_pid(copy), pids.pid_of(copy, "redis"), pids.pid_of(copy, "solr")):
        os.kill(pid or 0, signal.SIGKILL)
    wait_until(lambda: not (redis.is_running(copy) or solr.is_running(copy)))
    services.start(copy)
    processes.start(copy)
    processes.wait_for_portal(copy)

    assert seen(copy) is not None


def forget_a_migration(here: Layout) -> None:
    """Leave the DataStore as it was before its rows were read in French."""
    with cluster.cursor_of(here, "datastore") as cursor:
        cursor.execute("ALTER DATABASE datastore RESET default_text_search_config")
        cursor.execute("DROP SCHEMA french CASCADE")
        cursor.execute("DELETE FROM _territoire_migration WHERE name = '0007_rows_in_french.sql'")
        cursor.execute('UPDATE "' + rows_table(cursor) + "\" SET _full_text = 'ancien'")


def newest(here: Layout) -> Path:
    """The last backup."""
    return max(backup_folder(here).glob("*.tar.gz"), key=lambda each: each.stat().st_mtime)


def rows_table(cursor: Any) -> str:
    """The table of the only file with rows."""
    cursor.execute("SELECT resource_id FROM _table_stats")
    (found,) = cursor.fetchall()
    return str(found[0])


@dataclass(frozen=True)
class Restored:
    """What the public saw before a backup, once all was wrecked, and once it was restored."""

    before: dict[str, Any] | None
    wrecked: dict[str, Any] | None
    after: dict[str, Any] | None


@pytest.fixture(scope="module")
def restored(copy: Layout) -> Restored:
    """The copy, wrecked, then restored from a backup that an older version made."""
    before = seen(copy)
    forget_a_migration(copy)
    run(copy, sys.executable, "-m", "deployment.backup", "make")
    wreck(copy)
    wrecked = seen(copy)
    run(copy, sys.executable, "-m", "deployment.backup", "restore", newest(copy))
    return Restored(before, wrecked, seen(copy))


def test_what_was_wrecked_is_restored(restored: Restored) -> None:
    assert restored.before is not None
    assert restored.wrecked is None
    assert restored.after == restored.before


def test_a_backup_from_before_a_migration_is_brought_up_to_date(
    copy: Layout, restored: Restored
) -> None:
    with cluster.cursor_of(copy, "datastore") as cursor:
        cursor.execute("SHOW default_text_search_config")
        assert cursor.fetchone() == ("french.words",)
        cursor.execute(f'SELECT _full_text::text FROM "{rows_table(cursor)}"')
        assert cursor.fetchone() == ("'01001':1",)


def test_a_restore_is_undone(copy: Layout, restored: Restored) -> None:
    run(copy, sys.executable, "-m", "deployment.backup", "undo")

    assert seen(copy) is None


def wreck(here: Layout) -> None:
    """Lose the datasets, the rows and the files; leave a search that lies."""
    with cluster.cursor_of(here, "ckan") as cursor:
        cursor.execute("UPDATE package SET name = name || '-perdu'")
        cursor.execute("TRUNCATE resource CASCADE")
    with cluster.cursor_of(here, "datastore") as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    shutil.rmtree(here.home / "files")
    core = f"http://127.0.0.1:{here.solr_port}/solr/ckan/update?commit=true"
    lost = urllib.request.Request(
        core, b'{"delete": {"query": "*:*"}}', {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(lost, timeout=PATIENCE_S).close()


def test_a_broken_backup_changes_nothing(copy: Layout, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"\x1f\x8b" + bytes(1_000))
    stamps = {path: path.stat().st_mtime_ns for path in copy.home.glob("*.json")}
    done = subprocess.run(
        [sys.executable, "-m", "deployment.backup", "restore", str(broken)],
        env=processes.environment(copy), cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "Rien n’a été modifié" in done.stderr
    assert stamps == {path: path.stat().st_mtime_ns for path in copy.home.glob("*.json")}
    assert processes.is_running(copy)


def test_stopped_it_leaves_no_process_and_no_port(copy: Layout) -> None:
    run(copy, sys.executable, "-m", "deployment.processes", "stop")
    run(copy, sys.executable, "-m", "deployment.services", "stop")

    home = str(copy.home)
    left = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    assert [line for line in left.splitlines() if home in line] == []
    for port in machine.open_ports(copy):
        socket.create_server(("127.0.0.1", port)).close()
