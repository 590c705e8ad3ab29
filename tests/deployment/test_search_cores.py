"""When the rules of the index change, what the old ones indexed goes."""

from __future__ import annotations

import pytest

from deployment.layout import Layout, layout
from deployment.solr import server


@pytest.fixture
def here(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """An empty installation."""
    monkeypatch.setenv("TERRITOIRE_HOME", str(tmp_path))
    return layout()


def test_new_rules_begin_with_an_empty_index_and_the_same_keep_theirs(
    here: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.make_cores(here)
    data = here.folder("solr") / "home" / "ckan" / "data"
    data.mkdir()
    (data / "segments").touch()

    server.make_cores(here)
    assert (data / "segments").exists()

    monkeypatch.setattr(server, "cores_mark", lambda: "other rules")
    server.make_cores(here)
    assert not data.exists()
    assert (data.parent / "conf" / "schema.xml").exists()
