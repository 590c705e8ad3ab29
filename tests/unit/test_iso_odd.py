"""A geographic record with one odd part is mapped or told; nothing of it ever raises."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from harvesters.errors import sentence
from harvesters.model import Config, Dataset, Issue, Record
from harvesters.sources import csw
from tests.contract.answers.csw import PLANS, TREES, real_records
from tests.contract.test_every_source import check_dataset, check_resource

ODD = ("", "é" * 50_000, "-1.5", "\n\t ", "javascript:alert(1)", "<b>&amp;</b>", "2026-02-31")
CONFIG = Config("https://geo.exemple.fr/csw")


def check(root: Any) -> None:
    found = csw.to_dataset(Record("x", {"xml": etree.tostring(root, encoding="unicode")}), CONFIG)
    if isinstance(found, Issue):
        assert sentence(found)
        return
    assert isinstance(found, Dataset)
    check_dataset(found)
    for resource in found.resources:
        check_resource(resource)
    assert all(sentence(issue) for issue in found.issues)


def spoilt(root: Any, step: int = 1) -> Iterator[Any]:
    """Every copy with one element taken away, emptied, written twice, or with an odd text."""
    for place in range(1, len(list(root.iter())), step):
        for change in ("away", "empty", "twice", ODD[place % len(ODD)]):
            copy = deepcopy(root)
            found = list(copy.iter())[place]
            if change == "away":
                found.getparent().remove(found)
            elif change == "empty":
                found.clear()
            elif change == "twice":
                found.addnext(deepcopy(found))
            else:
                found.text = change
            yield copy


@pytest.mark.parametrize("record", [TREES, PLANS], ids=["iso19139", "iso19115-3"])
def test_a_record_of_ours_with_one_odd_part_is_mapped_or_told(record: str) -> None:
    for root in spoilt(etree.fromstring(record)):
        check(root)


def test_real_records_with_one_odd_part_are_mapped_or_told(shared_data: Path) -> None:
    for record in real_records(shared_data / "catalogues"):
        for root in spoilt(etree.fromstring(record), step=25):
            check(root)
