"""A portal to harm, on the fixtures of the tests with real CKAN; the score is in `score.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import plugins
from ckan.lib import search

from tests.ckan.conftest import clean, empty_tables, organization, run_for
from tests.ckan.portal_server import Portal, package, portal_of
from tests.faults.score import ROWS

__all__ = ["ROWS", "clean", "organization", "run_for"]


@pytest.fixture(scope="module")
def started_once() -> Iterator[None]:
    """Start from nothing once a module, where stories stand side by side, each under its tag."""
    plugins.load_all()
    empty_tables()
    search.clear_all()
    yield
    plugins.unload_all()


@pytest.fixture
def portal(organization: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal of 24 datasets that this process may reach, quick to give up."""
    with portal_of(*(package(n) for n in range(24))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served
