"""The clerk's form, sent over HTTP as a browser sends it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from ckan.tests import factories, helpers

from tests.ckan.form_browser import PASSWORD, Browser, Page
from tests.ckan.territory_rows import write_communes

pytestmark = pytest.mark.usefixtures("with_plugins", "clean", "communes")
NEXT = ("save", "")
DRAWN_BY_SOMEONE = '{"type":"Point","coordinates":[-1.6,48.1]}'


@pytest.fixture
def communes() -> None:
    write_communes()


@pytest.fixture
def acigne() -> dict[str, Any]:
    editor = factories.User(name="mairie-acigne", fullname="Mairie d’Acigné", password=PASSWORD)
    users = [{"name": editor["name"], "capacity": "editor"}]
    org: dict[str, Any] = factories.Organization(name="acigne", title="Acigné", users=users)
    return org


@pytest.fixture
def clerk(app: Any, acigne: dict[str, Any]) -> Browser:
    browser = Browser(app)
    browser.log_in("mairie-acigne")
    return browser


def act(action: str, **data: Any) -> dict[str, Any]:
    """Call an action as the site itself does."""
    site = helpers.call_action("get_site_user", {"ignore_auth": True})
    found: dict[str, Any] = helpers.call_action(action, {"user": site["name"]}, **data)
    return found


def answers(org: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The four answers that are enough, and others."""
    return {
        "title": "Horaires de la déchèterie",
        "name": "horaires",
        "owner_org": org["id"],
        "license_id": "lov2",
        **more,
    }


def fill_in(browser: Browser, given: dict[str, Any]) -> Page:
    page = browser.open("/dataset/new")
    assert page.status == 200
    return browser.send(page, page.form("dataset-edit"), given, NEXT)


def test_a_clerk_publishes_a_dataset_and_its_file_with_the_real_forms(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    page = fill_in(clerk, answers(acigne, theme=["dechets"], communes=["35001"], private="False"))
    assert page.errors() == []
    page = clerk.send(
        page,
        page.form("resource-edit"),
        {"url": "https://www.ville-acigne.fr/dechets.csv", "name": "Horaires 2026"},
        ("save", "go-metadata"),
    )
    assert page.url == "/dataset/horaires"
    dataset = act("package_show", id="horaires")
    assert (dataset["state"], dataset["private"]) == ("active", False)
    assert (dataset["theme"], dataset["communes"], dataset["license_id"]) == (
        ["dechets"],
        ["35001"],
        "lov2",
    )
    assert [r["format"] for r in dataset["resources"]] == ["CSV"]
    assert "Licence Ouverte 2.0 (Etalab)" in page.text


def test_a_clerk_deposits_a_file_from_her_computer(clerk: Browser, acigne: dict[str, Any]) -> None:
    page = fill_in(clerk, answers(acigne))
    content = "jour;ouvert\nlundi;oui\n".encode("cp1252")
    file = (BytesIO(content), "horaires été.csv")
    page = clerk.send(
        page,
        page.form("resource-edit"),
        {"upload": file, "url": "horaires été.csv", "name": "Horaires"},
        ("save", "go-metadata"),
    )
    assert page.url == "/dataset/horaires"
    (resource,) = act("package_show", id="horaires")["resources"]
    assert (resource["format"], resource["size"], resource["url_type"]) == (
        "CSV",
        len(content),
        "upload",
    )
    assert clerk.client.get("/" + resource["url"].split("/", 3)[3]).data == content


def test_the_form_sent_without_its_token_is_refused(clerk: Browser, acigne: dict[str, Any]) -> None:
    page = clerk.open("/dataset/new")
    form = page.form("dataset-edit")
    token = next(name for name in form.fields if "csrf" in name)
    refused = clerk.send(page, form, answers(acigne, **{token: None}), NEXT)
    assert 400 <= refused.status < 500
    assert act("package_search", include_drafts=True)["count"] == 0


def test_an_empty_form_says_in_french_what_is_missing_and_stores_nothing(clerk: Browser) -> None:
    page = fill_in(clerk, {"title": "", "license_id": ""})
    errors = " / ".join(page.errors())
    assert "Titre : À remplir" in errors.replace("\xa0", " ")
    assert "Choisissez une licence" in errors
    assert len(page.errors()) == 2
    assert act("package_search", include_drafts=True)["count"] == 0


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"theme": ["dechet"]},
        "« dechet » n’est pas dans la liste. Vouliez-vous dire : Déchets (dechets)",
    ),
    (
        {"license_id": "licence ouvert"},
        "« licence ouvert » n’est pas dans la liste. Vouliez-vous dire : Licence Ouverte 2.0",
    ),
    (
        {"communes": ["35002"]},
        "« 35002 » n’est ni le nom ni le code INSEE d’une commune du territoire.",
    ),
    ({"communes": ["Beton"]}, "Vouliez-vous dire : Betton (35024)"),
    (
        {"communes": ["Saint-Gilles"]},
        "Plusieurs communes s’appellent « Saint-Gilles » : donnez le code INSEE (35275",
    ),
    (
        {"issued": "31/02/2026"},
        "« 31/02/2026 » n’est pas une date. Écrivez par exemple 31/01/2026",
    ),
    (
        {"temporal_start": "2026", "temporal_end": "2025"},
        "Le dernier jour (2025) vient avant le premier (2026).",
    ),
    ({"contact_email": "mairie"}, "« mairie » n’est pas une adresse électronique"),
    ({"url": "javascript:alert(1)"}, "« javascript:alert(1) » n’est pas une adresse web."),
    ({"title": "é" * 501}, "Ce titre compte 501 caractères, 500 au plus."),
    ({"frequency": "quotidienement"}, "Vouliez-vous dire : Tous les jours (daily)"),
]


