"""The settings of the way out: our name, whom an operator allows, when a run is over."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire import config
from ckanext.territoire.harvest_adapter import runner
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import Ask, http, serving


def ask(ckan_config: Any, **settings: Any) -> tuple[Response | Issue, list[Ask]]:
    """Ask a private server of this machine with these settings, and see what reached it."""
    seen: list[Ask] = []
    with serving(lambda asked, send: (seen.append(asked), send(http(b"ok")))[1]) as host:
        ckan_config["ckanext.territoire.fetch.allowed_private_hosts"] = [host]
        for name, value in settings.items():
            ckan_config[f"ckanext.territoire.{name.replace('__', '.')}"] = value
        return runner.fetcher().fetch(Request(f"http://{host}/")), seen


@pytest.mark.usefixtures("with_plugins")
def test_requests_carry_the_address_of_the_site(ckan_config: Any) -> None:
    _, seen = ask(ckan_config)
    assert seen[0].headers["user-agent"] == f"Territoire/0.1 (+{ckan_config['ckan.site_url']})"


@pytest.mark.usefixtures("with_plugins")
def test_the_name_an_operator_chose_is_carried_and_adds_no_header(ckan_config: Any) -> None:
    _, seen = ask(ckan_config, fetch__user_agent="Données de Rennes\r\nX-Piege: 1")
    assert seen[0].headers["user-agent"] == "Donn?es de Rennes X-Piege: 1"
    assert "x-piege" not in seen[0].headers


@pytest.mark.usefixtures("with_plugins")
def test_a_run_whose_time_is_over_asks_nothing(ckan_config: Any) -> None:
    answer, seen = ask(ckan_config, harvest__run_deadline_s=0)
    assert isinstance(answer, Issue)
    assert (answer.code, seen) == ("TER-FET-018", [])


@pytest.mark.usefixtures("with_plugins")
def test_nobody_is_allowed_by_default(ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", raising=False)
    ckan_config["ckanext.territoire.fetch.allowed_private_hosts"] = []
    assert config.allowed_private_hosts() == frozenset()
    with serving(lambda asked, send: send(http(b"secret"))) as host:
        answer = runner.fetcher().fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-004"
