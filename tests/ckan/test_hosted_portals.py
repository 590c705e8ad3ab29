"""What hosted portals give is accepted by the form, stored, found, and left alone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from ckan import model

from ckanext.territoire.harvest_adapter import runner, sources
from harvesters.model import Request, Response
from harvesters.report import Report, RunState
from tests.ckan.conftest import act
from tests.ckan.territory_rows import write_communes
from tests.contract.answers import data_fair, data_gouv, opendatasoft, socrata
from tests.contract.answers.udata_server import Udata
from tests.contract.case import Case, response
from tests.unit.loopback import Ask, Send, http, serving

pytestmark = pytest.mark.usefixtures("organization", "territory")
CASES = [data_fair.CASES[0], data_gouv.CASES[0], data_gouv.CASES[3], opendatasoft.CASES[0],
         socrata.CASES[0]]  # fmt: skip


@pytest.fixture
def territory(organization: Any) -> None:
    """Acigné, Betton, Rennes."""
    write_communes()


@contextmanager
def served(case: Case) -> Iterator[str]:
    """The answers of a case behind HTTP, with its own address in them."""
    parts = urlsplit(case.config.url)
    there = f"{parts.scheme}://{parts.netloc}"
    here = ""

    def answer(ask: Ask, send: Send) -> None:
        found = case.serve(Request(f"{there}{ask}"))
        if isinstance(found, Response):
            body = found.body.replace(there.encode(), here.encode())
            send(http(body, "Content-Type: application/json"))
        else:
            send(http(b"", status="404 Not Found"))

    with serving(answer) as host:
        here = f"http://{host}"
        yield here


def harvest(case: Case, monkeypatch: pytest.MonkeyPatch, times: int = 1) -> list[Report]:
    """Add a case as a source of Acigné, and harvest it."""
    with served(case) as site:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", site.removeprefix("http://"))
        path = case.config.url.removeprefix(f"https://{urlsplit(case.config.url).netloc}")
        made = act(
            "territoire_source_create", kind=case.kind, url=site + path, organization="acigne",
            title="Portail", settings=dict(case.config.settings),
        )  # fmt: skip
        source = sources.load_source(made["id"])
        return [runner.run_now(source)[1] for _ in range(times)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hosted_portal_enters_the_catalogue_whole_and_is_then_left_alone(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, again = harvest(case, monkeypatch, times=2)
    expected = len(case.reading().datasets)
    assert report.state is RunState.FINISHED
    assert report.is_complete
    assert (report.counts["created"], report.counts["refused"]) == (expected, 0)
    assert act("package_search", fq="dataset_type:dataset", rows=0)["count"] == expected
    assert (again.counts["kept"], again.counts["updated"]) == (expected, 0)


def test_a_national_schema_arrives_as_the_model_of_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harvest(data_gouv.CASES[0], monkeypatch)
    found = model.Session.query(model.Resource).filter_by(name="parkings.csv").one()
    assert found.extras["table_schema"] == "stationnement-hors-voirie/0.1.5"


def test_a_dataset_about_many_communes_keeps_those_of_the_territory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def about(number: int, *codes: str) -> dict[str, Any]:
        return data_gouv.dataset(number, spatial={"zones": [f"fr:commune:{c}" for c in codes]})

    portal = Udata(data_gouv.SITE, [about(1, "35001", "75056", "35238"), about(2, "75056")])
    case = Case("communes", "data_gouv", data_gouv.CASES[0].config,
                lambda asked: response(asked, orjson.dumps(portal.answer(asked.url))))  # fmt: skip
    [report] = harvest(case, monkeypatch)
    assert (report.counts["created"], report.counts["refused"]) == (1, 1)
    assert act("package_show", id="jeu-de-donnees-1")["communes"] == ["35001", "35238"]
    [refused] = [issue for issue in report.issues if issue.code == "TER-PUB-005"]
    assert "75056" in refused.found
