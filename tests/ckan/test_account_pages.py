"""Accounts, members, tokens, files and the trash: each from its real page, without a script.

The screens of CKAN that are closed lead to ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ckan.conftest import act
from tests.ckan.every_page import TREES
from tests.ckan.form_browser import PASSWORD, Browser, Page
from tests.ckan.whole_portal import whole_portal


@pytest.fixture(scope="module")
def portal(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")) as app:
        act("user_create", name="responsable", email="responsable@mairie.example",
            password=PASSWORD, sysadmin=True)  # fmt: skip
        act("package_create", **TREES)
        yield app


def person(portal: Any, name: str) -> Browser:
    browser = Browser(portal)
    browser.log_in(name)
    return browser


def form_of(page: Page, ends: str) -> Any:
    """The form of a page that is sent to an address with this end."""
    found = [f for f in page.tree.xpath("//main//form") if (f.action or "").endswith(ends)]
    assert len(found) == 1
    return found[0]


def named(page: Page, field: str) -> Any:
    """The form of a page that has this field."""
    return next(f for f in page.tree.xpath("//main//form") if field in f.fields)


@pytest.mark.parametrize(("closed", "ours"), [
    ("/group/", "/dataset/"),
    ("/group/velo", "/dataset/"),
    ("/dataset/followers/arbres", "/dataset/arbres"),
    ("/dataset/groups/arbres", "/dataset/arbres"),
    ("/organization/members/acigne", "/organization/manage_members/acigne"),
    ("/organization/bulk_process/acigne", "/organization/acigne"),
    ("/user/mairie/groups", "/user/mairie"),
    ("/user/activity/mairie", "/user/mairie"),
    ("/ckan-admin/config", "/user/"),
    ("/ckan-admin/activities", "/pilotage/journal"),
    ("/harvest/", "/moissons/"),
    ("/harvest/new", "/moissons/ajouter"),
    ("/testing/primer", "/design"),
])  # fmt: skip
def test_a_closed_screen_leads_to_ours(portal: Any, closed: str, ours: str) -> None:
    answer = person(portal, "responsable").client.get(closed, follow_redirects=False)

    assert (answer.status_code, place_of(answer)) == (302, ours)


@pytest.mark.parametrize(("name", "place"), [
    ("", "/user/login"), ("agent", "/pilotage"), ("mairie", "/depots"),
])  # fmt: skip
def test_each_begins_where_they_work(portal: Any, name: str, place: str) -> None:
    browser = person(portal, name) if name else Browser(portal)

    assert place_of(browser.client.get("/dashboard/datasets", follow_redirects=False)) == place


def place_of(answer: Any) -> str:
    return urlsplit(answer.headers["Location"]).path


def test_a_token_is_made_shown_once_and_revoked_without_a_script(portal: Any) -> None:
    browser = person(portal, "mairie")
    page = browser.open("/user/mairie/api-tokens")

    made = browser.send(page, named(page, "name"), {"name": "Relevés"})
    [token] = made.tree.xpath('//input[@id="token"]/@value')
    asked = {"Authorization": token}
    known = Browser(portal).client.get("/api/3/action/api_token_list?user_id=mairie", headers=asked)
    assert [each["name"] for each in known.json["result"]] == ["Relevés"]

    again = browser.open("/user/mairie/api-tokens")
    assert token not in again.text
    form = form_of(again, "/revoke")
    [chosen] = form.xpath('.//input[@name="token"]/@value')
    told = browser.send(again, form, {"token": [chosen]})
    assert "1 jeton révoqué" in told.text.replace("\xa0", " ")
    answer = Browser(portal).client.get(
        "/api/3/action/api_token_list?user_id=mairie", headers=asked
    )
    assert answer.status_code == 403


def test_a_token_without_a_name_is_explained_beside_its_field(portal: Any) -> None:
    browser = person(portal, "mairie")
    page = browser.open("/user/mairie/api-tokens")

    told = browser.send(page, named(page, "name"), {"name": ""})

    [field] = told.tree.xpath('//main//input[@name="name"]')
    assert field.get("aria-invalid") == "true"
    [error] = told.tree.xpath(f'//*[@id="{field.get("aria-describedby")}"]')
    assert error.text_content().strip()


def test_a_member_is_added_changes_role_and_leaves(portal: Any) -> None:
    browser = person(portal, "agent")
    page = browser.open("/organization/member_new/betton")
    page = browser.send(page, named(page, "username"), {"username": "lectrice", "role": "member"})
    assert roles(page)["lectrice"] == "Membre"

    user = act("user_show", id="lectrice")["id"]
    page = browser.open(f"/organization/member_new/betton?user={user}")
    page = browser.send(page, named(page, "role"), {"role": "editor"})
    assert roles(page)["lectrice"] == "Éditeur"

    betton = act("organization_show", id="betton")["id"]
    page = browser.open(f"/organization/member_delete/{betton}?user={user}")
    page = browser.send(page, form_of(page, user), {}, ("delete", ""))
    assert "lectrice" not in roles(page)


def roles(page: Page) -> dict[str, str]:
    rows = page.tree.xpath("//main//tbody/tr")
    return {r[0].text_content().strip(): r[1].text_content().strip() for r in rows}


def test_a_dataset_is_deleted_after_a_question_and_erased_from_the_trash(portal: Any) -> None:
    act("package_create", **(TREES | {"name": "bancs", "title": "Bancs"}))
    browser = person(portal, "responsable")
    page = browser.open("/dataset/delete/bancs")
    browser.send(page, form_of(page, "/delete/bancs"), {}, ("cancel", ""))
    assert act("package_show", id="bancs")["state"] == "active"

    browser.send(page, form_of(page, "/delete/bancs"), {}, ("delete", ""))
    assert act("package_show", id="bancs")["state"] == "deleted"

    trash = browser.open("/ckan-admin/trash")
    assert "Bancs" in trash.text
    page = browser.open("/ckan-admin/trash?name=package")
    browser.send(page, form_of(page, "/trash"), {}, ("action", "package"))
    assert "Bancs" not in browser.open("/ckan-admin/trash").text


def test_a_deposited_file_stays_when_only_its_name_changes(portal: Any) -> None:
    kept = act("resource_create", package_id="arbres", url="a.csv", url_type="upload", name="A")
    browser = person(portal, "mairie")
    page = browser.open(f"/dataset/arbres/resource/{kept['id']}/edit")

    browser.send(page, page.form("resource-edit"), {"name": "B"}, ("save", "go-dataset-complete"))

    after = act("resource_show", id=kept["id"])
    assert (after["name"], after["url"], after["url_type"]) == ("B", kept["url"], "upload")


def test_only_who_administers_the_site_reads_addresses_and_gives_that_right(portal: Any) -> None:
    assert Browser(portal).client.get("/user/").status_code == 403
    assert "@mairie.example" not in person(portal, "agent").open("/user/").text
    assert not person(portal, "agent").open("/user/voisine").tree.xpath('//*[@id="power"]')
    browser = person(portal, "responsable")
    assert "mairie@mairie.example" in browser.open("/user/").text

    page = browser.open("/user/voisine")
    browser.send(page, form_of(page, "/user/sysadmin"), {})
    assert act("user_show", id="voisine")["sysadmin"]
    page = browser.open("/user/voisine")
    browser.send(page, form_of(page, "/user/sysadmin"), {})
    assert not act("user_show", id="voisine")["sysadmin"]


def test_an_account_corrects_its_name_and_a_wrong_password_stops_the_form(portal: Any) -> None:
    browser = person(portal, "mairie")
    page = browser.open("/user/edit/mairie")
    browser.send(page, page.form("user-edit-form"), {"fullname": "Service"}, ("save", ""))
    assert act("user_show", id="mairie")["fullname"] == "Service"

    wrong = {"old_password": "faux", "password1": PASSWORD + "2", "password2": PASSWORD + "2"}
    told = browser.send(page, page.form("user-edit-form"), wrong, ("save", ""))
    [field] = told.tree.xpath('//input[@name="old_password"]')
    assert field.get("aria-describedby") == "field-password-old-error"
    assert told.errors()
