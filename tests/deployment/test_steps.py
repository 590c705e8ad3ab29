"""Each step is done once, and says in French what stops it."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deployment import pids, steps
from deployment.layout import Layout, layout
from deployment.steps import SetUpError


@pytest.fixture
def here(tmp_path: Path) -> Layout:
    """A copy that nothing was made for yet."""
    return Layout(tmp_path / "home", tmp_path / "venv", 5000, 5600)


def test_a_step_is_done_until_its_inputs_change(here: Layout) -> None:
    steps.set_done(here, "solr", "a")

    assert steps.is_done(here, "solr", "a")
    assert not steps.is_done(here, "solr", "b")


def test_a_full_disk_is_refused_before_anything(
    here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "FREE_BYTES", 10**18)

    with pytest.raises(SetUpError, match="presque plein"):
        steps.check_disk(here)


def test_a_disk_that_fills_up_on_the_way_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert steps.obey(fill) == 1
    assert "disque est plein" in capsys.readouterr().err


def test_ctrl_c_says_that_the_next_try_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    assert steps.obey(interrupt) == 130
    assert "reprendra" in capsys.readouterr().err


def test_a_taken_port_names_itself_and_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetUpError, match=rf"{port}.*TERRITOIRE_PORT=(?s:.*)make demo"):
            steps.refuse_taken(port, "le portail", patience_s=0.2)


def test_a_port_that_a_dying_server_lets_go_is_awaited() -> None:
    dying = socket.create_server(("127.0.0.1", 0))
    port = dying.getsockname()[1]
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(steps.refuse_taken, port, "Solr")
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.3)
        dying.close()

        asked.result(timeout=10)


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("Could not transfer artifact … : Unknown host", "réseau"),
        ("write failed: No space left on device", "disque est plein"),
        ("something else", "Journal"),
    ],
)
def test_a_failed_command_says_its_cause(tmp_path: Path, printed: str, told: str) -> None:
    script = f"import sys; print({printed!r}); sys.exit(3)"

    with pytest.raises(SetUpError, match=told):
        steps.run([sys.executable, "-c", script], tmp_path / "log")


def test_secrets_are_long_different_and_private(here: Layout) -> None:
    values = here.secret()

    assert len(set(values.values())) == len(values)
    assert min(map(len, values.values())) >= 24
    assert (here.home / "secrets.json").stat().st_mode & 0o077 == 0
    assert here.secret() == values


def test_ports_given_once_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITOIRE_HOME", str(tmp_path))
    monkeypatch.setenv("TERRITOIRE_PORT", "5100")
    monkeypatch.setenv("TERRITOIRE_BASE_PORT", "7000")
    layout().remember_ports()
    monkeypatch.delenv("TERRITOIRE_PORT")
    monkeypatch.delenv("TERRITOIRE_BASE_PORT")

    assert (layout().web_port, layout().solr_port) == (5100, 7002)


def test_another_port_moves_the_others_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITOIRE_HOME", str(tmp_path))
    monkeypatch.delenv("TERRITOIRE_BASE_PORT", raising=False)
    monkeypatch.setenv("TERRITOIRE_PORT", "5100")
    layout().remember_ports()
    monkeypatch.setenv("TERRITOIRE_PORT", "5200")

    assert (layout().web_port, layout().base_port) == (5200, 5800)


def test_a_stranger_with_the_id_of_a_dead_process_is_left_alone(here: Layout) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (here.folder("run") / "solr.pid").write_text(f"{stranger.pid} 12345")
        pids.stop(here, "solr")

        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_of_ours_is_found_and_ended(here: Layout) -> None:
    pids.start_detached(here, "sleeper", ["sleep", "60"])
    pid = pids.pid_of(here, "sleeper")
    pids.stop(here, "sleeper")
    os.waitpid(pid or 0, 0)

    assert not pids.is_alive(here, "sleeper")
