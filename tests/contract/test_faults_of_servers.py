"""Faults of servers reach the engine as faults: nothing is believed complete that is not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from deployment.demo import sensorthings
from deployment.demo.faults import FAULTS
from harvesters.model import Config, Issue, Request, Response
from harvesters.recognise import Recognition, judge, rank
from harvesters.registry import SOURCES, near_kinds
from tests.contract.cases import ALL, ONE_A_KIND, SITE, Case, demo_server, response

PAGED = [p for p in ONE_A_KIND if p.values[0].kind in ("ckan_portal", "rudi_node", "sensorthings")]


@pytest.mark.parametrize("case", PAGED)
@pytest.mark.parametrize("fault", ["repeat", "lost-next", "error-500", "truncated", "down"])
def test_a_broken_paging_is_never_a_complete_reading(case: Case, fault: str) -> None:
    assert case.gather(case.with_fault(fault)).stopped_by


def test_a_next_link_that_leads_back_stops_the_reading() -> None:
    case = next(p.values[0] for p in PAGED if p.values[0].kind == "sensorthings")
    found = case.gather(case.with_fault("loop")).stopped_by
    assert found
    assert found.code in ("TER-VAL-041", "TER-VAL-044")


@pytest.mark.parametrize("case", ONE_A_KIND)
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_fault_of_a_server_raises(case: Case, fault: str) -> None:
    found = case.gather(case.with_fault(fault))
    assert found.records <= case.reading().records


CAN_BE_EMPTY = [
    p for p in ONE_A_KIND
    if p.values[0].kind != "gtfs_feed" and (p.values[0].ill or p.values[0].empty is not None)
]  # fmt: skip


@pytest.mark.parametrize("case", CAN_BE_EMPTY)
def test_an_empty_catalogue_is_read_as_empty_for_the_brake_to_judge(case: Case) -> None:
    found = case.gather(case.with_fault("empty"))
    assert found.records == 0
    assert found.stopped_by is None


def test_a_next_link_to_another_site_is_refused() -> None:
    case = next(p.values[0] for p in PAGED if p.values[0].kind == "sensorthings")

    def serve(request: Request) -> Response | Issue:
        found = demo_server()(request)
        assert isinstance(found, Response)
        body = orjson.loads(found.body) | {"@iot.nextLink": "http://169.254.169.254/v1.1/x"}
        return response(request, orjson.dumps(body))

    found = case.gather(serve)
    assert found.stopped_by
    assert found.stopped_by.code == "TER-VAL-009"


def _with_new_field(case: Case, body: bytes) -> bytes:
    """The same answer with one field that nobody knows."""
    if case.kind == "gtfs_feed":
        out = io.BytesIO(body)
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("champ_nouveau.txt", "a\n1\n")
        return out.getvalue()
    found = orjson.loads(body)
    FIRST_RECORD[case.kind](found)["champ_nouveau"] = "x"
    return orjson.dumps(found)


# where the first record stands in the JSON of a kind
FIRST_RECORD: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ckan_portal": lambda body: body["result"]["results"][0],
    "data_fair": lambda body: body["results"][0],
    "data_gouv": lambda body: body["data"][0],
    "opendatasoft": lambda body: body["results"][0],
    "rudi_node": lambda body: body["items"][0],
    "sensorthings": lambda body: body["value"][0],
    "socrata": lambda body: body["results"][0],
}
HEARS_FIELDS = [p for p in ONE_A_KIND if p.values[0].kind in {*FIRST_RECORD, "gtfs_feed"}]


@pytest.mark.parametrize("case", HEARS_FIELDS)
def test_a_new_field_upstream_is_heard(case: Case) -> None:
    first = case.first_answer()
    page = case.source.read(response(first.request, _with_new_field(case, first.body)), case.config)
    heard = [issue.found for issue in page.issues if issue.code == "TER-MAP-001"]
    assert len(heard) == 1
    assert "champ_nouveau" in heard[0]


def test_a_new_column_of_a_catalogue_csv_is_heard() -> None:
    case = next(p.values[0] for p in ALL if p.values[0].name == "catalogue-chantepie")
    first = case.first_answer()
    body = first.body.replace(b"COLL_NOM", b"CHAMP_NOUVEAU", 1)
    page = case.source.read(response(first.request, body), case.config)
    assert [i.found for i in page.issues if i.code == "TER-MAP-001"] == ["CHAMP_NOUVEAU"]


@pytest.mark.parametrize("case", ALL)
def test_no_other_kind_is_as_sure_of_the_answer_of_a_kind(case: Case) -> None:
    answer = case.first_answer()
    judged = [judge(source, answer, case.config) for source in SOURCES.values()]
    found = Recognition(case.config.url, tuple(sorted(filter(None, judged), key=rank)))
    assert [each.kind for each in found.surest] == [case.kind]


def test_a_page_of_nothing_we_know_is_not_recognised() -> None:
    page = response(Request(SITE), b"<html><body><a href='/contact/'>Contact</a></body></html>")
    assert not any(judge(source, page, Config(SITE)) for source in SOURCES.values())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ckan", "ckan_portal"), ("GTFS", "gtfs_feed"), ("sensor-things", "sensorthings"),
     ("csvfolder", "csv_folder"), ("rudi", "rudi_node")],
)  # fmt: skip
def test_a_kind_typed_nearly_is_proposed(typed: str, meant: str) -> None:
    assert meant in near_kinds(typed)


def test_streams_spread_over_pages_make_the_same_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(p.values[0] for p in PAGED if p.values[0].kind == "sensorthings")
    whole = case.gather()
    monkeypatch.setattr(sensorthings, "PAGE_SIZE", 2)
    spread = case.gather()
    assert spread.gathered.pages > whole.gathered.pages
    assert spread.hashes == whole.hashes
    assert spread.gathered.live == whole.gathered.live
