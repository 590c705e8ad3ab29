"""A preview reads the first pages of a source, maps them, and writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from harvesters import preview as preview_module
from harvesters.fakes import FakeClock, FakeStore, FakeWeb, fake_ports
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Resource, Response
from harvesters.preview import Preview, preview_source, to_json
from harvesters.run import Options, run_source
from tests.unit.toy_source import START, TOY, items, page


def look(web: FakeWeb, store: FakeStore | None = None, source=TOY) -> Preview:  # type: ignore[no-untyped-def]
    ports = fake_ports(web, store or FakeStore())
    return preview_source(source, Config(START), ports, ports.store.load_known())


def web_of(*pages: bytes) -> FakeWeb:
    return FakeWeb({f"https://source.example/{n}": body for n, body in enumerate(pages, 1)})


def test_the_first_records_are_shown_mapped() -> None:
    told = to_json(look(web_of(page(*items(12), total=12))))
    assert len(told["records"]) == preview_module.SHOWN
    assert told["records"][0]["title"] == items(1)[0]["title"]
    assert told["created"] == 12
    assert "rien n’est écrit" in told["sentence"]


def test_nothing_is_written() -> None:
    store = FakeStore()
    look(web_of(page(*items(5))), store)
    assert store.writes == 0


def test_a_large_source_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preview_module.SMALL, "max_records", 4)
    web = web_of(
        page(*items(5), next="https://source.example/2", total=10), page(*items(5, 5), total=10)
    )
    told = to_json(look(web))
    assert web.asked == [START]
    assert (told["is_partial"], told["read"], told["declared"]) == (True, 5, 10)
    assert not told["is_complete"]
    assert told["issue_groups"] == []


def test_a_partial_reading_never_speaks_of_missing_datasets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = FakeStore()
    run_source(TOY, Config(START), fake_ports(web_of(page(*items(9))), store), Options("s"))
    monkeypatch.setitem(preview_module.SMALL, "max_records", 2)
    told = to_json(look(web_of(page(*items(3), next="https://source.example/2")), store))
    assert told["missing"] == 0
    assert told["kept"] == 3


def test_what_a_harvested_source_would_change_is_counted() -> None:
    store = FakeStore()
    run_source(TOY, Config(START), fake_ports(web_of(page(*items(4))), store), Options("s"))
    changed = items(5)[1:]
    changed[0] = changed[0] | {"title": "Autre titre"}
    told = to_json(look(web_of(page(*changed)), store))
    assert (told["created"], told["updated"], told["kept"], told["missing"]) == (1, 1, 2, 1)


def test_a_source_that_does_not_answer_says_why() -> None:
    told = to_json(look(FakeWeb({START: Issue("TER-FET-009", START, "500")})))
    assert told["records"] == []
    assert [group["code"] for group in told["issue_groups"]] == ["TER-FET-009"]
    assert told["estimate_s"] is None


def _read(response: Response, config: Config) -> Page:
    records = tuple(Record(str(n), {"n": n}) for n in range(6))
    return Page(records, issues=(Issue("TER-MAP-001", found="champ_a, champ_b"),))


def _to_dataset(record: Record, config: Config) -> Dataset | Issue:
    if record.payload["n"] == 5:
        return Issue("TER-VAL-003", record.where)
    known = record.payload["n"] < 3
    return Dataset(
        record.remote_id,
        f"Jeu {record.remote_id}",
        licence="lov2" if known else "notspecified",
        licence_label="" if known else "Licence maison" if record.payload["n"] == 3 else "",
        resources=(Resource("https://a.example/x.csv", format="CSV"),),
    )


def test_licences_formats_and_unread_fields_are_counted() -> None:
    source = replace(TOY, read=_read, to_dataset=_to_dataset)
    told = to_json(look(web_of(b""), source=source))
    assert told["licences"] == [{"label": "Licence Ouverte 2.0 (Etalab)", "count": 3}]
    assert told["unknown_licences"] == [{"label": "Licence maison", "count": 1}]
    assert told["without_licence"] == 1
    assert told["formats"] == [{"label": "CSV", "count": 5}]
    assert told["unread_fields"] == ["champ_a", "champ_b"]
    assert [(g["code"], g["count"]) for g in told["issue_groups"]] == [("TER-VAL-003", 1)]


class SlowWeb(FakeWeb):
    """Each page takes ten seconds of the clock."""

    clock: FakeClock

    def fetch(self, request: Request) -> Response | Issue:
        self.clock.time += timedelta(seconds=10)
        return super().fetch(request)


def test_the_time_of_a_whole_run_is_estimated_from_what_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(preview_module.SMALL, "max_records", 2)
    web = SlowWeb({START: page(*items(5), next="https://source.example/2", total=1000)})
    web.clock = FakeClock(datetime.fromisoformat("2026-11-24T06:00:00+00:00"))
    ports = fake_ports(web, FakeStore(), web.clock)
    found = preview_source(TOY, Config(START), ports, ())
    assert found.estimate_s == 10 * 1000 / 5 + 1000 / preview_module.WRITTEN_PER_S
