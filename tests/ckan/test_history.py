"""The history of a dataset: rows, deliveries and description, readable by people; former files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit

from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import make_territory
from tests.ckan.test_table_pages import make
from tests.ckan.test_table_versions import AFTER, BEFORE, again

PAGE = "/dataset/lieux/historique"


@pytest.fixture
def resource(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A file of Acigné that came twice."""
    make_territory(tmp_path, monkeypatch)
    made = make(act("organization_show", id="acigne"), BEFORE.encode())
    again(made, AFTER)
    return made


def text_of(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\u202f", " ").split())


def test_the_history_says_rows_columns_and_examples(app: Any, resource: Any) -> None:
    told = text_of(app.get(PAGE).body)

    assert "1 ligne ajoutée ; 1 ligne changée ; 1 ligne retirée" in told
    assert "1 colonne nouvelle : gratuit" in told
    assert "code A2" in told
    assert "places : 20 → devient 25" in told
    assert "premier état connu" in told


def test_a_former_file_can_be_downloaded(app: Any, resource: Any) -> None:
    links = re.findall(r'href="([^"]+/fichier/version/[^"]+)"', app.get(PAGE).body)

    answers = [app.get(link) for link in links]

    assert [answer.data for answer in answers] == [AFTER.encode(), BEFORE.encode()]
    assert answers[1].headers["Content-Disposition"].startswith("attachment")


def test_fields_are_told_before_and_after_in_french(app: Any, resource: Any) -> None:
    change = toolkit.get_action("package_patch")
    change({"user": "agent"}, {"id": "lieux", "title": "Lieux publics", "contact_name": "Guichet"})
    change({"user": "agent"}, {"id": "lieux", "license_id": "odc-odbl", "frequency": "yearly"})

    told = text_of(app.get(PAGE).body)

    assert "Description" in told
    assert "à la main" in told
    assert "Lieux → devient Lieux publics" in told
    assert "Licence Ouverte" in told
    assert "Guichet" not in told
    browser = Browser(app)
    browser.log_in("mairie")
    assert "Guichet" in text_of(browser.open(PAGE).text)


def test_what_was_private_stays_so(app: Any, resource: Any) -> None:
    act("package_patch", id="lieux", private=True)
    again(resource, BEFORE.replace("Gare", "Secret"))
    act("package_patch", id="lieux", private=False)
    again(resource, AFTER)

    page = app.get(PAGE).body

    assert "Secret" not in page.split("code A1")[0]
    versions = act("territoire_history_show", id="lieux")["entries"]
    hidden = next(v for v in versions if v["kind"] == "rows" and v["told"]["is_private"])
    assert f"/version/{hidden['version']}/" not in page
    app.get(f"/dataset/lieux/fichier/version/{hidden['version']}/x.csv", status=404)


def test_a_private_dataset_has_no_history_for_visitors(app: Any, resource: Any) -> None:
    links = re.findall(r'href="([^"]+/fichier/version/[^"]+)"', app.get(PAGE).body)
    act("package_patch", id="lieux", private=True)

    for address in (PAGE, *links):
        app.get(address, status=404)
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_history_show")(
            {"user": "", "ignore_auth": False}, {"id": "lieux"}
        )


def test_who_publishes_takes_a_former_file_out(app: Any, resource: Any) -> None:
    browser = Browser(app)
    browser.log_in("mairie")
    page = browser.open(PAGE)
    forms = [form for form in page.tree.forms if str(form.action).endswith("/retirer")]

    [form] = forms
    browser.send(page, form, {})

    [link] = re.findall(r'href="([^"]+/fichier/version/[^"]+)"', app.get(PAGE).body)
    assert app.get(link).data == AFTER.encode()
    assert "Ce fichier a été retiré de l’historique." in text_of(app.get(PAGE).body)


def test_the_file_of_today_is_not_taken_out(resource: Any) -> None:
    [last, *_] = act("territoire_history_show", id="lieux")["entries"]

    with pytest.raises(toolkit.ValidationError) as fault:
        act("territoire_version_hide", id="lieux", version=last["version"])

    assert fault.value.error_dict["version"][0].startswith("TER-API-261")


@pytest.mark.parametrize("person", ["", "lectrice", "voisine"])
def test_nobody_else_takes_a_file_out(resource: Any, person: str) -> None:
    [last, *_] = act("territoire_history_show", id="lieux")["entries"]

    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_version_hide")(
            {"user": person, "ignore_auth": False}, {"id": "lieux", "version": last["version"]}
        )


def test_a_merged_table_tells_its_deliveries(app: Any, resource: Any) -> None:
    for rows in ([park(n) for n in range(1, 21)], [park(n, nb_places=9) for n in range(1, 20)]):
        told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
                   upload=upload(to_csv(*rows)))  # fmt: skip
        act("territoire_delivery_publish", id=told["id"])

    told = text_of(app.get(f"/dataset/{SLUG}/historique").body)

    assert "Livraison : Acigné" in told
    assert "20 lignes ajoutées" in told
    assert "19 lignes changées ; 1 ligne retirée" in told


def test_the_activities_of_ckan_lead_to_the_history(app: Any, resource: Any) -> None:
    answer = app.get("/dataset/activity/lieux", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(PAGE)
    assert PAGE in app.get("/dataset/lieux").body


@pytest.mark.parametrize("asked", ["page=0", "page=-1", "page=x", "page=99999"])
def test_nonsense_in_the_address_is_a_page(app: Any, resource: Any, asked: str) -> None:
    assert app.get(f"{PAGE}?{asked}").status_code == 200


def test_values_are_escaped(app: Any, resource: Any) -> None:
    again(resource, "code;nom;places\nA1;<script>x</script>;1\n")

    page = app.get(PAGE).body

    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