def test_a_wrong_answer_is_explained_in_french_with_near_values_and_stays_on_screen(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    for wrong, told in WRONG:
        page = fill_in(clerk, answers(acigne, **wrong))
        errors = " ".join(page.errors()).replace("\xa0", " ").replace("\u202f", " ")
        assert told in errors
        kept = page.form("dataset-edit").form_values()
        for name, value in wrong.items():
            assert (name, value if isinstance(value, str) else value[0]) in kept
    assert act("package_search", include_drafts=True)["count"] == 0


def test_saving_again_loses_nothing_that_the_form_does_not_show(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    hidden = {
        "properties": '{"lignes": "12"}',
        "upstream_uri": "https://data.exemple.fr/1",
        "language": "fr",
    }
    act(
        "package_create",
        **answers(
            acigne,
            theme=["eau", "dechets"],
            tag_string="eau,tri",
            spatial=DRAWN_BY_SOMEONE,
            **hidden,
        ),
        resources=[{"url": "https://a.fr/a.csv", "name": "a", "hash": "ab" * 32, "size": 12}],
    )
    before = act("package_show", id="horaires")
    page = clerk.open("/dataset/edit/horaires")
    page = clerk.send(page, page.form("dataset-edit"), {"title": "Nouveau titre"}, NEXT)
    assert page.errors() == []
    after = act("package_show", id="horaires")
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"title", "metadata_modified"}


def test_the_coverage_follows_the_communes_and_someone_elses_is_kept(
    acigne: dict[str, Any],
) -> None:
    first = act("package_create", **answers(acigne, communes=["35001"]))
    drawn = json.loads(first["spatial"])
    assert drawn["type"] == "Polygon"
    assert [-1.55, 48.13] in drawn["coordinates"][0]
    second = act("package_patch", id=first["id"], communes=["35001", "35024"])
    assert json.loads(second["spatial"])["type"] == "MultiPolygon"
    third = act("package_patch", id=first["id"], communes=[])
    assert "spatial" not in third
    act("package_patch", id=first["id"], communes=["35024"], spatial=DRAWN_BY_SOMEONE)
    last = act("package_patch", id=first["id"], communes=["35238"])
    assert (last["spatial"], last["communes"]) == (DRAWN_BY_SOMEONE, ["35238"])


def test_editing_in_the_browser_draws_the_coverage_again(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    act("package_create", **answers(acigne, communes=["35001"]))
    page = clerk.open("/dataset/edit/horaires")
    form = page.form("dataset-edit")
    assert "spatial" not in form.fields
    clerk.send(page, form, {"communes": ["35238"]}, NEXT)
    drawn = json.loads(act("package_show", id="horaires")["spatial"])
    assert drawn["communes"] == ["35238"]
    assert min(x for x, _ in drawn["coordinates"][0]) == -1.7


def test_communes_are_understood_by_name_and_stored_as_codes(acigne: dict[str, Any]) -> None:
    dataset = act("package_create", **answers(acigne, communes="Rennes, acigne, 35275"))
    assert dataset["communes"] == ["35001", "35238", "35275"]


def test_the_interface_understands_labels_and_addresses_and_stores_ids(
    acigne: dict[str, Any],
) -> None:
    dataset = act(
        "package_create",
        **answers(
            acigne,
            license_id="https://opendatacommons.org/licenses/odbl/1-0",
            theme=[
                "Transports",
                "http://publications.europa.eu/resource/authority/data-theme/ENVI",
            ],
            frequency="Mensuelle",
            modified="04/05/2026",
            contact_email="mailto:opendata@ville-acigne.fr",
        ),
    )
    assert (dataset["license_id"], dataset["frequency"]) == ("odbl-1.0", "monthly")
    assert dataset["theme"] == ["eu-envi", "transports"]
    assert (dataset["modified"], dataset["contact_email"]) == (
        "2026-05-04",
        "opendata@ville-acigne.fr",
    )


def test_a_call_that_names_no_licence_says_that_none_is_specified(acigne: dict[str, Any]) -> None:
    given = answers(acigne)
    del given["license_id"]
    dataset = act("package_create", **given)
    assert (dataset["license_id"], dataset["license_title"]) == (
        "notspecified",
        "Licence non précisée",
    )
    assert dataset["isopen"] is False


def test_the_page_says_the_answers_in_french_and_leaves_no_empty_line(
    app: Any, acigne: dict[str, Any]
) -> None:
    act(
        "package_create",
        **answers(
            acigne,
            theme=["eau", "dechets"],
            communes=["35001", "35238"],
            frequency="annual",
            temporal_start="2025",
            issued="2026-10-01T08:00:00",
        ),
    )
    tree = Browser(app).open("/dataset/horaires").tree
    names = [name.text_content().strip() for name in tree.xpath("//dl/dt")]
    said = [" ".join(value.text_content().split()) for value in tree.xpath("//dl/dd")]
    told = dict(zip(names, said, strict=True))
    expected = {
        "Thèmes": "Déchets, Eau et assainissement",
        "Communes concernées": "Acigné, Rennes",
        "Premier jour décrit": "2025",
        "Première publication": "1er octobre 2026",
    }
    assert expected.items() <= told.items()
    assert "" not in said


def test_going_back_from_the_files_keeps_the_answers(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    page = fill_in(clerk, answers(acigne, theme=["eau"]))
    steps = page.tree.xpath('//form[@id="resource-edit"]//li[@aria-current="step"]')
    assert [step.text_content().strip() for step in steps] == ["2. Ajouter les fichiers"]
    page = clerk.send(page, page.form("resource-edit"), {}, ("save", "go-dataset"))
    assert page.url == "/dataset/edit/horaires"
    assert ("theme", "eau") in page.form("dataset-edit").form_values()


def test_every_question_has_a_label_and_every_help_is_tied_to_its_field(clerk: Browser) -> None:
    tree = clerk.open("/dataset/new").form("dataset-edit")
    fields = tree.xpath('.//input[not(@type="hidden")] | .//select | .//textarea')
    labelled = set(tree.xpath(".//label/@for"))
    ids = set(tree.xpath(".//@id"))
    shown = [field for field in fields if field.get("name")]
    assert len(shown) > 20
    assert [
        f.get("name")
        for f in shown
        if f.get("id") not in labelled and not f.xpath("ancestor::label")
    ] == []
    assert {d for f in shown for d in f.get("aria-describedby", "").split()} <= ids
    assert [legend.text_content().strip() for legend in tree.xpath("./fieldset/legend")] == [
        "L’essentiel",
        "De quoi parlent les données",
        "Quand",
        "À qui s’adresser",
    ]


def test_an_address_left_empty_is_made_from_the_title_and_never_taken_twice(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    for expected in ("arbres-de-l-ete", "arbres-de-l-ete-2"):
        page = fill_in(clerk, answers(acigne, title="Arbres de l'été", name=""))
        assert page.url == f"/dataset/{expected}/resource/new"


def test_a_new_dataset_is_for_everyone_unless_someone_says_otherwise(clerk: Browser) -> None:
    form = clerk.open("/dataset/new").form("dataset-edit")
    assert form.fields["private"] == "False"


def test_a_replaced_file_loses_the_facts_of_the_former_one(
    clerk: Browser, acigne: dict[str, Any]
) -> None:
    made = act(
        "package_create",
        **answers(acigne),
        resources=[{"url": "https://a.fr/a.csv", "hash": "ab" * 32, "size": 12}],
    )
    resource_id = made["resources"][0]["id"]
    address = f"/dataset/horaires/resource/{resource_id}/edit"
    for answer, expected in (
        ({"description": "Une ligne par jour"}, ("ab" * 32, 12)),
        ({"url": "https://a.fr/b.csv"}, (None, None)),
    ):
        page = clerk.open(address)
        page = clerk.send(page, page.form("resource-edit"), answer, ("save", "go-dataset-complete"))
        assert page.errors() == []
        found = act("resource_show", id=resource_id)
        assert (found.get("hash") or None, found.get("size")) == expected
