"""No page acts on a POST that another site could have sent: without its token, it is refused.

CKAN 2.12 forgets the check of a view for all once nobody in particular has asked for it: each view
is asked anonymously first. The pages of links have a door of their own.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from ckan.tests import factories

from tests.ckan.conftest import act

PASSWORD = "Un-bon-mot-de-passe-1"
ELSEWHERE = {
    "api",
    "territoire_invitations",
    "territoire_notices",
    "territoire_repairs",
    "territoire_registration",
}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PART = re.compile(r"<[^>]+>")
ANY = re.compile(r"<any\(([^,)]+)[^)]*\):\w+>")


def signed_in(app: Any) -> Any:
    """A browser with the session of somebody who may do everything."""
    factories.Sysadmin(name="responsable", password=PASSWORD)
    client = app.test_client(use_cookies=True)
    token = token_of(client, "/user/login")
    typed = {"login": "responsable", "password": PASSWORD, "_csrf_token": token}
    assert client.post("/user/login", data=typed, follow_redirects=False).status_code == 302
    return client


def token_of(client: Any, path: str) -> str:
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.usefixtures("clean")
def test_every_page_refuses_a_post_without_its_token(app: Any) -> None:
    client, nobody = signed_in(app), app.test_client(use_cookies=True)

    tried = {}
    for rule in app.flask_app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.split(".")[0] in ELSEWHERE:
            continue
        for method in sorted(UNSAFE & set(rule.methods or ())):
            path = PART.sub("1", ANY.sub(r"\1", rule.rule))
            nobody.open(path, method=method, follow_redirects=False)
            answer = client.open(path, method=method, follow_redirects=False)
            tried[f"{method} {rule.rule}"] = answer.status_code

    assert len(tried) > 60
    assert {name: code for name, code in tried.items() if code != 400} == {}


@pytest.mark.usefixtures("clean")
def test_a_form_with_its_token_passes_after_a_visit_of_nobody(app: Any) -> None:
    client = signed_in(app)
    app.test_client(use_cookies=True).get("/organization/new", follow_redirects=False)
    typed = {"title": "Bruz", "name": "bruz", "_csrf_token": token_of(client, "/organization/new")}

    assert client.post("/organization/new", data=typed, follow_redirects=False).status_code == 302


@pytest.mark.usefixtures("clean")
def test_a_form_sent_with_a_token_of_the_api_needs_no_other(app: Any) -> None:
    factories.Sysadmin(name="programme")
    token = factories.APIToken(user="programme")["token"]
    client = app.test_client(use_cookies=False)
    typed = {"title": "Bruz", "name": "bruz"}
    answer = client.post(
        "/organization/new", data=typed, headers={"Authorization": token}, follow_redirects=False
    )
    assert answer.status_code == 302


@pytest.mark.usefixtures("clean")
def test_the_api_refuses_a_change_by_a_session_alone(app: Any) -> None:
    client, asked = signed_in(app), {"name": "pirate", "title": "Pirate"}
    app.post("/api/3/action/organization_create", json=asked, status=403)  # nobody, first

    for sent in ({"json": asked}, {"data": asked}):
        answer = client.post("/api/3/action/organization_create", **sent)
        assert answer.status_code == 400
    assert act("organization_list") == []


@pytest.mark.usefixtures("clean")
def test_nobody_asks_the_api_by_post_without_a_token(app: Any) -> None:
    answer = app.post("/api/3/action/package_search", json={"q": "arbres"})

    assert answer.json["success"]
