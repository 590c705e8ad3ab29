"""The addresses of reuses are asked once a month, within bounds; the officer hears of the dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.territoire.community import link_check, reuse_store
from tests.ckan import contribution_rows as rows
from tests.ckan.contribution_rows import accepted, text
from tests.ckan.contribution_site import app
from tests.ckan.form_browser import Browser
from tests.unit.loopback import Ask, Send, serving

ANSWERS = {
    "/there": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "/gone": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "/shy": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "/busy": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
    "/large": b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000,
    "/inside": b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
}
__all__ = ["app"]


@pytest.fixture(autouse=True)
def no_reuse(app: Any) -> Iterator[None]:
    rows.forget_contributions()
    yield
    rows.forget_contributions()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A site on loopback that we may ask, and what it was asked."""
    asked: list[str] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(str(ask))
        send(ANSWERS[str(ask)])

    with ExitStack() as stack:
        host = stack.enter_context(serving(answer))
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        yield f"http://{host}", asked


def later(days: int) -> None:
    """Let days pass since the addresses were asked."""
    query = "UPDATE territoire_reuse SET link_asked_at = link_asked_at - make_interval(days => :d)"
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(query), {"d": days})


def test_an_address_is_dead_after_two_failures_three_days_apart(
    app: Any, site: tuple[str, list[str]]
) -> None:
    address, asked = site
    accepted(url=f"{address}/gone")
    accepted(title="La bonne", url=f"{address}/there")
    assert link_check.check_links() == (2, 1)
    assert reuse_store.dead_links(link_check.DEAD) == []
    assert link_check.check_links() == (0, 0)
    later(4)
    assert link_check.check_links() == (1, 1)
    [dead] = reuse_store.dead_links(link_check.DEAD)
    assert dead.contribution.title == "La carte des arbres"
    assert sorted(asked) == ["/gone", "/gone", "/there"]
    officer = Browser(app)
    officer.log_in("agent")
    shown = text(officer.open("/pilotage/contributions"))
    assert "Adresses qui ne répondent plus" in shown
    assert "rien ne se trouve à l’adresse" in shown


def test_an_address_that_answers_again_is_no_longer_dead(site: tuple[str, list[str]]) -> None:
    address, _ = site
    accepted(url=f"{address}/there")
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE territoire_reuse SET link_failures = 2"))
    assert link_check.check_links() == (1, 0)
    assert reuse_store.dead_links(1) == []


@pytest.mark.parametrize(("path", "failed"), [("shy", 0), ("busy", 0), ("large", 0), ("inside", 1)])
def test_what_refuses_programs_or_is_large_is_there_and_what_leads_inside_is_not(
    site: tuple[str, list[str]], path: str, failed: int
) -> None:
    address, _ = site
    accepted(url=f"{address}/{path}")
    assert link_check.check_links() == (1, failed)


def test_a_private_address_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with serving(lambda ask, send: asked.append(str(ask))) as host:
        accepted(url=f"http://{host}/")
        assert link_check.check_links() == (1, 1)
    assert asked == []


def test_what_is_not_accepted_is_not_asked_and_a_pass_is_bounded(
    site: tuple[str, list[str]],
) -> None:
    address, asked = site
    rows.propose(url=f"{address}/there")
    for number in range(3):
        accepted(title=f"Carte {number}", url=f"{address}/there")
    assert link_check.check_links(2) == (2, 0)
    assert len(asked) == 2
