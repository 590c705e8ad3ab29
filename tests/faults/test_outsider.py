"""A hostile visitor of the portal: what they send comes back refused, or does nothing.

Ids of others, addresses that lead inside, names of hosts and proxies, redirections, ends of lines,
paths, formulas, SQL, patterns and bodies that are meant to cost time or memory.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from ckan import model
from ckan.logic import get_action
from ckan.plugins import toolkit

from ckanext.territoire import files, logic
from ckanext.territoire.table import load
from tests.ckan import contribution_rows
from tests.ckan.conftest import act
from tests.ckan.every_page import TREES, Portal, portal, without_quota
from tests.ckan.form_browser import PASSWORD, Browser
from tests.ckan.parking_rows import SLUG

__all__ = ["portal", "without_quota"]
EVIL = "ailleurs.example"
ROOT = f"/api/territoire/v1/tables/{SLUG}"
TABLES = ("/api/territoire/v1/tables", f"{ROOT}/rows", ROOT)
PAGES = (
    "/", "/dataset/", "/dataset/arbres", "/commune/acigne", "/user/login", "/robots.txt",
    "/sitemap.xml", "/feeds/dataset.atom", "/catalog.ttl", "/dataset/arbres.jsonld",
    "/api/territoire/v1/openapi.json", "/api/3/action/package_show?id=arbres", "/nulle-part",
    "/en/dataset/", "/dataset", "/developpeurs/abonnements", *TABLES,
)  # fmt: skip


@pytest.fixture
def client(portal: Portal) -> Any:
    return Browser(portal.app).client


# --- ids of others ------------------------------------------------------------------------------

# what anybody may do with the id of something public, and answers to everybody alike
OPEN_TO_ALL = {
    "territoire_question_create", "territoire_reuse_create", "territoire_flag_create",
    "territoire_attempt_create", "territoire_key_create", "territoire_webhook_create",
    "territoire_search",
    # of their own choices, whatever the id; of an address, for who publishes anywhere
    "territoire_notice_update", "territoire_source_recognise",
}  # fmt: skip


@pytest.fixture(scope="module")
def of_others(portal: Portal) -> list[str]:
    """The ids of things of Acigné, of its people and of the EPCI; not those of Betton, whose
    officer is one of the strangers."""
    theirs = {*portal.values["depots"].values(), *portal.values["invitation"].values(),
              *portal.values["reparer"].values(), *portal.values["questions"].values()}  # fmt: skip
    values = {value for group in portal.values.values() for value in group.values()} - theirs
    by = {"user": "mairie"}
    key = toolkit.get_action("territoire_key_create")(by, {"name": "Carte"})
    hook = {"url": "https://exemple.fr/ici", "kind": "all"}
    webhook = toolkit.get_action("territoire_webhook_create")(by, hook)
    reuse = contribution_rows.propose(title="À lire")
    more = {str(key["id"]), str(webhook["id"]), str(reuse["id"]), "1", "arbres", "mairie"}
    return sorted(value for value in values | more if not value.startswith("?"))


@pytest.mark.parametrize("person", ["", "lectrice", "voisine"])
def test_nobody_acts_on_what_is_of_others_by_its_id(
    portal: Portal, of_others: list[str], person: str
) -> None:
    done = []
    acts = {
        name
        for name, each in logic.actions().items()
        if name.startswith("territoire_") and not getattr(each, "side_effect_free", False)
    }
    for name, one in itertools.product(sorted(acts - OPEN_TO_ALL), of_others):
        asked = {
            "id": one, "version": "1", "job_id": one, "state": "accepted", "decision": "mask",
            "kind": "column", "column": "nom", "reason": "x", "answer": "x", "remark": "x",
            "per_minute": "100", "why": "x", "organization": "acigne", "title": "x", "url": "https://a.fr",
        }  # fmt: skip
        try:
            get_action(name)({"user": person, "ignore_auth": False}, asked)  # type: ignore[arg-type]
        except (toolkit.NotAuthorized, toolkit.ObjectNotFound, toolkit.ValidationError):
            model.Session.rollback()
        else:
            done.append((name, one))
    assert len(acts) > 40
    assert sorted({name for name, _ in done}) == []


# --- addresses that lead inside ------------------------------------------------------------------


@pytest.fixture
def inside() -> Iterator[tuple[str, list[int]]]:
    """A server of this machine that counts who speaks to it."""
    heard: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        is_over = threading.Event()

        def listen() -> None:
            while not is_over.is_set():
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                heard.append(1)
                line.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", heard
        is_over.set()
        thread.join()


@pytest.mark.parametrize("form", [
    "http://{}/", "http://{}/a.csv", "http://agent:mot@{}/", "http://0x7f000001:{port}/",
    "http://2130706433:{port}/", "http://127.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://localhost:{port}/", "http://{}#@exemple.fr/", "http://exemple.fr@{}/",
    "file:///etc/passwd", "gopher://{}/_x", "http://\\\\{}/", "http:/{}/", "//{}/a.csv",
])  # fmt: skip
def test_no_field_that_takes_an_address_leads_inside(
    portal: Portal, inside: tuple[str, list[int]], form: str
) -> None:
    host, heard = inside
    url = form.format(host, port=host.rpartition(":")[2])
    fields: list[tuple[str, str, dict[str, Any]]] = [
        ("agent", "territoire_source_create", {
            "kind": "ckan_portal", "url": url, "organization": "acigne", "title": "Dedans"}),
        ("agent", "territoire_source_preview", {"url": url, "organization": "acigne"}),
        ("agent", "territoire_source_discover", {"url": url}),
        ("agent", "territoire_delivery_create", {
            "organization": "acigne", "schema": SLUG, "url": url}),
        ("mairie", "territoire_webhook_create", {"url": url, "kind": "all"}),
        ("mairie", "territoire_reuse_create", contribution_rows.REUSE | {
            "url": url, "datasets": ["arbres"]}),
        ("mairie", "resource_create", {"package_id": "arbres", "url": url, "format": "CSV"}),
        ("agent", "organization_patch", {"id": "acigne", "image_url": url}),
    ]  # fmt: skip
    for person, action, data in fields:
        try:
            made = get_action(action)({"user": person}, dict(data))
            if action == "territoire_webhook_create":
                get_action("territoire_webhook_verify")({"user": person}, {"id": made["id"]})
        except (toolkit.ValidationError, toolkit.ObjectNotFound, toolkit.NotAuthorized):
            model.Session.rollback()
    load.load_waiting()
    assert heard == []


# --- what is hidden, what is not there ------------------------------------------------------------


@pytest.fixture(scope="module")
def hidden(portal: Portal) -> str:
    """A dataset of Acigné that its people alone see."""
    made = get_action("package_create")(
        {"user": "responsable"}, TREES | {"name": "caches", "title": "Cachés", "private": True}
    )
    return str(made["name"])


@pytest.mark.parametrize("person", ["", "voisine"])
@pytest.mark.parametrize("path", [
    "/dataset/{}/resource/new", "/dataset/delete/{}", "/dataset/edit/{}", "/dataset/{}",
    "/dataset/collaborators/{}", "/dataset/resources/{}", "/dataset/{}.ttl",
    "/dataset/{}/historique",
])  # fmt: skip
def test_a_hidden_dataset_answers_as_one_that_is_not_there(
    portal: Portal, hidden: str, person: str, path: str
) -> None:
    browser = signed_in(portal, person)
    answers = [browser.client.get(path.format(name), follow_redirects=False)
               for name in (hidden, "bancs", "nulle-part")]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("person", ["", "lectrice", "mairie", "responsable"])
@pytest.mark.parametrize("path", [
    "/organization/delete/nulle-part", "/organization/edit/nulle-part", "/organization/nulle-part",
    "/organization/manage_members/nulle-part", "/dataset/delete/nulle-part",
    "/dataset/nulle-part/resource/new", "/dataset/arbres/resource/nulle-part/delete",
])  # fmt: skip
def test_what_is_not_there_is_said_with_our_page(portal: Portal, person: str, path: str) -> None:
    page = signed_in(portal, person).open(path)
    assert page.status in (403, 404)
    assert page.tree.xpath('//header//a[@href="/"]')


@pytest.mark.parametrize("person", ["", "lectrice", "voisine"])
def test_nobody_is_asked_to_confirm_what_they_may_not_do(portal: Portal, person: str) -> None:
    client = signed_in(portal, person).client
    assert client.get("/dataset/delete/arbres", follow_redirects=False).status_code == 403
    assert client.get("/organization/delete/acigne", follow_redirects=False).status_code == 403


@pytest.mark.parametrize("path", ["/organization/delete/nulle-part", "/dataset/delete/nulle-part",
                                  "/dataset/nulle-part/resource/new", "/dataset/delete/caches",
                                  "/dataset/caches/resource/new"])  # fmt: skip
def test_what_is_sent_to_what_is_hidden_or_not_there_is_refused(
    portal: Portal, hidden: str, path: str
) -> None:
    browser = signed_in(portal, "voisine")
    form = browser.open("/organization/betton").tree.xpath("//input[@name='_csrf_token']")
    token = {"_csrf_token": form[0].get("value")} if form else {}
    answer = browser.client.post(path, data=token, follow_redirects=False)
    assert 400 <= answer.status_code < 500
    assert "Cachés" not in answer.get_data(as_text=True)


def test_who_may_delete_a_dataset_is_asked_to_confirm(portal: Portal) -> None:
    answer = signed_in(portal, "responsable").client.get("/dataset/delete/arbres")
    assert answer.status_code == 200


def signed_in(portal: Portal, person: str) -> Browser:
    browser = Browser(portal.app)
    if person:
        browser.log_in(person)
    return browser


# --- hosts, proxies, redirections, ends of lines --------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_repeats_a_host_that_is_not_ours(client: Any, path: str) -> None:
    sent = {"X-Forwarded-Host": EVIL, "X-Host": EVIL, "X-Forwarded-Server": EVIL,
            "Forwarded": f"host={EVIL};proto=https", "X-Original-URL": f"https://{EVIL}/",
            "X-Rewrite-URL": f"https://{EVIL}/", "X-Forwarded-Prefix": f"//{EVIL}",
            "X-Script-Name": f"//{EVIL}", "Referer": f"https://{EVIL}/",
            "Origin": f"https://{EVIL}"}  # fmt: skip
    for base in (f"https://{EVIL}", "http://localhost"):
        answer = client.get(path, base_url=base, headers=sent, follow_redirects=False)
        assert EVIL not in answer.get_data().decode(errors="replace"), path
        told = {name: value for name, value in answer.headers.items() if EVIL in value}
        assert told == {}, path


@pytest.mark.parametrize("path", [
    f"//{EVIL}/", f"//{EVIL}/..", f"/%5C{EVIL}/", f"/dataset//{EVIL}", f"/en//{EVIL}/",
    f"/fr//{EVIL}", f"//{EVIL}/dataset", f"/user/login?came_from=https://{EVIL}/",
    f"/user/login?next=//{EVIL}", f"/user/login?came_from=/%5C{EVIL}",
    f"/user/_logout?came_from=//{EVIL}", f"/user/logged_in?came_from=//{EVIL}",
    f"/user/logged_out_redirect?came_from=//{EVIL}", f"/util/redirect?url=https://{EVIL}",
    f"/api/documentation?_external=1&_scheme=https&_host={EVIL}",
    f"/api/documentation?host={EVIL}&qualified=1&protocol=https",
    f"/developpeurs/api/essayer?demande=rows&table=//{EVIL}",
    f"/telecharger/%2F%2F{EVIL}", f"/dataset?q=//{EVIL}", f"/dashboard/?came_from=//{EVIL}",
    f"/organization/activity/%2F%2F{EVIL}", f"/harvest/..%2F%2F{EVIL}",
])  # fmt: skip
def test_no_redirection_leaves_the_site(client: Any, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code < 500
    place = urlsplit(answer.headers.get("Location", "").replace("\\", "/"))
    assert place.netloc in ("", urlsplit(toolkit.config["ckan.site_url"]).netloc, "localhost")
    assert place.scheme in ("", "http", "https")


@pytest.mark.parametrize("told", [
    f"https://{EVIL}/", f"//{EVIL}", f"/\\{EVIL}", f"///{EVIL}", "javascript:alert(1)",
    f"http:{EVIL}", f"\t//{EVIL}", f"/%09/{EVIL}", f"@{EVIL}", f"https:/{EVIL}",
])  # fmt: skip
def test_who_signs_in_stays_on_the_site(portal: Portal, told: str) -> None:
    browser = Browser(portal.app)
    page = browser.open(f"/user/login?came_from={quote(told, safe='')}")
    form = next(f for f in page.tree.forms if "login" in f.fields)
    assert not (form.action or "").startswith(("http:", "https:", "//"))
    data = dict(form.form_values()) | {"login": "mairie", "password": PASSWORD}
    answer = browser.client.post(form.action, data=data, follow_redirects=False)
    place = urlsplit(answer.headers.get("Location", "").replace("\\", "/").strip())
    assert place.netloc in ("", urlsplit(toolkit.config["ckan.site_url"]).netloc, "localhost")
    assert place.scheme in ("", "http", "https")


@pytest.mark.parametrize("path", [
    "/dataset/arbres/fichier/a%0D%0AX-Mine:%20b.csv", "/dataset/%0D%0AX-Mine:b",
    f"{ROOT}/rows?sort=%0D%0AX-Mine:b", "/dataset/?q=%0D%0AX-Mine:b", "/en/%0D%0AX-Mine:b",
    "/user/login?came_from=/%0D%0AX-Mine:b", "/commune/%0D%0AX-Mine:b/",
    f"{ROOT}/changes?since=%0D%0AX-Mine:b", "/api/documentation?table=%0D%0AX-Mine:b",
    "/dataset/arbres/fichier/version/1/a%0D%0AX-Mine:b",
])  # fmt: skip
def test_an_end_of_line_makes_no_header(client: Any, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code < 500
    assert "X-Mine" not in answer.headers
    assert not any("\r" in value or "\n" in value for value in answer.headers.values())


# --- paths, patterns, SQL, sizes ------------------------------------------------------------------


@pytest.mark.parametrize("path", [
    "/dataset/arbres/fichier/..%2F..%2F..%2Fetc%2Fpasswd", "/../../etc/passwd",
    "/dataset/..%2F..%2Fetc%2Fpasswd", "/webassets/../../secrets.json", "/%2e%2e/secrets.json",
    "/base/..%2F..%2Fckan.ini", "/uploads/..%2F..%2Fckan.ini", "/aide/..%2F..%2Fetc%2Fpasswd",
    "/modeles/..%2F..%2F/schema.json", "/file/download/..%2F..%2Fetc%2Fpasswd",
    "/dataset/arbres/resource/..%2F..%2F/download/passwd", f"{ROOT}/..%2F..%2Fsecrets.json",
    "/identite/..%2F..%2Fsecrets.json", "/cartes/..%2F..%2Fsecrets.json",
])  # fmt: skip
def test_a_path_does_not_leave_its_folder(client: Any, path: str) -> None:
    answer = client.get(path, follow_redirects=True)
    told = answer.get_data().decode(errors="replace")
    assert answer.status_code < 500
    assert "root:" not in told
    assert "secret_key" not in told.lower()
    assert "sqlalchemy.url" not in told


HOSTILE = (
    "'", "' OR '1'='1", "'; DROP TABLE package;--", '"', "\\", "%", "_", "%%%", "\x00", "é" * 3000,
    "(" * 500, ")" * 500, '"' * 501, "a" * 5000, "aA" * 2500, "'-" * 2000, "l’" * 2000, "a-" * 2500,
    "*" * 300, "?" * 300, "~" * 300, "{!func}1", "{!xmlparser v='<!DOCTYPE a SYSTEM \"http://127.0.0.1/\">'}",
    "title:*", "+*:* -", "_query_:\"{!lucene}*:*\"", "a:b:c", "[* TO *]", "1e999", "NaN", "-0",
    "9" * 400, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\u202e\u2066", "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}", "$where", "1) UNION SELECT password FROM \"user\"--",
)  # fmt: skip


@pytest.mark.parametrize("path", [
    "/dataset/?q={}", "/recherche/idees?q={}", "/dataset/?tags={}", "/dataset/?sort={}",
    "/dataset/?page={}", "/dataset/?ext_bbox={}", "/organization/acigne?q={}",
    "/api/3/action/package_search?q={}", "/api/3/action/package_search?fq={}",
    "/api/3/action/package_search?sort={}", "/api/3/action/package_autocomplete?q={}",
    f"{ROOT}/rows?nom={{}}", f"{ROOT}/rows?nom__contains={{}}", f"{ROOT}/rows?sort={{}}",
    f"{ROOT}/rows?fields={{}}", f"{ROOT}/rows?group_by={{}}", f"{ROOT}/rows?nb_places__gte={{}}",
    f"{ROOT}/rows?bbox={{}}", f"{ROOT}/rows?after={{}}", f"{ROOT}/changes?since={{}}",
    f"{ROOT}/rows?q={{}}", "/communes?q={}", "/questions?q={}", "/reutilisations?q={}",
    "/moissons?q={}", "/feeds/custom.atom?q={}", "/catalog.ttl?q=arbres%20{}", "/catalog.ttl?q={}",
    "/ligne/{}?cle={}",
])  # fmt: skip
def test_a_hostile_question_is_answered_or_refused_and_never_breaks(client: Any, path: str) -> None:
    before = model.Session.query(model.Package).count()
    broken = []
    for text in HOSTILE:
        answer = client.get(path.replace("{}", quote(text)), follow_redirects=True)
        told = answer.get_data().decode(errors="replace")
        is_telling = any(word in told for word in ("psycopg2", "sqlalchemy.exc", "Traceback",
                                                   "SolrError", "pbkdf2"))  # fmt: skip
        if answer.status_code >= 500 or is_telling:
            broken.append((text[:60], answer.status_code))
    assert broken == []
    model.Session.rollback()
    assert model.Session.query(model.Package).count() == before


@pytest.mark.parametrize("asked", [
    {"filters": {"nom": ["'; DROP TABLE x;--"]}}, {"filters": {"nom') OR 1=1--": "a"}},
    {"sort": "nom; DROP TABLE x"}, {"sort": "nom, (SELECT 1)"}, {"fields": "nom,(SELECT 1)"},
    {"fields": ["nom\" FROM pg_user--"]}, {"q": {"nom') --": "a"}}, {"q": "' & ! ("},
    {"q": "a", "plain": False}, {"q": {"nom": "a:* | "}, "plain": False}, {"limit": "1; SELECT 1"},
    {"offset": -1}, {"distinct": "1) UNION SELECT 1--"}, {"language": "french'); SELECT 1--"},
    {"records_format": "csv'); --"}, {"filters": {"_id": {"$gt": 0}}}, {"filters": [1]},
    {"resource_id": "pg_user"}, {"resource_id": '"; SELECT 1--'},
    {"resource_id": "_table_metadata"}, {"resource_id": "spatial_ref_sys"},
])  # fmt: skip
def test_the_datastore_takes_no_sql(portal: Portal, client: Any, asked: dict[str, Any]) -> None:
    table = portal.values["/datastore/api_info/<resource_id>"]["resource_id"]
    whole = {"resource_id": table, "limit": 1}
    before = client.post("/api/3/action/datastore_search", json=whole).json["result"]["total"]
    answer = client.post("/api/3/action/datastore_search", json={"resource_id": table, **asked})
    assert answer.status_code < 500
    told = answer.get_data().decode(errors="replace")
    assert "passwd" not in told
    assert "psycopg2" not in told
    kept = client.post("/api/3/action/datastore_search", json=whole)
    assert kept.json["result"]["total"] == before > 0


@pytest.mark.parametrize("path", ["/catalog.1", "/catalog.exe", "/dataset/arbres.html.1"])
def test_a_form_that_the_catalogue_has_not_is_unknown(client: Any, path: str) -> None:
    assert client.get(path).status_code == 404
    for form in ("ttl", "xml", "rdf", "n3", "jsonld"):
        assert client.get(f"/dataset/arbres.{form}").status_code == 200


def test_a_catalogue_that_is_asked_two_words_has_addresses_of_pages(client: Any) -> None:
    answer = client.get("/catalog.ttl?q=arbres%20parcs")
    assert answer.status_code == 200
    assert "q=arbres+parcs&page=1" in answer.get_data().decode()


@pytest.mark.parametrize("action", ["datastore_search_sql", "datastore_create", "datastore_upsert",
                                    "datastore_delete", "datastore_function_create"])  # fmt: skip
def test_nobody_writes_the_datastore_or_speaks_sql_to_it(
    portal: Portal, client: Any, action: str
) -> None:
    table = portal.values["/datastore/api_info/<resource_id>"]["resource_id"]
    asked = {"sql": "SELECT 1", "resource_id": table, "records": [{"nom": "x"}], "force": True,
             "name": "f", "definition": "BEGIN END"}  # fmt: skip
    answer = client.post(f"/api/3/action/{action}", json=asked)
    assert answer.status_code in (400, 403, 404)


@pytest.mark.parametrize("body", [
    "[" * 100_000, '{"a":' * 100_000, '{"q": "' + "a" * 2_000_000 + '"}', "null", "[]", "1", '"a"',
    '{"q": NaN}', '{"rows": 1e400}', '{"rows": 99999999999999999999}', '{"q": {"a": 1}}',
    '{"fq": ["a", {}]}', '{"facet.field": {}}', '{"facet.field": "[' + '\\"a\\",' * 500 + ']"}',
    '{"start": -1}', '{"sort": {}}', "\xff\xfe", "",
], ids=lambda body: body[:20])  # fmt: skip
def test_a_hostile_body_is_refused_by_the_api(client: Any, body: str) -> None:
    for action in ("package_search", "package_show", "datastore_search", "territoire_history_show"):
        answer = client.post(f"/api/3/action/{action}", data=body.encode("latin-1"),
                             content_type="application/json")  # fmt: skip
        assert answer.status_code < 500, (action, body[:40])


def test_a_huge_address_and_many_fields_are_refused_or_answered(client: Any) -> None:
    many = "&".join(f"a{n}=1" for n in range(20_000))
    for path in ("/dataset/", f"{ROOT}/rows", "/recherche/idees", "/communes", "/depots/"):
        assert client.get(f"{path}?{many}", follow_redirects=True).status_code < 500, path
        assert client.get(f"{path}?q={'a' * 200_000}", follow_redirects=True).status_code < 500
    fields = {f"a{n}": "1" for n in range(20_000)}
    assert client.post("/user/login", data=fields).status_code < 500
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="a{n}"\r\n\r\n1\r\n'
                    for n in range(3_000)) + "--x--\r\n"  # fmt: skip
    answer = client.post("/user/login", data=parts, content_type="multipart/form-data; boundary=x")
    assert answer.status_code < 500


# --- formulas -------------------------------------------------------------------------------------

FORMULAS = ("=1+1", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+cmd|' /C calc'!A0", "\t=1", "\n=1+1",
            "\r=1", "＝1+1", "+1+cmd|'/C calc'!A0")  # fmt: skip


def test_no_file_for_spreadsheets_holds_a_formula(portal: Portal) -> None:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["nom", "note"])
    lines.writerows([each, f"x{n}"] for n, each in enumerate(FORMULAS))
    made = act("package_create", name="formules", title="=1+1", notes="Essai", owner_org="acigne",
               license_id="lov2")  # fmt: skip
    address = f"{toolkit.config['ckan.site_url']}/dataset/{made['id']}/fichier/a.csv"
    resource = act("resource_create", package_id=made["id"], name="=1+1", format="CSV", url=address,
                   hash=files.keep(out.getvalue().encode()))  # fmt: skip
    load.load_waiting()
    browser = Browser(portal.app)
    browser.log_in("responsable")
    for path in (
        f"/datastore/dump/{resource['id']}", f"/datastore/dump/{resource['id']}?format=tsv",
        f"/datastore/dump/{resource['id']}?bom=true", "/api/territoire/v1/usage.csv",
        "/pilotage/journal.csv", f"/dataset/formules/resource/{resource['id']}/graphique.csv",
    ):  # fmt: skip
        told = browser.client.get(path, follow_redirects=True)
        assert told.status_code in (200, 404), path
        text = told.get_data().decode(errors="replace").lstrip("\ufeff")
        mark = "\t" if "tsv" in path else ";" if "journal" in path else ","
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=mark) for cell in row]
        runs = [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r", "\n", "＝"))]
        assert runs == [], path
        assert not [cell for cell in cells if cell.startswith(("+", "-")) and "cmd" in cell], path
    shown = json.loads(browser.client.get(
        f"/api/3/action/datastore_search?resource_id={resource['id']}").get_data())  # fmt: skip
    assert "=1+1" in [row["nom"] for row in shown["result"]["records"]]  # programs read it as it is
