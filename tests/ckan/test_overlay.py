"""What an officer corrects on a harvested dataset wins over its source, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.form_browser import Browser
from tests.ckan.portal_server import Portal, package, portal_of
from tests.ckan.test_harvest import found
from tests.ckan.test_source_pages import form_to, person, text

pytestmark = pytest.mark.usefixtures("organization")
NAME = "jeu-numero-1"


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with portal_of(*(package(n) for n in range(3))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served


@pytest.fixture
def source(portal: Portal) -> sources.StoredSource:
    made = add(portal)
    runner.run_now(made)
    person("redactrice", "editor", "acigne")
    return made


def as_editor(action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": "redactrice"}, data)


def corrected() -> dict[str, dict[str, Any]]:
    return {row["field"]: row for row in as_editor("territoire_overlay_list", id=NAME)}


def test_a_corrected_field_wins_and_the_others_follow_the_source(
    portal: Portal, source: sources.StoredSource
) -> None:
    as_editor("package_patch", id=NAME, title="Corrigé", tags=[{"name": "lycée"}])
    assert set(corrected()) == {"title", "tag_string"}
    assert corrected()["title"]["said"] == "Jeu numéro 1"
    portal.packages[1] = package(1, notes="Nouvelle description")
    runner.run_now(source)
    shown = act("package_show", id=NAME)
    assert (shown["title"], shown["notes"]) == ("Corrigé", "Nouvelle description")
    assert [tag["name"] for tag in shown["tags"]] == ["lycée"]
    assert "Corrigé" in found()
    assert index_outbox.drift().count == 0


def test_a_source_that_changes_a_corrected_field_asks_for_a_choice(
    portal: Portal, source: sources.StoredSource
) -> None:
    as_editor("package_patch", id=NAME, title="Corrigé", notes="Corrigée aussi")
    portal.packages[1] = package(1, title="Titre neuf", notes="Description neuve")
    runner.run_now(source)
    assert act("package_show", id=NAME)["title"] == "Corrigé"
    assert {f: row["says"] for f, row in corrected().items()} == {
        "title": "Titre neuf",
        "notes": "Description neuve",
    }

    as_editor("territoire_overlay_decide", id=NAME, field="title", keep=True)
    as_editor("territoire_overlay_decide", id=NAME, field="notes", keep=False)

    shown = act("package_show", id=NAME)
    assert (shown["title"], shown["notes"]) == ("Corrigé", "Description neuve")
    assert {f: row["says"] for f, row in corrected().items()} == {"title": None}
    portal.packages[1] = package(1, title="Titre neuf", notes="Encore une autre")
    runner.run_now(source)
    shown = act("package_show", id=NAME)
    assert (shown["title"], shown["notes"]) == ("Corrigé", "Encore une autre")
    assert corrected()["title"]["says"] is None


def test_a_field_given_back_follows_the_source_again(
    portal: Portal, source: sources.StoredSource
) -> None:
    as_editor("package_patch", id=NAME, title="Corrigé", frequency="annual")
    as_editor("territoire_overlay_decide", id=NAME, field="title", keep=False)
    as_editor("territoire_overlay_decide", id=NAME, field="frequency", keep=False)
    assert "Jeu numéro 1" in found()
    assert corrected() == {}
    assert "frequency" not in act("package_show", id=NAME)
    portal.packages[1] = package(1, title="Titre neuf")
    runner.run_now(source)
    assert "Titre neuf" in found()


def test_the_title_of_a_file_and_the_choice_of_privacy_stay(
    portal: Portal, source: sources.StoredSource
) -> None:
    file = act("package_show", id=NAME)["resources"][0]
    as_editor("resource_patch", id=file["id"], name="Liste des écoles")
    as_editor("package_patch", id="jeu-numero-2", private=True)
    portal.packages[1] = package(1, notes="Nouvelle")
    portal.packages[2] = package(2, notes="Nouvelle")
    runner.run_now(source)
    assert act("package_show", id=NAME)["resources"][0]["name"] == "Liste des écoles"
    assert act("package_show", id="jeu-numero-2")["private"] is True
    assert "Jeu numéro 2" not in found()


def test_the_form_says_what_a_correction_does_and_keeps_only_what_changed(
    app: Any, portal: Portal, source: sources.StoredSource
) -> None:
    browser = Browser(app)
    browser.log_in("redactrice")
    page = browser.open(f"/dataset/edit/{NAME}")
    assert "l’emporte sur la source" in text(page)
    form = next(f for f in page.tree.forms if "title" in f.fields and "notes" in f.fields)
    browser.send(page, form, {"title": "Corrigé à la main"}, button=("save", ""))
    assert set(corrected()) == {"title"}
    listed = browser.open(f"/moissons/corrections/{NAME}")
    assert "Corrigé à la main" in text(listed)
    answered = browser.send(
        listed, form_to(listed, f"/corrections/{NAME}"), {}, button=("keep", "non")
    )
    assert "suit de nouveau la source" in text(answered)
    assert act("package_show", id=NAME)["title"] == "Jeu numéro 1"


def test_a_neighbour_sees_and_chooses_nothing(portal: Portal, source: sources.StoredSource) -> None:
    as_editor("package_patch", id=NAME, title="Corrigé")
    act("organization_create", name="betton", title="Betton")
    person("voisine", "admin", "betton")
    for user in ("voisine", ""):
        for action in ("territoire_overlay_list", "territoire_overlay_decide"):
            asked = {"id": NAME, "field": "title", "keep": False}
            with pytest.raises(toolkit.NotAuthorized):
                toolkit.get_action(action)({"user": user, "ignore_auth": False}, asked)
    assert act("package_show", id=NAME)["title"] == "Corrigé"
