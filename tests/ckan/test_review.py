"""« Relu d’abord »: what nobody has read is invisible, published or refused by an officer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from ckanext.harvest.model import HarvestObject

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.portal_server import Portal, package, portal_of
from tests.ckan.test_harvest import found

pytestmark = pytest.mark.usefixtures("organization")
CANARY = "Canari-à-relire"


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with portal_of(*(package(n) for n in range(3))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served


@pytest.fixture
def source(portal: Portal) -> sources.StoredSource:
    """A source that published three datasets, and is read first from now on."""
    made = add(portal)
    runner.run_now(made)
    act("territoire_source_update", id=made.id, review="first")
    return made


def waiting(source: sources.StoredSource) -> dict[str, dict[str, Any]]:
    listed = act("territoire_review_list", id=source.id)
    return {item["title"]: item for item in listed["items"]}


def test_a_new_dataset_waits_where_no_visitor_finds_its_words(
    app: Any, portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages.append(package(20, title=CANARY, notes=CANARY, tags=[{"name": CANARY.lower()}]))
    _, report = runner.run_now(source)
    assert (report.counts["waiting"], report.counts["created"]) == (1, 0)
    assert "1 à relire" in report.sentence
    dataset_id = waiting(source)[CANARY]["dataset_id"]
    assert index_outbox.drift().count == 0

    anonymous = {"user": "", "ignore_auth": False}
    objects = model.Session.query(HarvestObject).filter_by(package_id=dataset_id).all()
    for action, asked in (
        ("package_search", {"q": "canari", "facet.field": ["tags", "organization"]}),
        ("package_search", {"include_private": True, "include_drafts": True}),
        ("package_autocomplete", {"q": "canari"}),
        ("tag_list", {}),
        ("tag_autocomplete", {"query": "canari"}),
        ("recently_changed_packages_activity_list", {}),
        ("package_list", {}),
        ("organization_show", {"id": "acigne", "include_datasets": True}),
    ):
        told = toolkit.get_action(action)(dict(anonymous), dict(asked))
        if isinstance(told, dict):
            told.pop("understood", None)  # the words of who asks, said back
        assert "canari" not in str(told).lower(), action
    for action, one in (
        ("package_show", dataset_id),
        ("package_activity_list", dataset_id),
        ("territoire_score_show", dataset_id),
        *(("harvest_object_show", each.id) for each in objects),
    ):
        with pytest.raises((toolkit.NotAuthorized, toolkit.ObjectNotFound)):
            toolkit.get_action(action)(dict(anonymous), {"id": one})
    for path in ("/dataset/", "/", "/catalog.ttl", "/feeds/dataset.atom", "/commune/acigne",
                 f"/dataset/{dataset_id}", f"/dataset/{dataset_id}.ttl", "/moissons/a-relire",
                 f"/harvest/object/{objects[0].id}"):  # fmt: skip
        assert "canari" not in app.get(path, expect_errors=True).body.lower(), path


def test_an_officer_publishes_one_and_refuses_another(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages += [package(20), package(21)]
    runner.run_now(source)
    items = waiting(source)
    published, refused = (items[f"Jeu numéro {n}"]["dataset_id"] for n in (20, 21))

    assert act("territoire_review_publish", id=source.id, datasets=[published]) == {"count": 1}
    assert act("territoire_review_refuse", id=source.id, datasets=[refused]) == {"count": 1}

    assert "Jeu numéro 20" in found()
    assert "Jeu numéro 21" not in found()
    assert waiting(source) == {}
    _, night = runner.run_now(source)
    assert (night.counts["waiting"], night.counts["frozen"]) == (0, 1)
    portal.packages[4] = package(21, title="Jeu 21 amélioré")
    runner.run_now(source)
    assert set(waiting(source)) == {"Jeu 21 amélioré"}
    assert [d["kind"] for d in act("territoire_source_decisions", id=source.id)] == [
        "reject", "publish", "rule",
    ]  # fmt: skip


def test_an_update_of_a_published_dataset_waits_and_what_is_online_stays(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, title="Titre à relire")
    _, report = runner.run_now(source)
    assert (report.counts["waiting"], report.counts["updated"]) == (1, 0)
    assert "Jeu numéro 1" in found()
    item = waiting(source)["Titre à relire"]
    assert (item["kind"], item["details"][0]["new"]) == ("update", "Titre à relire")
    _, night = runner.run_now(source)
    assert night.counts["waiting"] == 0
    assert set(waiting(source)) == {"Titre à relire"}

    act("territoire_review_publish", id=source.id)

    assert "Titre à relire" in found()
    _, after = runner.run_now(source)
    assert (after.counts["kept"], after.counts["frozen"]) == (3, 0)
    assert index_outbox.drift().count == 0


def test_a_refused_update_is_not_proposed_again_until_it_changes(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, title="Refusé")
    runner.run_now(source)
    dataset_id = waiting(source)["Refusé"]["dataset_id"]
    act("territoire_review_refuse", id=source.id, datasets=[dataset_id])
    runner.run_now(source)
    assert waiting(source) == {}
    assert "Jeu numéro 1" in found()
    portal.packages[1] = package(1, title="Mieux")
    runner.run_now(source)
    assert set(waiting(source)) == {"Mieux"}


def test_the_rule_of_the_organisation_holds_unless_the_source_has_its_own(
    portal: Portal, source: sources.StoredSource
) -> None:
    act("territoire_organization_review", id="acigne", review="first")
    act("territoire_source_update", id=source.id, review="")
    portal.packages.append(package(20))
    runner.run_now(source)
    assert set(waiting(source)) == {"Jeu numéro 20"}
    act("territoire_source_update", id=source.id, review="at_once")
    portal.packages.append(package(21))
    runner.run_now(source)
    assert "Jeu numéro 21" in found()
    assert set(waiting(source)) == {"Jeu numéro 20"}
    for wrong in ({"review": "toujours"}, {"grace_days": "-1"}, {"grace_days": "un mois"}):
        with pytest.raises(toolkit.ValidationError):
            act("territoire_source_update", id=source.id, **wrong)


def test_a_removed_source_leaves_nothing_unread_behind(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages.append(package(20))
    runner.run_now(source)
    dataset_id = waiting(source)["Jeu numéro 20"]["dataset_id"]
    act("territoire_source_remove", id=source.id, keep_datasets=True)
    assert model.Package.get(dataset_id).state == "deleted"
    assert len(found()) == 3
