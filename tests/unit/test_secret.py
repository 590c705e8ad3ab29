"""A server that says the key of a source back in its faults is not repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvesters.fakes import FakeStore, FakeWeb, fake_ports
from harvesters.model import Config, Dataset, Issue, Page, Record, Setting
from harvesters.run import Options, run_source
from tests.unit.toy_source import START, TOY, items, page

KEY = "cle-de-la-mairie"
GUARDED = replace(
    TOY, settings=(Setting("api_key", "Clé", "Donnée par l’éditeur", is_secret=True),)
)


def told(source: object, body: bytes | Issue) -> str:
    web = FakeWeb({START: body})
    config = Config(START, {"api_key": KEY})
    report = run_source(source, config, fake_ports(web, FakeStore()), Options("s"))  # type: ignore[arg-type]
    assert report.issues
    return str(report.to_json())


@pytest.mark.parametrize("field", ["where", "found", "expected"])
def test_a_fault_of_the_network_tells_no_secret(field: str) -> None:
    assert KEY not in told(GUARDED, Issue("TER-FET-016", **{field: f"avec {KEY} dedans"}))


def test_a_fault_of_a_page_or_of_a_record_tells_no_secret() -> None:
    def read(*_: object) -> Page:
        return Page((Record("1", {}), Record("2", {})), issues=(Issue("TER-MAP-001", found=KEY),))

    def to_dataset(record: Record, _: Config) -> Dataset | Issue:
        fault = Issue("TER-VAL-003", KEY)
        return fault if record.remote_id == "1" else Dataset("2", "T", issues=(fault,))

    source = replace(GUARDED, read=read, to_dataset=to_dataset)
    assert KEY not in told(source, page(*items(1)))
