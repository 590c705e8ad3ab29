"""What is private, a draft, deleted, held, not yet read or owned by somebody else is in no answer.

A canary stands in every field of such things. Then every route that a GET opens (pages, API,
feeds, catalogues, sitemap, archive, history, chart, search ideas, errors, /ogc's neighbours) and
every action that only reads is asked, as nobody and as an officer of another commune, with names of
public things and with those of the hidden ones.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from ckan import model
from ckan.logic import get_action
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import files, logic, minute
from ckanext.territoire.archive import contents
from ckanext.territoire.table import load
from ckanext.territoire.webhooks import streams
from ckanext.territoire.webhooks.model import Kind, Wish
from tests.ckan import contribution_rows
from tests.ckan.conftest import act
from tests.ckan.every_page import PART, Portal, portal, without_quota
from tests.ckan.form_browser import Browser
from tests.ckan.parking_rows import SLUG, deposit, park

__all__ = ["portal", "without_quota"]
CANARY = "canariprive8d2e"
# what acts as soon as it is opened, and what waits for a file of its own
NOT_OPENED = re.compile(r"_logout|/(abort|refresh|clear)/?|<path:filename>|webassets|^/testing")
ANY = re.compile(r"<any\(([^),]+)[^)]*\):\w+>")
READ_OF_CKAN = (
    "package_show package_list package_search package_autocomplete resource_show resource_search "
    "resource_view_list tag_list tag_show tag_autocomplete format_autocomplete group_show "
    "organization_show organization_list member_list user_show user_list user_autocomplete "
    "api_token_list package_activity_list organization_activity_list user_activity_list "
    "recently_changed_packages_activity_list activity_show activity_data_show "
    "package_relationships_list current_package_list_with_resources datastore_search "
    "datastore_info vocabulary_list license_list follow_dataset dataset_follower_list "
    "harvest_source_list harvest_source_show harvest_job_list harvest_object_list status_show"
).split()
PEOPLE = ("", "voisine")


@pytest.fixture(scope="module")
def hidden(portal: Portal) -> dict[str, str]:
    """Hide a canary in each place; answer what the hidden things are called."""
    private = _dataset("prive", private=True)
    for name, more in (("brouillon", {"state": "draft"}), ("efface", {})):
        _dataset(name, **more)
    act("package_delete", id=f"{CANARY}-efface")
    taken = _dataset("repris")  # public for a while, and taken back
    act("package_patch", id=taken["id"], private=True)
    deposit("acigne", *(park(n) for n in range(1, 21)), park(21, nom=CANARY, gratuit="parfois"))
    held = deposit("cesson-sevigne", park(9, "35051", nom=f"{CANARY} 06 12 34 56 78"))
    by = {"user": "mairie"}
    question = {"title": f"{CANARY} ?", "body": CANARY, "dataset": "arbres"}
    asked = toolkit.get_action("territoire_question_create")(by, question)
    contribution_rows.propose(title=CANARY, body=CANARY, author=CANARY)
    key = toolkit.get_action("territoire_key_create")(by, {"name": CANARY})
    hook = {"url": f"https://{CANARY}.exemple.fr/", "kind": "all"}
    webhook = toolkit.get_action("territoire_webhook_create")(by, hook)
    act("user_patch", id="mairie", fullname="Mairie", email=f"{CANARY}@mairie.example")
    load.load_waiting()
    minute.forget()
    [resource] = private["resources"]
    changes = text("SELECT id FROM activity WHERE object_id = :id ORDER BY timestamp LIMIT 1")
    activity = model.Session.execute(changes, {"id": taken["id"]}).scalar()
    return {
        "dataset": private["id"], "name": private["name"], "resource": resource["id"],
        "taken": taken["id"], "held": held, "question": str(asked["id"]), "key": key["id"],
        "webhook": str(webhook["id"]), "activity": str(activity or private["id"]),
    }  # fmt: skip


def _dataset(name: str, **more: Any) -> dict[str, Any]:
    """A dataset of Acigné with the canary in all that people may write, and a table of its own."""
    made = act(
        "package_create", name=f"{CANARY}-{name}", title=f"{CANARY} {name}", notes=CANARY,
        owner_org="acigne", license_id="lov2", tag_string=CANARY, contact_name=CANARY,
        contact_email=f"{CANARY}@exemple.fr", communes=["35001"], frequency="yearly", **more,
    )  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    table = f"nom;places\n{CANARY};12\nautre;13\n".encode()
    address = f"{site}/dataset/{made['id']}/fichier/{CANARY}.csv"
    act("resource_create", package_id=made["id"], name=CANARY, description=CANARY, format="CSV",
        hash=files.keep(table), url=address)  # fmt: skip
    return dict(act("package_show", id=made["id"]))


def routes(portal: Portal, values: Mapping[str, str]) -> list[str]:
    """An address for each route that a GET opens; a part without a value is `1`."""
    found = {}
    for rule in portal.app.flask_app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not NOT_OPENED.search(rule.rule):
            known = {**portal.values[""], **portal.values.get(rule.rule.split("/")[1], {}),
                     **portal.values.get(rule.rule, {})} | values  # fmt: skip
            path = ANY.sub(lambda part: part[1].strip("\"'"), rule.rule)
            found[PART.sub(lambda part, known=known: known.get(part[1], "1"), path)] = None
    return list(found)


def leaks(told: str, asked: str) -> bool:
    """Say whether an answer holds the canary; what was asked may be told back."""
    return CANARY in told.replace(asked, "").lower()


def test_no_route_tells_the_canary_to_who_may_not_see_it(
    portal: Portal, hidden: dict[str, str]
) -> None:
    of_hidden = {
        "id": hidden["dataset"], "_id": hidden["dataset"], "dataset": hidden["dataset"],
        "dataset_id": hidden["dataset"], "package_id": hidden["dataset"],
        "resource_id": hidden["resource"], "delivery_id": hidden["held"],
        "question_id": hidden["question"], "webhook_id": hidden["webhook"],
        "key_id": hidden["key"], "activity_id": hidden["activity"], "number": "1",
    }  # fmt: skip
    of_resource = of_hidden | {"id": hidden["resource"]}
    told = []
    for person in PEOPLE:
        browser = Browser(portal.app)
        if person:
            browser.log_in(person)
        for values in ({}, of_hidden, of_resource):
            for path in routes(portal, values):
                answer = browser.client.get(path, follow_redirects=False)
                body = answer.get_data().decode(errors="replace")
                if leaks(f"{body}{answer.headers}", path):
                    told.append((person, path))
    assert told == []


@pytest.mark.parametrize("path", [
    "/dataset/?q=canari", "/recherche/idees?q=canari", "/sitemap.xml",
    "/api/3/action/package_autocomplete?q=canari",
    "/dataset/?tags=canari", "/feeds/dataset.atom", "/feeds/custom.atom?q=canari",
    "/catalog.ttl", "/catalog.jsonld", "/catalog.xml?q=canari", "/api/territoire/v1/tables",
    f"/api/territoire/v1/tables/{SLUG}/rows?nom__contains=canari",
    f"/api/territoire/v1/tables/{SLUG}/rows?group_by=nom", f"/api/territoire/v1/tables/{SLUG}.csv",
    f"/api/territoire/v1/tables/{SLUG}/changes", f"/api/territoire/v1/tables/{SLUG}.geojson",
    "/api/3/action/package_search?facet.field=[%22tags%22,%22organization%22]&rows=0",
    "/api/3/action/package_search?q=*:*&include_private=true&include_drafts=true"
    "&include_deleted=true&rows=1000",
    "/api/3/action/tag_list", "/api/3/action/format_autocomplete?q=c", "/commune/acigne",
])  # fmt: skip
def test_no_search_no_count_and_no_feed_knows_the_canary(
    portal: Portal, hidden: dict[str, str], path: str
) -> None:
    for person in PEOPLE:
        browser = Browser(portal.app)
        if person:
            browser.log_in(person)
        answer = browser.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert CANARY not in answer.get_data().decode(errors="replace").lower(), (person, path)


def test_no_action_that_reads_tells_the_canary(portal: Portal, hidden: dict[str, str]) -> None:
    ids = list(hidden.values())
    asked: list[dict[str, Any]] = [{}, {"q": "canari"}, {"query": f"name:{CANARY[:8]}"}]
    asked += [{"id": each, "resource_id": each, "user_id": "mairie", "user": "mairie",
               "limit": 100} for each in [*ids, "acigne", "mairie"]]  # fmt: skip
    asked.append({"q": "canari", "include_private": True, "include_drafts": True,
                  "include_deleted": True, "id": "acigne", "organization": "acigne"})  # fmt: skip
    ours = {name: act_ for name, act_ in logic.actions().items()
            if getattr(act_, "side_effect_free", False)}  # fmt: skip
    told = []
    for name in sorted({*ours, *READ_OF_CKAN}):
        for data in asked:
            for person in PEOPLE:
                found = _ask(name, person, data)
                if leaks(found, str(data.get("id"))):
                    told.append((name, person, data))
    assert len(ours) > 30
    assert told == []


def _ask(name: str, person: str, data: dict[str, Any]) -> str:
    """What an action answers, or the words of its refusal."""
    context = {"user": person, "ignore_auth": False}
    try:
        found = get_action(name)(context, dict(data))  # type: ignore[arg-type]
    except Exception as fault:  # whatever it says is looked at
        model.Session.rollback()
        return str(fault)
    if inspect.isgenerator(found):
        found = list(found)
    return json.dumps(found, default=str, ensure_ascii=False)


def test_no_webhook_and_no_archive_holds_the_canary(portal: Portal, hidden: dict[str, str]) -> None:
    for wish, stream in ((Wish("https://a.fr", Kind.ALL), "datasets"),
                         (Wish("https://a.fr", Kind.DATASET, hidden["taken"]), "datasets"),
                         (Wish("https://a.fr", Kind.TABLE, SLUG), f"table:{SLUG}")):  # fmt: skip
        page = streams.read_page(wish, stream, "0", 10_000)
        assert CANARY not in json.dumps(page.data, default=str)
    packages = list(contents.packages())
    assert packages
    assert CANARY not in json.dumps(packages, default=str)
    for entry in contents.tables(frozenset(each["id"] for each in packages)):
        assert entry.path is not None
        assert CANARY.encode() not in entry.path.read_bytes()


def test_the_canary_can_be_seen_by_who_may(portal: Portal, hidden: dict[str, str]) -> None:
    """A walk that finds nothing anywhere would prove nothing."""
    browser = Browser(portal.app)
    browser.log_in("mairie")
    assert CANARY in browser.open(f"/dataset/{hidden['name']}").text
    assert leaks(_ask("package_show", "mairie", {"id": hidden["dataset"]}), "")
    found = _ask("datastore_search", "mairie", {"resource_id": hidden["resource"]})
    assert leaks(found, "")
