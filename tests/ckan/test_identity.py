"""The identity of the EPCI: published by its officer, shown by every page, taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import app_globals
from ckan.plugins import toolkit
from lxml.html import FormElement
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckanext.territoire.identity import store
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.people import make_territory
from tests.ckan.statements import statements

BLUE, LIGHT = "#1d3f9b", "#ffcc00"
TOLD = {"name": "Données du pays", "text": "Ouvertes à tous", "contact": "Service données"}


def picture(kind: str = "PNG", side: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), "#aa3311").save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "logo.png") -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


@pytest.fixture(autouse=True)
def as_it_came(clean: None) -> Iterator[None]:
    """Settings that CKAN keeps beyond its tables are put back."""
    yield
    with model.meta.engine.begin() as connection:
        keys = {"keys": [*store.SETTINGS.values(), store.MARK]}
        connection.execute(store.UNSET, keys)
    model.Session.rollback()
    store.follow()


@pytest.fixture
def officer(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    make_territory(tmp_path, monkeypatch)
    browser = Browser(app)
    browser.log_in("agent")
    return browser


def found_in(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, pattern
    return found[1]


def form_to(page: Page, path: str, number: int = 0) -> FormElement:
    return [form for form in page.tree.forms if form.action == path][number]


def publish(**told: Any) -> dict[str, Any]:
    return dict(toolkit.get_action("territoire_identity_update")({"user": "agent"}, TOLD | told))


def test_every_page_shows_the_name_the_words_the_logo_and_the_colours(
    app: Any, officer: Browser
) -> None:
    publish(colour=BLUE, logo=upload(picture()))

    page = app.get("/dataset/").body

    assert "<title>" in page
    assert "Données du pays</title>" in page
    assert "Données du pays – Ouvertes à tous" in page
    assert "Contact\xa0: Service données" in page
    sheet = app.get(found_in(page, r'href="(/identite/\w+\.css)"'))
    assert f"--action:{BLUE};" in sheet.body
    assert "immutable" in sheet.headers["Cache-Control"]
    logo = app.get(found_in(page, r'src="(/identite/\w+\.webp)"'))
    assert Image.open(io.BytesIO(logo.data)).size == (300, 150)
    icon = app.get(found_in(page, r'href="(/identite/\w+\.png)"'))
    assert Image.open(io.BytesIO(icon.data)).size == (64, 64)


def test_mails_feeds_and_documents_carry_the_name(app: Any, officer: Browser) -> None:
    from ckanext.territoire.links.facts import site_title

    publish(logo=upload(picture()))

    assert site_title() == "Données du pays"
    feed = app.get("/flux/donnees.atom").body
    assert "Données du pays" in feed
    assert f"/identite/{store.current().logo}.webp</logo>" in feed
    assert "Données du pays" in app.get("/api/territoire/v1/openapi.json").json["info"]["title"]
    assert "Données du pays" in app.get("/catalog.ttl").body
    assert "Données du pays" in app.get("/accessibilite").body


def test_another_process_follows_at_its_next_request(app: Any, officer: Browser) -> None:
    publish()
    # what a process holds that has not been asked since
    toolkit.config["ckan.site_title"] = "Ancien nom"
    app_globals.app_globals.site_title = "Ancien nom"
    app_globals.app_globals._config_update = "avant"

    assert "Données du pays</title>" in app.get("/dataset/").body


def test_who_has_nothing_new_to_follow_looks_in_one_statement_without_a_transaction(
    app: Any, officer: Browser
) -> None:
    ended: list[Any] = []

    def hear(line: Any) -> None:
        ended.append(line)

    for is_published in (False, True):
        if is_published:
            publish()
        store.follow()
        sa.event.listen(model.meta.engine, "commit", hear)
        try:
            with statements() as seen:
                store.follow()
        finally:
            sa.event.remove(model.meta.engine, "commit", hear)
        assert (len(seen), ended) == (1, [])


def test_a_colour_that_cannot_be_read_is_refused_with_the_closest_that_can(
    officer: Browser,
) -> None:
    with pytest.raises(toolkit.ValidationError) as fault:
        publish(colour=LIGHT)

    [said] = fault.value.error_dict["colour"]
    assert said.startswith("TER-CFG-171")
    proposed = re.findall(r"#[0-9a-f]{6}", said)[-1]
    publish(colour=proposed)
    assert store.current().colour == proposed


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"name": " "}, "name", "TER-CFG-172"),
        ({"name": "a" * 61}, "name", "TER-CFG-173"),
        ({"colour": "red}*{display:none"}, "colour", "TER-CFG-170"),
        ({"accent": "url(//x)"}, "accent", "TER-CFG-170"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    officer: Browser, told: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(toolkit.ValidationError) as fault:
        publish(**told)

    assert fault.value.error_dict[field][0].startswith(code)
    assert store.past() == []


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", SVG, picture()[:40], b"GIF89a" + b"\0" * 60, picture(side=40)],
)
def test_what_is_no_picture_is_no_logo(officer: Browser, content: bytes) -> None:
    with pytest.raises(toolkit.ValidationError) as fault:
        publish(logo=upload(content))

    assert fault.value.error_dict["logo"][0].startswith("TER-API-24")


def test_a_former_identity_comes_back_with_its_logo(app: Any, officer: Browser) -> None:
    publish(colour=BLUE, logo=upload(picture()))
    first = store.current()
    publish(name="Autre nom", no_logo=True)
    assert store.current().logo == ""

    page = officer.open("/pilotage/identite")
    officer.send(page, form_to(page, "/pilotage/identite/retablir"), {})

    assert store.current() == first
    assert f"/identite/{first.logo}.webp" in app.get("/").body


def test_the_settings_of_the_operator_come_back(app: Any, officer: Browser) -> None:
    before = str(toolkit.config["ckan.site_title"])
    publish()

    toolkit.get_action("territoire_identity_restore")({"user": "agent"}, {"id": "0"})

    assert store.current().name == before
    assert f"{before}</title>" in app.get("/dataset/").body


def test_only_who_administers_the_epci_publishes_an_identity(app: Any, officer: Browser) -> None:
    for user in ("", "redactrice"):
        for action in ("update", "restore", "show", "try"):
            do = toolkit.get_action(f"territoire_identity_{action}")
            with pytest.raises(toolkit.NotAuthorized):
                do({"user": user, "ignore_auth": False}, TOLD | {"id": "0"})
    editor = Browser(app)
    editor.log_in("redactrice")
    assert editor.open("/pilotage/identite").status == 403


def test_the_page_shows_a_sample_and_keeps_nothing(officer: Browser) -> None:
    page = officer.open(f"/pilotage/identite?name=Essai&colour=%23{LIGHT[1:]}").text

    assert "trop faible" in page
    assert "Essai" in page
    sheet = found_in(page, r'href="(/identite/apercu\.css[^"]+)"')
    assert f"--action:{LIGHT};" in officer.open(sheet.replace("&amp;", "&")).text
    assert store.past() == []


def test_the_form_publishes_and_the_journal_says_who(officer: Browser) -> None:
    page = officer.open("/pilotage/identite")
    form = form_to(page, "/pilotage/identite")

    officer.send(page, form, TOLD | {"colour": BLUE, "accent": BLUE, "logo": None})

    assert (store.current().name, store.current().accent) == ("Données du pays", BLUE)
    [line] = [each for each in act("territoire_journal_list") if "identity" in each["action"]]
    assert (line["user"], line["says"]) == ("agent", "a publié l’identité du portail")


def test_the_words_of_an_identity_are_only_words(app: Any, officer: Browser) -> None:
    publish(name="<script>x</script>", text='"><img src=x>', contact="<b>moi</b>")

    page = app.get("/dataset/").body

    assert "<script>x" not in page
    assert "<img src=x>" not in page
    assert "<b>moi</b>" not in page


def test_few_identities_are_kept_and_no_logo_of_none(officer: Browser) -> None:
    publish(logo=upload(picture()))
    for n in range(store.KEPT + 2):
        publish(name=f"Nom {n}", no_logo=True)

    assert len(store.past()) == store.KEPT
    with model.meta.engine.connect() as connection:
        logos = connection.execute(sa.text("SELECT count(*) FROM territoire_logo")).scalar()
    assert logos == 0
