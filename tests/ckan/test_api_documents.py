"""The description of the API against the API: every example runs, no answer is undocumented."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import ckanapi
import lxml.html
import pytest
import schemathesis
from ckan.plugins import toolkit
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.serving import make_server

from ckanext.territoire.api.actions import ACTIONS
from ckanext.territoire.api.error_shape import ELSEWHERE, PARTS
from ckanext.territoire.api.examples import Sample, examples_of
from ckanext.territoire.api.sandbox_operations import ROOT as SANDBOX
from ckanext.territoire.portal.api_request import to_path
from ckanext.territoire.portal.guides import load_guides
from schemas.load import latest
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG
from tests.ckan.test_delivery import deposit  # noqa: F401 (a fixture)
from tests.ckan.test_rows_api import (  # noqa: F401 (fixtures)
    ROOT,
    communes,
    no_quota,
    same_parks,
)

GENERAL = "/api/territoire/v1/openapi.json"
TRY = "/developpeurs/api/essayer"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PLAIN = {"Accept-Encoding": "identity"}  # what calls the application reads no compressed answer
BOUNDED = settings(
    max_examples=6, deadline=None, suppress_health_check=[*HealthCheck],
    phases=[Phase.explicit, Phase.generate], derandomize=True,
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("same_parks")


@pytest.fixture
def site(app: Any) -> Iterator[str]:
    """The portal on loopback, for clients that open a connection."""
    server = make_server("127.0.0.1", 0, app.app, threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "path", [GENERAL, f"{ROOT}/{SLUG}/openapi.json", f"{SANDBOX}/{SLUG}/openapi.json"]
)
def test_no_answer_is_a_fault_of_ours_or_undocumented(app: Any, path: str) -> None:
    schema = schemathesis.openapi.from_wsgi(path, app=app.app)
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @BOUNDED
        @given(case=operation.as_strategy())
        def try_it(case: Any) -> None:
            is_wanted = (case.query or {}).get("simulate") == "503"  # what the sandbox is asked for
            checks = [each for each in CHECKS if not (is_wanted and each is not_a_server_error)]
            case.validate_response(case.call(headers=PLAIN), checks=checks)

        try_it()
        tried.append(operation.label)
    assert len(tried) == len(app.get(path).json["paths"])


def test_every_example_of_the_documentation_is_answered_by_rows(app: Any) -> None:
    page = lxml.html.fromstring(app.get(f"/developpeurs/api?table={SLUG}").body)
    told = page.xpath("//ol[@class='api-examples']//a/@href")
    assert len(told) >= 9
    for path in told:
        answer = app.get(path, headers=PLAIN)
        if answer.is_json:
            rows = next(answer.json[n] for n in ("rows", "features", "changes") if n in answer.json)
            assert rows, path
        else:
            assert answer.body.count("\n") > 1, path


def test_what_the_page_of_developers_begins_with_is_answered_by_rows(app: Any) -> None:
    site = str(toolkit.config["ckan.site_url"])
    told = " ".join(lxml.html.fromstring(app.get("/developpeurs").body).xpath("//pre/text()"))
    paths = [found.removeprefix(site) for found in re.findall(r'"(http[^"]+)"', told)]
    assert len(paths) == 4
    for path in paths:
        answer = app.get(path, headers=PLAIN)
        assert answer.data[:4] == b"PAR1" if path.endswith(".parquet") else len(answer.json)
    assert all(app.get(path).json["rows"] for path in paths if "/rows" in path)


def test_an_example_asks_for_nothing_that_the_table_has_not() -> None:
    schema = latest(SLUG)
    paths = " ".join(each.path for each in examples_of(schema, Sample()))
    assert "near=" not in paths
    assert "gratuit" not in paths
    assert "gratuit=false" in " ".join(e.path for e in examples_of(schema, Sample("", "false")))


def test_every_example_of_the_catalogue_runs(app: Any) -> None:
    filled = [each for each in ACTIONS if not {"id", "resource_id"} & {p.name for p in each.params}]
    assert filled
    for each in filled:
        answers = {param.name: param.example for param in each.params}
        assert app.get(to_path(each, answers)).json["success"], each.path


def test_every_address_of_the_guide_answers_and_every_code_leads_to_a_part_of_it(app: Any) -> None:
    guide = next(each for each in load_guides() if each.name == "developpeurs")
    told = re.findall(r'"SITE(/api/[^"\s]+)"', guide.text)
    assert len(told) >= 5
    for path in told:
        app.get(path)
    page = lxml.html.fromstring(app.get("/aide/developpeurs").body)
    anchors = set(page.xpath("//h2/@id"))
    assert {*PARTS.values(), ELSEWHERE} <= anchors
    assert "SITE" not in page.text_content()
    for link in page.xpath("//main//a/@href"):
        if link.startswith("/"):
            app.get(urlsplit(link).path)


def test_the_pages_list_every_operation_without_script(app: Any) -> None:
    page = lxml.html.fromstring(app.get(f"/developpeurs/api?table={SLUG}").body)
    shown = {code.text for code in page.xpath("//p[@class='api-path']/code")}
    described = app.get(f"{ROOT}/{SLUG}/openapi.json").json["paths"]
    assert set(described) < shown
    assert {each.path for each in ACTIONS} < shown
    assert not page.xpath("//script[not(@src)]")
    assert all(src.startswith("/") for src in page.xpath("//script/@src"))
    forms = {each.fields["demande"]: each for each in page.forms if "demande" in each.fields}
    assert len(forms) == len(shown)


def test_a_form_leads_to_the_address_that_its_answers_make(app: Any) -> None:
    said = {"table": SLUG, "demande": "rows", "limit": "2", "colonne": "nb_places",
            "operateur": "gte", "valeur": "10", "q": ""}  # fmt: skip
    answer = app.get(TRY, params=said, follow_redirects=False)
    assert answer.headers["Location"] == f"{ROOT}/{SLUG}/rows?limit=2&nb_places__gte=10"
    assert len(app.get(TRY, params=said).json["rows"]) == 2

    row = app.get(TRY, params={"table": SLUG, "demande": "row", "key": "a/b?c"},
                  follow_redirects=False)  # fmt: skip
    assert row.headers["Location"] == f"{ROOT}/{SLUG}/rows/a%2Fb%3Fc"
    assert "key" in app.get(TRY, params={"table": SLUG, "demande": "row"}, status=400).body
    app.get(TRY, params={"demande": "https://ailleurs.example"}, status=404)


def test_a_hidden_table_is_described_nowhere(app: Any) -> None:
    act("package_patch", id=SLUG, private=True)
    try:
        for path in (GENERAL, "/developpeurs/api", ROOT):
            assert SLUG not in app.get(path).body
        app.get(f"{ROOT}/{SLUG}/openapi.json", status=404)
    finally:
        act("package_patch", id=SLUG, private=False)


def test_calls_that_ckan_fails_on_are_refused_in_its_shape(app: Any) -> None:
    for query in ("package_list?limit=", "package_list?limit=1&limit=2", "package_search?rows=-1",
                  "datastore_search?resource_id=a&fields=b&fields=c"):  # fmt: skip
        told = app.get(f"/api/3/action/{query}", status=409).json
        assert told["success"] is False
        assert told["error"]["__type"] == "Validation Error"


@pytest.mark.parametrize("is_get", [True, False])
def test_ckanapi_searches_shows_and_reads_rows(site: str, is_get: bool) -> None:
    with ckanapi.RemoteCKAN(site, get_only=is_get) as client:
        found = client.action.package_search(q="stationnement", rows=5)["results"]
        shown = client.action.package_show(id=next(d["name"] for d in found if d["name"] == SLUG))
        resource = next(r for r in shown["resources"] if r["datastore_active"])
        rows = client.action.datastore_search(resource_id=resource["id"], limit=3, sort="nom")
        assert rows["total"] == 6
        assert [row["nom"] for row in rows["records"]] == ["=cmd()", "Abbaye", "Zénith"]
        with pytest.raises(ckanapi.NotFound):
            client.action.package_show(id="rien")
