"""What a run changes, told field by field: held, finished or only tried; then decided."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire.harvest_adapter import jobs, runner, sources
from harvesters.report import RunState
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.portal_server import Portal, package
from tests.ckan.test_harvest import found

pytestmark = pytest.mark.usefixtures("organization")


def diff(source: sources.StoredSource, job_id: str, **asked: Any) -> dict[str, Any]:
    return dict(act("territoire_run_diff", id=source.id, job_id=job_id, **asked))


def test_a_finished_run_tells_what_it_changed_field_by_field(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    file = {"id": "r1-0", "url": "https://portail.example/1/nouveau.csv", "format": "CSV"}
    portal.packages[1] = package(1, title="Nouveau titre", tags=[], resources=[file])
    job_id, _ = runner.run_now(source)

    told = diff(source, job_id)

    assert (told["counts"], told["total"]) == ({"update": 1}, 1)
    [change] = told["changes"]
    fields = {d["field"]: (d["old"], d["new"]) for d in change["details"] if d["kind"] == "field"}
    assert fields == {
        "title": ("Jeu numéro 1", "Nouveau titre"),
        "tag_string": ("école", ""),
    }
    assert {d["kind"] for d in change["details"]} >= {"field", "file_removed"}


def test_a_first_run_lists_what_it_created_by_pages_and_words(portal: Portal) -> None:
    source = add(portal)
    job_id, _ = runner.run_now(source)
    assert diff(source, job_id)["counts"] == {"create": 12}
    page = diff(source, job_id, limit=5, offset=10)
    assert (len(page["changes"]), page["total"]) == (2, 12)
    assert [c["title"] for c in diff(source, job_id, q="numéro 7")["changes"]] == ["Jeu numéro 7"]
    assert diff(source, job_id, q="100%")["total"] == 0


def test_a_held_run_shows_just_what_would_be_applied(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0, title="Autre titre"), package(20)]
    job_id, report = runner.run_now(source)
    assert report.state is RunState.HELD

    told = diff(source, job_id)

    assert told["counts"] == {"update": 1, "create": 1, "mark_missing": 11}
    [update] = diff(source, job_id, only="update")["changes"]
    assert update["details"][0]["new"] == "Autre titre"
    assert len(found()) == 12


def test_an_accepted_run_is_applied_once_and_another_loss_is_held_again(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0)]
    job_id, _ = runner.run_now(source)
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=True)
    assert runner.run_waiting() == 1
    assert jobs.last_runs(source.id)[0]["state"] == "finished"
    assert jobs.accepted_digest(source.id) == ""


def test_what_changed_since_the_officer_looked_is_held_again(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0), package(1)]
    job_id, _ = runner.run_now(source)
    portal.packages = [package(0)]
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=True)
    runner.run_waiting()
    assert jobs.last_runs(source.id)[0]["state"] == "held"


def test_a_refused_plan_is_told_once_and_the_rest_of_the_source_goes_on(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0, title="Autre titre"), package(20)]
    job_id, _ = runner.run_now(source)
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=False)

    _, again = runner.run_now(source)

    assert again.state is RunState.FINISHED
    assert (again.counts["frozen"], again.counts["missing"]) == (13, 0)
    assert len(found()) == 12
    assert "Autre titre" not in found()
    portal.packages.append(package(21))
    _, third = runner.run_now(source)
    assert (third.counts["created"], third.counts["frozen"]) == (1, 13)


def test_what_was_refused_comes_when_the_source_changes_it_or_the_officer_releases_it(
    portal: Portal,
) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0, title="Autre titre"), package(20)]
    job_id, _ = runner.run_now(source)
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=False)
    portal.packages = [
        package(0, title="Encore un autre"),
        *map(package, range(1, 12)),
        package(20),
    ]
    _, changed = runner.run_now(source)
    assert (changed.counts["updated"], changed.counts["frozen"]) == (1, 1)
    assert act("territoire_run_release", id=source.id)["count"] == 1
    _, released = runner.run_now(source)
    assert (released.counts["reactivated"], released.counts["frozen"]) == (1, 0)
    assert "Jeu numéro 20" in found()


def test_a_rehearsal_is_read_as_a_run_and_writes_no_dataset(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages[3] = package(3, title="Autre titre")
    for _ in range(2):
        job_id = act("territoire_run_preview", id=source.id)["job_id"]
    told = diff(source, job_id)
    assert (told["state"], told["counts"]) == ("preview", {"update": 1})
    assert "Autre titre" not in found()
    assert [run["state"] for run in jobs.last_runs(source.id)] == ["finished"]


def test_a_table_of_changes_runs_no_formula(portal: Portal) -> None:
    source = add(portal)
    portal.packages = [package(1, title="=HYPERLINK(1)")]
    job_id, _ = runner.run_now(source)
    told = diff(source, job_id, **{"as": "csv"})["csv"]
    assert "'=HYPERLINK(1)" in told


def test_decisions_are_remembered_with_who_and_when(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0)]
    job_id, _ = runner.run_now(source)
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=False)
    [decision] = act("territoire_source_decisions", id=source.id)
    assert (decision["kind"], decision["job_id"], decision["facts"]) == (
        "refuse", job_id, {"count": 11},
    )  # fmt: skip
    assert decision["decided_by"]


def test_a_neighbour_reads_and_decides_nothing(portal: Portal) -> None:
    source = add(portal)
    job_id, _ = runner.run_now(source)
    act("organization_create", name="betton", title="Betton")
    act("user_create", name="voisine", email="v@mairie.example", password="motdepasse-essai")
    act("organization_member_create", id="betton", username="voisine", role="admin")
    for action in (
        "territoire_run_diff", "territoire_run_preview", "territoire_run_rollback",
        "territoire_run_conflicts", "territoire_run_release", "territoire_source_update",
        "territoire_source_decisions", "territoire_review_publish", "territoire_review_refuse",
    ):  # fmt: skip
        asked = {"id": source.id, "job_id": job_id, "datasets": []}
        for user in ("voisine", ""):
            with pytest.raises(toolkit.NotAuthorized):
                toolkit.get_action(action)({"user": user, "ignore_auth": False}, dict(asked))
