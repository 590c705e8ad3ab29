"""The first step of all, on machines that lack something (a PATH of our making)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deployment.layout import CHECKOUT, layout

SCRIPT = CHECKOUT / "deployment" / "bootstrap.sh"
TOOLS = (
    "sh cat ls grep sha256sum cut dirname date mkdir rm mv cp touch tail df awk flock "
    "tr sed env node java javac mvn npm gcc pg_config redis-server python3 python3.11"
).split()


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: links to the real tools, to be replaced by tests."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


def replace(tools: Path, name: str, script: str) -> None:
    """Put a script in the place of a tool."""
    (tools / name).unlink(missing_ok=True)
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)


def bootstrap(tools: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with nobody at the terminal; the Python environment is the one we run in."""
    env = {
        "PATH": str(tools),
        "HOME": os.environ.get("HOME", "/"),
        "TERRITOIRE_HOME": str(home),
        "TERRITOIRE_VENV": str(layout().venv),
    }
    return subprocess.run(
        [str(tools / "sh"), str(SCRIPT)], env=env, cwd=home.parent, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_without_rights_the_one_line_for_an_administrator_is_printed(
    tools: Path, tmp_path: Path
) -> None:
    replace(tools, "id", "echo 1000")
    replace(tools, "sudo", "exit 1")
    (tools / "mvn").unlink()
    done = bootstrap(tools, tmp_path / "home")

    lines = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert done.returncode != 0
    assert len(lines) == 1
    assert lines[0].strip().startswith("apt-get update && apt-get install -y")
    assert lines[0].split()[-1] == "maven"


def test_a_full_disk_is_said_and_nothing_begun(tools: Path, tmp_path: Path) -> None:
    replace(tools, "df", "printf 'Filesystem\\n/dev/x 100 100 1000 100%% /\\n'")
    done = bootstrap(tools, tmp_path / "home")

    assert done.returncode != 0
    assert "disque est plein" in done.stderr
    assert not (tmp_path / "home" / "npm").exists()


def test_no_network_is_said_and_the_next_try_works(tools: Path, tmp_path: Path) -> None:
    replace(tools, "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    failed = bootstrap(tools, tmp_path / "home")
    replace(tools, "npm", "mkdir -p node_modules/whole")
    again = bootstrap(tools, tmp_path / "home")

    assert failed.returncode != 0
    assert "réseau" in failed.stderr
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "home" / "npm" / "node_modules" / "whole").is_dir()


def test_a_second_run_does_nothing(tools: Path, tmp_path: Path) -> None:
    replace(tools, "npm", "echo ran >>ran")
    bootstrap(tools, tmp_path / "home")
    again = bootstrap(tools, tmp_path / "home")

    assert again.stdout == ""
    assert (tmp_path / "home" / "npm" / "ran").read_text() == "ran\n"


def test_a_missing_package_is_installed_and_no_service_started(tools: Path, tmp_path: Path) -> None:
    """`apt-get` is ours here: it notes what it was asked, and whether services may start."""
    policy = tmp_path / "policy-rc.d"
    asked = tmp_path / "asked"
    (tools / "mvn").unlink()
    replace(tools, "id", "echo 0")
    replace(tools, "dpkg", "exit 0")
    replace(tools, "chmod", 'exec /bin/chmod "$@"')
    replace(tools, "tee", 'exec /usr/bin/tee "$@"')
    replace(
        tools, "apt-get", f'echo "$@" >>{asked}; [ -x {policy} ] && echo barred >>{asked}; exit 0'
    )
    script = tmp_path / "checkout" / "deployment" / "bootstrap.sh"
    shutil.copytree(CHECKOUT / "deployment" / "npm", script.parent / "npm")
    for name in ("requirements.lock", "requirements-nodeps.lock"):
        shutil.copy(CHECKOUT / "deployment" / name, script.parent)
    script.write_text(
        SCRIPT.read_text(encoding="utf-8").replace("/usr/sbin/policy-rc.d", str(policy)),
        encoding="utf-8",
    )
    subprocess.run(
        [str(tools / "sh"), str(script)], stdin=subprocess.DEVNULL, capture_output=True,
        env={"PATH": str(tools), "TERRITOIRE_HOME": str(tmp_path / "home"),
             "TERRITOIRE_VENV": str(tmp_path / "no-venv")},
        timeout=120, check=False,
    )  # fmt: skip

    told = asked.read_text()
    assert "install -y --no-install-recommends" in told
    assert "maven" in told
    assert "barred" in told
    assert not policy.exists()
