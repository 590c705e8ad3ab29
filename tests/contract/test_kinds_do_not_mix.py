"""The first answer of a kind is recognised by that kind, and by no other one."""

from __future__ import annotations

from itertools import product

import pytest

from harvesters.registry import SOURCES
from tests.contract.cases import ONE_A_KIND, Case

PAIRS = [
    pytest.param(kind, case.values[0], id=f"{kind}-{case.id}", marks=case.marks)
    for kind, case in product(sorted(SOURCES), ONE_A_KIND)
]


@pytest.mark.parametrize(("kind", "case"), PAIRS)
def test_an_answer_is_of_one_kind_only(kind: str, case: Case) -> None:
    assert SOURCES[kind].looks_like(case.first_answer()) is (kind == case.kind)
