"""A finished run is undone: what it did goes back, what was changed since is asked first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import records
from ckanext.territoire.harvest_adapter import jobs, runner, sources, versions
from harvesters.border import Border, watching
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.portal_server import Portal, package, portal_of
from tests.ckan.test_harvest import found

pytestmark = pytest.mark.usefixtures("organization")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with portal_of(*(package(n) for n in range(6))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served


@pytest.fixture
def source(portal: Portal) -> sources.StoredSource:
    made = add(portal)
    runner.run_now(made)
    return made


def undo(source: sources.StoredSource, job_id: str, **more: Any) -> dict[str, Any]:
    return dict(act("territoire_run_rollback", id=source.id, job_id=job_id, **more))


def edit(name: str, **changes: Any) -> None:
    """Change a dataset as a person does."""
    if not model.User.get("redactrice"):
        act("user_create", name="redactrice", fullname="Rédactrice", email="j@mairie.example",
            password="motdepasse-essai")  # fmt: skip
        act("organization_member_create", id="acigne", username="redactrice", role="admin")
    toolkit.get_action("package_patch")({"user": "redactrice"}, {"id": name, **changes})


def shown(name: str) -> dict[str, Any]:
    package = act("package_show", id=name)
    package.pop("metadata_modified")
    package["extras"] = [e for e in package["extras"] if e["key"] != "harvest_object_id"]
    for resource in package["resources"]:
        resource.pop("metadata_modified", None)
    return dict(package)


def test_updated_datasets_return_to_their_former_content(
    portal: Portal, source: sources.StoredSource
) -> None:
    before = shown("jeu-numero-1")
    file = {"id": "n", "url": "https://portail.example/n.csv", "format": "CSV", "name": "Neuf"}
    portal.packages[1] = package(1, title="Abîmé", notes="", tags=[], resources=[file])
    job_id, _ = runner.run_now(source)
    assert "Abîmé" in found()

    told = undo(source, job_id)

    assert (told["restored"], told["left"]) == (1, [])
    assert shown("jeu-numero-1") == before
    assert "Jeu numéro 1" in found()
    assert index_outbox.drift().count == 0


def test_created_datasets_leave_softly(portal: Portal, source: sources.StoredSource) -> None:
    portal.packages += [package(20), package(21)]
    job_id, _ = runner.run_now(source)
    assert undo(source, job_id)["removed"] == 2
    assert len(found()) == 6
    assert model.Package.get("jeu-numero-20").state == "deleted"


def test_retired_datasets_come_back_at_their_address(
    portal: Portal, source: sources.StoredSource
) -> None:
    before = shown("jeu-numero-5")
    act("territoire_source_update", id=source.id, grace_days=0)
    portal.packages = portal.packages[:5]
    job_id, report = runner.run_now(source)
    assert report.counts["retired"] == 1
    assert undo(source, job_id)["returned"] == 1
    assert shown("jeu-numero-5") == before
    assert len(found()) == 6


def test_a_renamed_record_gets_its_identity_back(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, id="autre-id", title="Autre titre")
    job_id, report = runner.run_now(source)
    assert report.counts["renamed"] == 1
    undo(source, job_id)
    kept = model.Session.execute(text("SELECT remote_id FROM territoire_source_record")).scalars()
    assert sorted(kept) == [f"id-{n}" for n in range(6)]
    _, again = runner.run_now(source)
    assert (again.counts["frozen"], again.counts["missing"]) == (1, 0)
    assert "Autre titre" not in found()


def test_what_was_undone_is_not_done_again_until_the_source_changes_it(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, title="Abîmé")
    portal.packages.append(package(20))
    job_id, _ = runner.run_now(source)
    undo(source, job_id)

    _, night = runner.run_now(source)

    assert (night.counts["updated"], night.counts["created"], night.counts["frozen"]) == (0, 0, 2)
    assert "Abîmé" not in found()
    portal.packages[1] = package(1, title="Réparé")
    runner.run_now(source)
    assert "Réparé" in found()
    assert "Jeu numéro 20" not in found()


def test_the_officer_releases_what_was_frozen(portal: Portal, source: sources.StoredSource) -> None:
    portal.packages[1] = package(1, title="Voulu")
    job_id, _ = runner.run_now(source)
    undo(source, job_id)
    assert act("territoire_run_release", id=source.id) == {"count": 1}
    runner.run_now(source)
    assert "Voulu" in found()


def test_an_undone_retirement_is_not_done_again_by_the_grace_period(
    portal: Portal, source: sources.StoredSource
) -> None:
    act("territoire_source_update", id=source.id, grace_days=0)
    portal.packages = portal.packages[:5]
    job_id, _ = runner.run_now(source)
    undo(source, job_id)
    _, night = runner.run_now(source)
    assert (night.counts["retired"], night.counts["missing"], night.counts["frozen"]) == (0, 0, 1)


def test_what_a_person_changed_since_is_shown_and_left(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1:3] = [package(1, title="Un"), package(2, title="Deux")]
    job_id, _ = runner.run_now(source)
    edit("jeu-numero-1", title="Corrigé à la mairie")
    [conflict] = act("territoire_run_conflicts", id=source.id, job_id=job_id)
    assert (conflict["title"], conflict["since"], conflict["by"]) == ("Un", "person", "Rédactrice")

    told = undo(source, job_id)

    assert [row["title"] for row in told["left"]] == ["Un"]
    assert "Corrigé à la mairie" in found()
    assert "Jeu numéro 2" in found()
    dataset_id = act("package_show", id="jeu-numero-1")["id"]
    assert undo(source, job_id, overwrite=[dataset_id])["restored"] == 1
    assert "Jeu numéro 1" in found()


def test_what_a_later_run_changed_is_shown_and_left(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, title="Un")
    first, _ = runner.run_now(source)
    portal.packages[1] = package(1, title="Deux")
    runner.run_now(source)
    [conflict] = act("territoire_run_conflicts", id=source.id, job_id=first)
    assert conflict["since"] == "run"
    assert undo(source, first)["left"]
    assert "Deux" in found()


def test_runs_are_undone_one_after_the_other_without_a_question(
    portal: Portal, source: sources.StoredSource
) -> None:
    portal.packages[1] = package(1, title="Un")
    first, _ = runner.run_now(source)
    portal.packages[1] = package(1, title="Deux")
    second, _ = runner.run_now(source)
    undo(source, second)
    assert "Un" in found()
    assert undo(source, first)["left"] == []
    assert "Jeu numéro 1" in found()


def test_a_run_is_undone_once_and_says_so(portal: Portal, source: sources.StoredSource) -> None:
    portal.packages[1] = package(1, title="Un")
    job_id, _ = runner.run_now(source)
    undo(source, job_id)
    assert jobs.last_runs(source.id)[0]["state"] == "rolled_back"
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-130"):
        undo(source, job_id)
    [decision] = act("territoire_source_decisions", id=source.id)
    assert (decision["kind"], decision["facts"]) == ("rollback", {"count": 1, "left": 0})


def test_a_running_source_is_not_undone(portal: Portal, source: sources.StoredSource) -> None:
    job_id = jobs.last_runs(source.id)[0]["job_id"]
    with jobs.source_lock(source.id), pytest.raises(toolkit.ValidationError, match="TER-SRC-066"):
        undo(source, job_id)


def test_a_batch_that_fails_undoes_nothing(
    portal: Portal, source: sources.StoredSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.packages += [package(20)]
    portal.packages[1] = package(1, title="Un")
    job_id, _ = runner.run_now(source)

    def refuse(ids: Any) -> None:
        raise RuntimeError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(index_outbox, "queue", refuse)
        with pytest.raises(RuntimeError):
            undo(source, job_id)
    model.Session.rollback()
    assert {"Un", "Jeu numéro 20"} <= set(found())
    assert undo(source, job_id)["removed"] == 1


def test_old_versions_are_forgotten(portal: Portal, source: sources.StoredSource) -> None:
    for title in ("Un", "Deux", "Trois"):
        portal.packages[1] = package(1, title=title)
        runner.run_now(source)
    versions.forget_old(days=90, runs=2)
    left = model.Session.execute(text("SELECT count(DISTINCT job_id) FROM territoire_change"))
    assert left.scalar_one() == 2
    versions.forget_old(days=0, runs=2)
    left = model.Session.execute(text("SELECT count(*) FROM territoire_change"))
    assert left.scalar_one() == 0


def test_a_dataset_that_another_source_takes_in_the_middle_of_a_roll_back_is_left_to_it(
    portal: Portal, source: sources.StoredSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.packages[1] = package(1, title="Un")
    portal.packages[2] = package(2, title="Deux")
    job_id, _ = runner.run_now(source)
    monkeypatch.setattr("ckanext.territoire.harvest_adapter.rollback.BATCH", 1)
    taken: list[str] = []

    def take(border: Border) -> None:
        if border is Border.ROLLBACK_KEPT and not taken:
            query = text("""UPDATE territoire_source_record r SET source_id = 'other' FROM package p
                             WHERE p.id = r.dataset_id AND p.title IN ('Un', 'Deux')
                             RETURNING p.title""")
            with model.meta.engine.begin() as connection:
                taken.extend(connection.execute(query).scalars())

    with watching(take):
        done = undo(source, job_id)
    [kept] = taken
    assert done["restored"] == 1
    assert [(each["title"], each["since"]) for each in done["left"]] == [(kept, "elsewhere")]
    assert kept in found()


def test_a_dataset_that_another_source_publishes_by_now_is_left_to_it(
    source: sources.StoredSource,
) -> None:
    name = text("SELECT dataset_id, remote_id FROM territoire_source_record LIMIT 1")
    dataset_id, remote_id = model.Session.execute(name).one()
    move = text("UPDATE territoire_source_record SET source_id = 'other' WHERE dataset_id = :id")
    model.Session.execute(move, {"id": dataset_id})
    row = {"remote_id": remote_id, "hash": "00", "first_url": "", "fingerprint": "", "claim": "",
           "state": "live"}  # fmt: skip
    records.put_back({dataset_id: row}, source.id, {}, jobs.naive(jobs.utc_now()))
    held = text("SELECT source_id FROM territoire_source_record WHERE dataset_id = :id")
    assert model.Session.execute(held, {"id": dataset_id}).scalars().all() == ["other"]
    model.Session.rollback()
