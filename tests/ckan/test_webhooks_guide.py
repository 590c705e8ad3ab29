"""The service that the guide gives to developers, run as they would, verifies what it is sent."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ckan.plugins import toolkit

from ckanext.territoire.webhooks.worker import deliver_round
from deployment.steps import is_listening
from tests.ckan.people import make_territory
from tests.ckan.webhook_receiver import by, dataset
from tests.patience import wait_until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "developpeurs.md"


@pytest.fixture
def host(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the service will listen."""
    make_territory(tmp_path, monkeypatch)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        told = f"127.0.0.1:{found.getsockname()[1]}"
    monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", told)
    return told


@contextmanager
def service(folder: Path, host: str, secret: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the code of the guide."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    [code] = [block for block in blocks if "HTTPServer" in block]
    file = folder / "service.py"
    file.write_text("\n".join(line[4:] for line in code.splitlines()), encoding="utf-8")
    port = host.rpartition(":")[2]
    told = os.environ | {"SECRET": secret, "PORT": port}
    running = subprocess.Popen(
        [sys.executable, str(file)], env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_listening(int(port)), "the service of the guide does not listen")
        yield running
    finally:
        running.kill()
        running.communicate()


def test_it_gives_the_word_back_and_is_told(host: str, tmp_path: Path) -> None:
    made = by("mairie", "territoire_webhook_create", url=f"http://{host}/", kind="all")
    with service(tmp_path, host, made["secret"]) as running:
        by("mairie", "territoire_webhook_verify", id=made["id"])
        dataset("arbres")
        assert deliver_round() == 1
        assert running.stdout is not None
        assert running.stdout.readline().decode().split() == ["datasets.changed", "1"]


def test_it_refuses_what_was_signed_with_another_secret(host: str, tmp_path: Path) -> None:
    made = by("mairie", "territoire_webhook_create", url=f"http://{host}/", kind="all")
    with (
        service(tmp_path, host, "whsec_" + "A" * 44),
        pytest.raises(toolkit.ValidationError, match="réponse 401"),
    ):
        by("mairie", "territoire_webhook_verify", id=made["id"])
