"""TLS: the certificate is always checked, for the name that was asked and not for the number."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters.fetch import Fetcher, Limits, World
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import http, redirect, serving

QUICK = Limits(connect_s=2, read_s=2, total_s=4, tries=2, pause_s=0)
NAME = "data.commune.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for `NAME`, signed by itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("the openssl command is not on this machine")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def server_tls(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "cert.pem", authority / "key.pem")
    return context


def to_loopback(port: int) -> Callable[..., Any]:
    """A resolver for which every name is this machine."""
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def fetch(name: str, host: str, trusted: Path | None = None) -> Response | Issue:
    port = host.split(":")[1]
    world = World(sleep=lambda _: None, resolve=to_loopback(int(port)))
    fetcher = Fetcher(frozenset({f"{name}:{port}"}), QUICK, world=world)
    if trusted:
        fetcher._session.verify = str(trusted / "cert.pem")
    return fetcher.fetch(Request(f"https://{name}:{port}/"))


def code(answer: Response | Issue) -> str:
    return answer.code if isinstance(answer, Issue) else "ok"


def test_a_certificate_nobody_vouches_for_is_refused(authority: Path) -> None:
    with serving(lambda ask, send: send(http(b"ok")), server_tls(authority)) as host:
        assert code(fetch(NAME, host)) == "TER-FET-012"


def test_a_trusted_certificate_for_the_name_asked_is_accepted(authority: Path) -> None:
    with serving(lambda ask, send: send(http(b"ok")), server_tls(authority)) as host:
        assert code(fetch(NAME, host, trusted=authority)) == "ok"


def test_a_trusted_certificate_for_another_name_is_refused(authority: Path) -> None:
    with serving(lambda ask, send: send(http(b"ok")), server_tls(authority)) as host:
        assert code(fetch("autre.example", host, trusted=authority)) == "TER-FET-012"


def test_a_server_without_tls_is_named() -> None:
    with serving(lambda ask, send: send(http(b"ok"))) as host:
        assert code(fetch(NAME, host)) == "TER-FET-019"


def test_an_environment_that_turns_the_check_off_is_not_heard(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority / "cert.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(authority / "cert.pem"))
    with serving(lambda ask, send: send(http(b"ok")), server_tls(authority)) as host:
        assert code(fetch(NAME, host)) == "TER-FET-012"


def test_a_redirect_out_of_tls_is_refused(authority: Path) -> None:
    there = redirect(f"http://{NAME}/donnees.csv")
    with serving(lambda ask, send: send(there), server_tls(authority)) as host:
        answer = fetch(NAME, host, trusted=authority)
    assert isinstance(answer, Issue)
    assert (answer.code, answer.found) == ("TER-FET-014", f"http://{NAME}/donnees.csv")


def test_a_short_body_over_tls_is_a_fault(authority: Path) -> None:
    with serving(lambda ask, send: send(http(b"half", length=9)), server_tls(authority)) as host:
        assert code(fetch(NAME, host, trusted=authority)) == "TER-FET-013"
