"""The records of a page of DCAT: made one by one, so that memory holds the graph and one tree."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from harvesters.model import Config, Request, Response
from harvesters.sources import dcat_catalog


def _catalogue(count: int) -> Response:
    files = "".join(
        f'<https://a.fr/{n}> a dcat:Dataset ; dct:title "Jeu {n}" ; dcat:keyword "un", "deux" ; '
        f'dcat:distribution [ dcat:downloadURL <https://a.fr/{n}.csv> ; dct:title "Fichier" ] .\n'
        for n in range(count)
    )
    head = (
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n@prefix dct: <http://purl.org/dc/terms/> ."
    )
    body = f"{head}\n{files}".encode()
    return Response(Request("https://a.fr/c"), "https://a.fr/c", 200, {}, body)


def test_each_record_of_a_page_is_made_as_it_is_asked_for_and_always_the_same() -> None:
    answer = _catalogue(3)
    page = dcat_catalog.read(answer, Config(answer.url))
    assert [record.remote_id for record in page.records[1:]] == ["https://a.fr/1", "https://a.fr/2"]
    assert page.records[-1] == page.records[2]
    assert page.records[-1].payload is not page.records[2].payload
    assert page == dcat_catalog.read(answer, Config(answer.url))
    with pytest.raises(IndexError):
        page.records[3]


def test_the_records_of_a_large_page_are_never_in_memory_together() -> None:
    answer = _catalogue(2_000)
    page = dcat_catalog.read(answer, Config(answer.url))

    def peak(read: Callable[[], object]) -> int:
        tracemalloc.start()
        read()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    one_by_one = peak(lambda: sum(len(record.payload) for record in page.records))
    together = peak(lambda: list(page.records))
    assert together > 3 * one_by_one
