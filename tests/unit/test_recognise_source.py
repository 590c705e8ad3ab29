"""The kind of a source is recognised by asking a few known addresses, and says how sure it is."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest

from deployment.demo import server
from deployment.demo.answer import Asked
from harvesters.fakes import FakeWeb
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response, Source
from harvesters.recognise import MAX_REQUESTS, Recognition, Sureness, recognise
from harvesters.registry import SOURCES
from tests.unit.toy_source import TOY

SITE = "http://demo.example"
PAGE = b"<!doctype html><html><body>Bonjour</body></html>"


def demo(request: Request) -> Response | Issue:
    parts = urlsplit(request.url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    found = server.answer(Asked(unquote(parts.path), query, SITE))
    if found.status >= 400:
        return Issue("TER-FET-007", request.url)
    return Response(request, request.url, 200, {"content-type": found.media_type}, found.body)


def of_web(web: FakeWeb, url: str, *sources: Source) -> Recognition:
    return recognise(url, web.fetch, sources or SOURCES.values())


@pytest.mark.parametrize(
    "told", server.load_sources()["sources"], ids=lambda told: str(told["name"])
)
def test_each_demo_source_is_recognised_by_its_address(told: dict[str, str]) -> None:
    found = recognise(SITE + told["path"], demo, SOURCES.values())
    assert found.best
    assert found.best.kind == told["kind"]
    assert found.best.url == SITE + told["path"]


def test_a_portal_is_sure_and_says_how_many_datasets_it_announces() -> None:
    found = recognise(f"{SITE}/portail", demo, SOURCES.values())
    assert found.best
    assert found.best.sureness is Sureness.SURE
    assert found.best.count > 50
    assert f"{found.best.count} jeux de données annoncés" in found.best.evidence


def test_a_page_with_links_to_files_is_only_probable() -> None:
    link = b"<html><body><a href='arbres.csv'>Arbres</a></body></html>"
    found = of_web(
        FakeWeb({"http://mairie.example/donnees/": link}), "http://mairie.example/donnees/"
    )
    assert found.best
    assert (found.best.kind, found.best.sureness) == ("csv_folder", Sureness.PROBABLE)


def test_an_empty_catalogue_is_only_possible_and_is_not_chosen() -> None:
    body = orjson.dumps({"success": True, "result": {"count": 0, "results": []}})
    web = FakeWeb()
    web.pages = {SOURCES["ckan_portal"].start(Config("http://a.example")).url: body}
    found = of_web(web, "http://a.example")
    assert [(c.kind, c.sureness) for c in found.candidates] == [("ckan_portal", Sureness.POSSIBLE)]
    assert found.best is None


def test_an_unknown_page_says_what_was_tried() -> None:
    found = of_web(FakeWeb({"http://a.example/x": PAGE}), "http://a.example/x")
    assert not found.candidates
    assert found.issue
    assert found.issue.code == "TER-SRC-071"
    assert "/x" in found.issue.found
    assert "autres adresses" in found.issue.found
    assert any("/api/3/action/package_search" in each.url for each in found.tried)
    assert found.tried[0].found == "une page web"


def test_a_machine_that_does_not_answer_is_asked_once() -> None:
    web = FakeWeb({"http://a.example": Issue("TER-FET-002", "http://a.example")})
    found = of_web(web, "http://a.example")
    assert web.asked == ["http://a.example"]
    assert found.issue
    assert found.issue.code == "TER-FET-002"


def test_never_more_than_the_bound_is_asked() -> None:
    many = [replace(TOY, kind=f"toy_{n}", start=_start_at(n)) for n in range(30)]
    web = FakeWeb({"http://a.example": PAGE})
    of_web(web, "http://a.example", *many)
    assert len(web.asked) == MAX_REQUESTS


def _start_at(number: int):  # type: ignore[no-untyped-def]
    return lambda config: Request(f"{config.url}/{number}")


def test_no_address_is_asked_twice() -> None:
    web = FakeWeb({"http://a.example": PAGE})
    of_web(web, "http://a.example")
    assert len(web.asked) == len(set(web.asked))


def _rdf_kind(kind: str = "rdf", **changes: object) -> Source:
    """A kind that begins at the address given and knows a text that begins with a prefix."""
    return Source(
        kind=kind,
        label_fr="Catalogue RDF",
        description_fr="Essai.",
        example_url="https://a.example",
        start=lambda config: Request(config.url),
        read=lambda response, config: Page((Record("1", {}), Record("2", {})), declared_total=2),
        to_dataset=lambda record, config: Dataset(record.remote_id, "Titre"),
        looks_like=lambda response: response.body.startswith(b"@prefix"),
        **changes,  # type: ignore[arg-type]
    )


def test_the_rdf_that_a_page_names_is_asked() -> None:
    head = b"<!doctype html><head><link rel='alternate' type='text/turtle' href='/c.ttl'></head>"
    web = FakeWeb({"http://a.example/x": head, "http://a.example/c.ttl": b"@prefix"})
    found = of_web(web, "http://a.example/x", _rdf_kind())
    assert found.best
    assert found.best.url == "http://a.example/c.ttl"


def test_rdf_named_on_another_site_is_not_asked() -> None:
    head = b"<!doctype html><link rel=alternate type=text/turtle href='http://b.example/c.ttl'>"
    web = FakeWeb({"http://a.example": head, "http://b.example/c.ttl": b"@prefix"})
    assert not of_web(web, "http://a.example", _rdf_kind()).candidates
    assert web.asked == ["http://a.example"]


def test_the_rdf_that_a_page_names_is_asked_before_where_other_kinds_begin() -> None:
    head = b"<!doctype html><head><link rel='alternate' type='text/turtle' href='/c.ttl'></head>"
    many = [replace(TOY, kind=f"toy_{n}", start=_start_at(n)) for n in range(30)]
    web = FakeWeb({"http://a.example/x": head, "http://a.example/c.ttl": b"@prefix"})
    assert of_web(web, "http://a.example/x", *many, _rdf_kind()).best
    assert web.asked[1] == "http://a.example/c.ttl"


def test_a_kind_is_found_at_its_usual_address_below_an_unknown_page() -> None:
    """All the kinds together leave room for the usual addresses of each."""
    for source in SOURCES.values():
        for path in source.usual_paths[:1]:
            web = FakeWeb({"http://a.example/": PAGE})
            of_web(web, "http://a.example/")
            assert any(url.split("?")[0] == f"http://a.example/{path}" for url in web.asked), path


def test_what_is_absent_is_not_asked_again_in_other_forms() -> None:
    web = FakeWeb()
    of_web(web, "http://a.example/x")
    assert [url for url in web.asked if url.split("?")[0] == "http://a.example/x"] == [
        "http://a.example/x"
    ]


def test_a_search_that_has_no_time_left_ends() -> None:
    page = {"http://a.example/": PAGE}
    web = FakeWeb(page)
    answers = iter([False, True])

    def ask(request: Request) -> Response | Issue:
        found = web.fetch(request)
        return Issue("TER-FET-018", request.url) if next(answers) else found

    found = recognise("http://a.example/", ask, SOURCES.values())
    assert len(web.asked) == 2
    assert found.issue
    assert found.issue.code == "TER-SRC-071"


def test_the_usual_addresses_of_a_kind_are_asked_while_nothing_is_sure() -> None:
    web = FakeWeb({"http://a.example/": PAGE, "http://a.example/catalog.ttl": b"@prefix"})
    found = of_web(web, "http://a.example/", _rdf_kind(usual_paths=("catalog.ttl",)))
    assert found.best
    assert found.best.url == "http://a.example/catalog.ttl"


def test_two_kinds_that_are_as_sure_leave_the_choice_to_a_person() -> None:
    web = FakeWeb({"http://a.example": b"@prefix"})
    found = of_web(web, "http://a.example", _rdf_kind("one"), _rdf_kind("two"))
    assert {c.kind for c in found.surest} == {"one", "two"}
    assert found.best is None
    assert web.asked == ["http://a.example"]


def test_a_kind_whose_records_cannot_be_mapped_is_only_possible() -> None:
    unmapped = _rdf_kind()
    unmapped = replace(unmapped, to_dataset=lambda record, config: Issue("TER-VAL-003"))
    found = of_web(FakeWeb({"http://a.example": b"@prefix"}), "http://a.example", unmapped)
    assert found.candidates[0].sureness is Sureness.POSSIBLE


@pytest.mark.parametrize(
    "url", ["", "data.ville.fr", "file:///etc/passwd", "http://[x", "ftp://a.fr"]
)
def test_what_is_no_web_address_is_refused_without_asking(url: str) -> None:
    web = FakeWeb()
    found = of_web(web, url)
    assert found.issue
    assert found.issue.code == "TER-FET-005"
    assert web.asked == []


@pytest.mark.parametrize("typed", ["https://dkan.example", "https://dkan.example/dataset/arbres"])
def test_a_dkan_portal_is_recognised_by_its_list_and_keeps_its_address(typed: str) -> None:
    packages = [{"id": f"{n}", "title": f"Jeu {n}", "state": "Active", "private": True,
                 "resources": []} for n in range(3)]  # fmt: skip
    body = orjson.dumps({"success": True, "result": [packages]})

    def ask(request: Request) -> Response | Issue:
        parts = urlsplit(request.url)
        if parts.path == "/api/3/action/current_package_list_with_resources":
            return Response(request, request.url, 200, {"content-type": "application/json"}, body)
        if parts.path in ("", "/", "/dataset/arbres"):
            return Response(request, request.url, 200, {"content-type": "text/html"}, PAGE)
        return Issue("TER-FET-007", request.url)

    found = recognise(typed, ask, SOURCES.values())
    assert found.best
    assert (found.best.kind, found.best.sureness) == ("ckan_portal", Sureness.SURE)
    again = SOURCES["ckan_portal"].start(Config(found.best.url))
    assert "/action/current_package_list_with_resources" in again.url
