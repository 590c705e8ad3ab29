"""The demo territory lives: reuses, questions, a challenge, flags, uses; told once, marked as a
demo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.cli.demo_community import tell_community
from ckanext.territoire.community import queue
from deployment.demo.reuses import load_community
from deployment.demo.server import DemoServer
from tests.ckan.contribution_rows import text as main_text
from tests.ckan.contribution_site import app, sink
from tests.ckan.form_browser import Browser
from tests.ckan.parking_rows import SLUG, deposit, park

__all__ = ["app", "sink"]


@pytest.fixture
def root(app: Any, sink: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Car parks of Acigné, and the demo server."""
    deposit("acigne", *(park(n) for n in range(1, 4)))
    with DemoServer(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", server.site.removeprefix("http://"))
        yield server.site
        server.shutdown()
        thread.join()


def of_car_parks(folder: Path) -> Path:
    """What the demo tells, with car parks for the data that are not in this portal."""
    told = {name: [dict(each) for each in listed] for name, listed in load_community().items()}
    for each in (*told["reuses"], *told["challenges"]):
        each["datasets"] = [SLUG]
    path = folder / "community.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return path


def test_the_demo_tells_each_thing_once_and_pages_show_it(
    app: Any, root: str, tmp_path: Path
) -> None:
    path = of_car_parks(tmp_path)
    assert tell_community(path, root) >= 8
    assert tell_community(path, root) == 0

    reuses = Browser(app).open("/reutilisations")
    assert len(reuses.tree.xpath("//main//li//img[contains(@src, '/small.webp')]")) == 3
    page = main_text(Browser(app).open(f"/dataset/{SLUG}"))
    assert "« nb_pmr » celles qui sont réservées" in page
    assert "Trouver un défibrillateur" in main_text(Browser(app).open("/defis"))
    assert "annonce de démonstration" in main_text(Browser(app).open("/developpeurs/changements"))
    row = main_text(Browser(app).open(f"/ligne/{SLUG}?cle=35001-P-001"))
    assert "l’abri est provisoire" in row
    assert {count.kind.value for count in queue.counts(None)} == {"reuse"}


def test_the_uses_of_the_demo_never_join_real_ones(app: Any, root: str, tmp_path: Path) -> None:
    model.Session.execute(text("DELETE FROM territoire_usage"))
    model.Session.commit()
    tell_community(of_car_parks(tmp_path), root)
    query = text("SELECT count(*), sum(hits) FROM territoire_usage WHERE act = 'view'")
    first = model.Session.execute(query).one()
    assert first[0] > 100
    model.Session.commit()
    tell_community(of_car_parks(tmp_path), root)
    assert model.Session.execute(query).one() == first
    told = toolkit.get_action("territoire_usage_show")({"user": ""}, {})
    assert [each["name"] for each in told["datasets"]] == [SLUG]
