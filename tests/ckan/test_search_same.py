"""Search keeps its line to Solr open: what it answers is what CKAN's own search answers."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ckan import model
from ckan.lib import search
from ckan.lib.search import SearchError, SolrConnectionError, common, query
from ckan.logic.action.get import package_search as stock_search
from ckan.plugins import toolkit

from ckanext.territoire.portal.facets import FACETS
from ckanext.territoire.search import solr_line
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD

PEOPLE = {"": "", "membre": "member", "redactrice": "editor", "voisin": "", "gestionnaire": ""}
DATASETS: dict[str, dict[str, Any]] = {
    "arbres": {"theme": ["espaces-verts"], "tag_string": "été, arbre"},
    "budget": {"license_id": "odbl-1.0", "theme": ["finances"]},
    "secret": {"private": True},
    "ailleurs": {"owner_org": "betton", "private": True},
    "parti": {},
    "brouillon": {"state": "draft"},
}
EVERYTHING = {"include_private": True, "include_drafts": True, "include_deleted": True}
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"q": "*:*", "facet.field": list(FACETS), "facet.limit": -1},
    {"q": "*:*", "facet.field": ["tags", "organization"], "rows": 0, "facet.mincount": 0},
    {"q": "title:arbres OR title:budget", "sort": "title_string desc", "rows": 1, "start": 1},
    {"q": "*:*", "fl": ["id", "title", "metadata_modified", "tags"]},
    {"q": "*:*", "fl": "name"},
    {"q": "*:*", "use_default_schema": True, "sort": "name asc"},
    {"q": "*:*", "fq": "+license_id:odbl-1.0", "fq_list": ["+organization:acigne"]},
    {"q": "*:*", "extras": {"ext_bbox": "-2,47,-1,49"}},
    {"q": "*:*", "sort": "name asc", **EVERYTHING},
    {"q": "*:*", "fq": "capacity:private", "include_private": True, "facet.field": ["state"]},
    {"q": "title:" + " OR title:".join(f"mot{number}" for number in range(400))},  # long
    {"q": "title:« l’été »", "defType": "edismax", "qf": "title^2 text", "mm": "1", "tie": "0.1"},
)


@pytest.fixture(scope="module")
def state() -> dict[str, bool]:
    """Whether the datasets are written: they are read only, one time is enough."""
    return {}


@pytest.fixture
def catalogue(with_plugins: Any, state: dict[str, bool], request: Any) -> None:
    """Public, private, draft and deleted datasets of two communes, and who may see them."""
    if state:
        return
    request.getfixturevalue("clean")
    for name in ("acigne", "betton"):
        act("organization_create", name=name, title=name.title())
    for name, role in PEOPLE.items():
        if name:
            act("user_create", name=name, email=f"{name}@mairie.example", password=PASSWORD)
        if role:
            act("organization_member_create", id="acigne", username=name, role=role)
    act("user_patch", id="gestionnaire", sysadmin=True)
    for name, more in DATASETS.items():
        told = {"name": name, "title": name.title(), "owner_org": "acigne", "license_id": "lov2"}
        files = [{"url": f"https://exemple.fr/{name}.csv", "format": "CSV"}]
        act("package_create", **told | {"resources": files} | more)
    act("package_delete", id="parti")
    search.commit()
    state["is_written"] = True


pytestmark = pytest.mark.usefixtures("catalogue")


def context_of(name: str) -> dict[str, Any]:
    user = model.User.get(name) if name else None
    return {"user": name, "auth_user_obj": user, "model": model, "session": model.Session}


def ours(name: str, asked: dict[str, Any]) -> Any:
    return toolkit.get_action("package_search")(context_of(name), dict(asked))


def theirs(name: str, asked: dict[str, Any]) -> Any:
    """CKAN's own action, over the connection that CKAN makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "make_connection", common.make_connection)
        return stock_search(context_of(name), dict(asked))


def names(found: dict[str, Any]) -> set[str]:
    return {each["name"] for each in found["results"]}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_answer_is_that_of_ckan_for_everybody(name: str) -> None:
    for asked in ASKED:
        assert ours(name, asked) == theirs(name, asked), asked


def test_each_sees_what_is_theirs() -> None:
    seen = {name: names(ours(name, {"q": "*:*", **EVERYTHING})) for name in PEOPLE}
    public = {"arbres", "budget"}
    assert seen[""] == seen["voisin"] == public
    members = public | {"secret", "brouillon"}
    assert seen["membre"] == seen["redactrice"] == members
    assert seen["gestionnaire"] >= members | {"ailleurs"}


def test_words_are_answered_over_a_kept_line_as_over_a_new_one() -> None:
    for name in PEOPLE:
        for text in ("arbres", "budjet", "secret", "xylophone", "les arbres d’été"):
            asked = {"q": text, "facet.field": list(FACETS), "include_private": True}
            kept = ours(name, asked)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(query, "make_connection", common.make_connection)
                assert kept == ours(name, asked)


@pytest.mark.parametrize(
    "asked", [{"q": "*:*", "sort": "rien du tout"}, {"q": "title:[a"}, {"q": "title:a^^"}]
)
def test_a_wrong_question_is_refused_over_a_kept_line_as_over_a_new_one(
    asked: dict[str, Any],
) -> None:
    with pytest.raises(SearchError) as kept:
        stock_search(context_of(""), dict(asked))
    with pytest.raises(SearchError) as new:
        theirs("", asked)
    assert type(kept.value) is type(new.value)
    assert str(kept.value) == str(new.value)


def test_a_solr_that_is_away_is_said_to_be_away(ckan_config: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(ckan_config, "solr_url", "http://127.0.0.1:9/solr/rien")
    with pytest.raises(SolrConnectionError):
        stock_search(context_of(""), {"q": "*:*"})


class Server(ThreadingHTTPServer):
    """Says what Solr says; the second time it hangs up without a word."""

    asked = 0
    lines = 0


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.lines += 1

    def do_POST(self) -> None:
        self.server.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.asked == 2:
            self.close_connection = True
            return
        body = b'{"response": {"numFound": 1, "docs": [{"id": "a"}]}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told: Any) -> None:
        """Say nothing."""


def test_a_line_is_kept_and_one_that_was_closed_is_opened_again() -> None:
    server = Server(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/solr/noyau"
    solr = solr_line.KeptSolr(url, decoder=solr_line.JsonReader(), timeout=5)
    for _ in range(4):
        assert solr.search("*:*").docs == [{"id": "a"}]
    server.shutdown()
    server.server_close()
    assert (server.asked, server.lines) == (5, 2)
