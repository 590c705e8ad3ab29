"""A portal with a dataset on trees, to which a test contributes: made once for a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckanext.territoire.community import post
from ckanext.territoire.portal import contribution_door
from tests.ckan import contribution_rows as rows
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.whole_portal import whole_portal


@pytest.fixture(scope="module")
def app(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")) as test_app:
        rows.make_trees()
        yield test_app


@pytest.fixture
def sink(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """Nothing was sent yet; letters leave at once and are kept; no limit of an hour."""
    for name in ("SENT", "LETTERS"):
        monkeypatch.setattr(contribution_door, name, 1_000_000)
    monkeypatch.setattr(post, "send_later", post.send_news)
    rows.forget_contributions()
    with receiving(monkeypatch) as mail:
        yield mail
    rows.forget_contributions()
