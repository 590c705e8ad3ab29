"""A portal to harm, on the fixtures of the tests with real CKAN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ckan.conftest import clean, organization, run_for
from tests.ckan.portal_server import Portal, package, portal_of

__all__ = ["clean", "organization", "run_for"]


@pytest.fixture
def portal(organization: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal of 24 datasets that this process may reach, quick to give up."""
    with portal_of(*(package(n) for n in range(24))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served
