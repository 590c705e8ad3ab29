"""A harvest from an address to search, on real CKAN, PostgreSQL and Solr."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import Any

import pytest
from ckan import model
from ckan.plugins import plugin_loaded, toolkit
from ckanext.harvest.utils import run_test_harvester
from sqlalchemy import text
from werkzeug.routing import BuildError

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner, sources
from harvesters.border import Border, watching
from harvesters.errors import Refused
from harvesters.report import RunState
from tests.ckan.child import die_at, start_child
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.portal_server import Portal, package
from tests.ckan.statements import statements, writes_beyond_the_run
from tests.unit.loopback import http

pytestmark = pytest.mark.usefixtures("organization")


def found() -> list[str]:
    result = act("package_search", rows=100, fl="title", sort="title asc")
    return [doc["title"] for doc in result["results"]]


def test_a_portal_is_found_in_search_after_its_harvest(portal: Portal) -> None:
    _, report = runner.run_now(add(portal))
    assert report.counts["created"] == 12
    assert len(found()) == 12
    assert index_outbox.drift().count == 0


def test_an_unchanged_portal_writes_no_dataset_object_or_document(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    with statements() as seen:
        _, report = runner.run_now(source)
    assert report.counts["kept"] == 12
    assert writes_beyond_the_run(seen) == []
    assert not [told for told in seen if "territoire_outbox" in told]  # search is not asked


def test_what_changed_is_told_of_the_source_in_search_without_a_second_look(
    portal: Portal,
) -> None:
    source = add(portal)
    runner.run_now(source)
    told = act("package_search", fq=f"dataset_type:harvest +id:{source.id}")["results"][0]
    assert told["source_type"] == "ckan_portal"
    assert told["status"]["total_datasets"] == 12


def test_a_schema_that_nobody_here_knows_is_kept_as_a_fact_and_refuses_nothing(
    portal: Portal,
) -> None:
    named = {"name": "etalab/schema-zfe", "version": "0.8.2"}
    files = [
        {"url": "https://e.example/zfe.csv", "name": "Zones", "format": "CSV", "schema": named},
        {"url": "https://e.example/b.csv", "name": "B", "table_schema": "modele-de-la-region/2"},
    ]
    portal.packages = [package(1, resources=files)]
    _, report = runner.run_now(add(portal))
    assert (report.counts["created"], report.counts["refused"]) == (1, 0)
    shown = act("package_show", id="jeu-numero-1")
    assert (
        json.loads(shown["properties"])["table_schemas"]
        == "etalab/schema-zfe, modele-de-la-region/2"
    )
    assert [each.get("table_schema") for each in shown["resources"]] == [None, None]


def test_the_defect_1_a_deferred_update_is_never_used() -> None:
    """CKAN 2.12 stores nothing of `package_update` with `defer_commit` and no `return_id_only`."""
    made = act("package_create", name="jeu", title="Avant", owner_org="acigne", license_id="lov2")
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context = {"user": user, "ignore_auth": True, "defer_commit": True}
    with pytest.raises(toolkit.ValidationError, match="defer_commit"):
        toolkit.get_action("package_update")(context, {**made, "title": "Après"})
    context["return_id_only"] = True
    toolkit.get_action("package_update")(context, {**made, "title": "Après"})
    model.repo.commit()
    assert model.Package.get("jeu").title == "Après"


def test_the_defect_2_a_failed_commit_leaves_no_ghost_in_search(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(portal)

    def refuse(ids: Any) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(index_outbox, "queue", refuse)
    with pytest.raises(RuntimeError):
        runner.run_now(source)
    model.Session.rollback()
    assert found() == []
    assert index_outbox.drift().count == 0


def test_the_defect_3_a_source_shows_its_kind_after_a_job(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    shown = act("harvest_source_show", id=source.id)
    assert shown["source_type"] == "ckan_portal"


def test_the_defect_4_settings_are_shown_to_nobody_else(portal: Portal) -> None:
    source = add(portal, settings={"api_key": "secrète", "organization": "mairie"})
    anonymous = {"user": "", "ignore_auth": False}
    for action in ("harvest_source_show", "package_show"):
        shown = toolkit.get_action(action)(dict(anonymous), {"id": source.id})
        assert "secrète" not in str(shown)
        assert "mairie" not in str(shown.get("config"))
    listed = toolkit.get_action("package_search")(
        dict(anonymous), {"fq": "dataset_type:harvest", "include_private": False}
    )
    assert "secrète" not in str(listed)
    assert "secrète" not in str(act("harvest_source_show", id=source.id))
    assert sources.config_of(source).get("api_key") == "secrète"


def test_the_defect_9_a_whole_second_is_served_from_search(portal: Portal) -> None:
    runner.run_now(add(portal))
    for name in (f"jeu-numero-{n}" for n in range(12)):
        modified = act("package_show", id=name)["metadata_modified"]
        assert modified.split(".")[1][:3] != "000"


def test_a_second_run_at_the_same_time_is_refused(portal: Portal) -> None:
    source = add(portal)
    with jobs.source_lock(source.id), pytest.raises(Refused, match="TER-SRC-066"):
        runner.run_now(source)


def test_a_job_asked_through_ckanext_harvest_is_run_by_our_runner(portal: Portal) -> None:
    source = add(portal)
    act("harvest_job_create", source_id=source.id, run=True)
    assert runner.run_waiting() == 1
    assert act("harvest_source_show_status", id=source.id)["last_job"]["status"] == "Finished"
    assert len(found()) == 12


def test_a_job_left_running_by_a_killed_worker_is_taken_again(portal: Portal) -> None:
    source = add(portal)
    jobs.start_job(jobs.open_job(source), source.id)
    assert runner.run_waiting() == 1
    assert len(found()) == 12


def test_a_run_killed_while_writing_is_finished_by_the_next(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.packages = [package(n) for n in range(60)]
    source = add(portal)
    monkeypatch.setattr("harvesters.run.BATCH", 5)

    def killed() -> None:
        with watching(die_at(Border.BATCH_DONE, 3)):
            runner.run_now(source)

    process = start_child(killed)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert _records() == 15
    assert runner.run_waiting() == 1
    assert _records() == 60
    assert act("package_search", rows=0)["count"] == 60
    assert index_outbox.drift().count == 0


def _records() -> int:
    count = model.Session.execute(
        text("SELECT count(*) FROM territoire_source_record")
    ).scalar_one()
    model.Session.rollback()
    return int(count)


def test_a_job_error_is_shown_by_the_screens_of_ckanext_harvest(portal: Portal) -> None:
    source = add(portal)
    portal.packages.append(package(99, title="", name=""))
    job_id, report = runner.run_now(source)
    told = act("harvest_job_report", id=job_id)["gather_errors"]
    assert [t["message"].split(" ")[0] for t in told] == [i.code for i in report.issues]
    assert "TER-VAL-003" in {i.code for i in report.issues}


def test_an_address_that_is_away_is_kept_as_a_draft(portal: Portal) -> None:
    portal.fault = lambda start: http(b"", status="404 Not Found")
    made = act("territoire_source_create", kind="ckan_portal", url=portal.url,
               organization="acigne", title="P")  # fmt: skip
    assert made["is_draft"]
    assert made["issue"].startswith("TER-FET-007")
    portal.fault = lambda start: None
    act("territoire_source_run", id=made["id"])
    assert not sources.load_source(made["id"]).is_draft


def test_a_web_page_is_refused_and_leaves_no_trace(portal: Portal) -> None:
    page = b"<!doctype html><html><body>Bonjour</body></html>"
    portal.fault = lambda start: http(page, "Content-Type: text/html")
    with pytest.raises(toolkit.ValidationError, match="page web"):
        add(portal)
    assert sources.list_sources() == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": "ckan"}, "« ckan_portal »"),
        ({"organization": "acignee"}, "« acigne »"),
        ({"settings": {"organisation": "x"}}, "« organization »"),
    ],
)
def test_what_does_not_exist_is_answered_with_the_near_ones(
    portal: Portal, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(toolkit.ValidationError, match=told):
        add(portal, **changes)
    assert sources.list_sources() == []


def test_the_same_address_twice_names_the_source(portal: Portal) -> None:
    add(portal, title="Portail de la ville")
    with pytest.raises(toolkit.ValidationError, match="Portail de la ville"):
        add(portal)


def test_a_held_run_is_applied_once_an_officer_accepts_it(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    portal.packages = [package(0)]
    job_id, report = runner.run_now(source)
    assert report.state is RunState.HELD
    assert len(found()) == 12
    act("territoire_source_decide", id=source.id, job_id=job_id, accept=True)
    runner.run_waiting()
    states = model.Session.execute(text("SELECT state FROM territoire_source_record")).scalars()
    assert sorted(states) == ["live", *["missing"] * 11]
    assert len(found()) == 12


def test_a_preview_writes_nothing(portal: Portal) -> None:
    source = add(portal)
    told = act("territoire_source_preview", id=source.id)
    assert told["created"] == 12
    assert (_records(), found()) == (0, [])


@pytest.mark.parametrize(("keep", "left"), [(True, 12), (False, 0)])
def test_a_removed_source_keeps_or_retires_its_datasets(
    portal: Portal, keep: bool, left: int
) -> None:
    source = add(portal)
    runner.run_now(source)
    act("territoire_source_remove", id=source.id, keep_datasets=keep)
    assert len(found()) == left
    assert sources.list_sources() == []


def test_a_dataset_claimed_by_two_sources_stays_with_the_first(portal: Portal) -> None:
    first = add(portal)
    portal.packages = [package(1, id="https://editeur.example/1")]
    runner.run_now(first)
    second = add(portal, url=f"{portal.url}/", settings={"filter": "tags:x"}, title="Autre")
    _, report = runner.run_now(second)
    assert (report.counts["created"], report.counts["elsewhere"]) == (0, 1)
    assert [i.where for i in report.issues if i.code == "TER-PUB-120"] == ["P"]
    [shown] = act("package_search", rows=9)["results"]
    [shown] = [e["value"] for e in shown["extras"] if e["key"] == "harvest_source_id"]
    assert shown == first.id


def test_a_scheduled_source_is_run_when_it_is_due(portal: Portal) -> None:
    source = add(portal, frequency="DAILY")
    runner.make_scheduled_jobs()
    runner.run_waiting()
    runs = jobs.last_runs(source.id)
    assert [run["state"] for run in runs] == ["finished"]
    runner.make_scheduled_jobs()
    assert runner.run_waiting() == 0


def test_the_search_outbox_catches_up_after_solr_was_away(
    portal: Portal, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(portal)
    solr = ckan_config["solr_url"]
    monkeypatch.setitem(ckan_config, "solr_url", "http://127.0.0.1:9/solr/away")
    _, report = runner.run_now(source)
    assert report.counts["created"] == 12
    monkeypatch.setitem(ckan_config, "solr_url", solr)
    assert index_outbox.drift().count == 12
    assert index_outbox.drain().left == 0
    assert index_outbox.drift().count == 0


def test_a_restored_dump_converges_without_doubles(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    model.Session.execute(text("DELETE FROM territoire_source_record WHERE remote_id < 'id-5'"))
    model.Session.commit()
    _, report = runner.run_now(source)
    assert len(found()) == 12
    assert report.counts["refused"] == 0
    assert replace(source) == sources.load_source(source.id)


def test_old_runs_that_wrote_nothing_are_forgotten(portal: Portal) -> None:
    source = add(portal)
    first, _ = runner.run_now(source)
    for _ in range(4):
        runner.run_now(source)
    jobs.forget_old_runs(kept=2)
    kept = [run["job_id"] for run in jobs.last_runs(source.id)]
    assert len(kept) == 3
    assert first in kept


def test_a_folder_given_as_a_portal_is_answered_with_the_kind_that_fits(portal: Portal) -> None:
    folder = http(b'<!doctype html><a href="arbres.csv">arbres.csv</a>', "Content-Type: text/html")

    def no_api(path: str, send: Any) -> None:
        send(http(b"", status="404 Not Found") if path.startswith("/api") else folder)

    portal.answer = no_api  # type: ignore[method-assign]
    with pytest.raises(toolkit.ValidationError, match="csv_folder"):
        add(portal)


def test_the_defect_3_the_test_command_of_ckanext_harvest_runs_twice(portal: Portal) -> None:
    source = add(portal)
    for _ in range(2):
        run_test_harvester(source.name, None)
    assert [run["state"] for run in jobs.last_runs(source.id)] == ["finished", "finished"]
    assert len(found()) == 12


def test_the_defect_6_no_page_fetches_for_its_reader() -> None:
    """`resource_proxy` reaches loopback addresses: it is not loaded."""
    assert not plugin_loaded("resource_proxy")
    with pytest.raises(BuildError):
        toolkit.url_for("resource_proxy.proxy_view")


@pytest.mark.parametrize("hidden", [{"private": True}, {"state": "draft"}, {"state": "deleted"}])
def test_the_defect_7_words_of_hidden_datasets_are_not_told(hidden: dict[str, Any]) -> None:
    for name, word, shown in (("vu", "visible", {}), ("cache", "secret", hidden)):
        act("package_create", name=name, title=name, owner_org="acigne", license_id="lov2",
            tags=[{"name": word}], resources=[{"url": "https://a.example/x", "format": f"F{word}"}],
            **shown)  # fmt: skip
    anonymous = {"user": "", "ignore_auth": False}
    for action, asked in (
        ("tag_list", {}),
        ("tag_list", {"all_fields": True}),
        ("tag_autocomplete", {"query": "se"}),
        ("format_autocomplete", {"q": "fse"}),
    ):
        assert "secret" not in str(toolkit.get_action(action)(dict(anonymous), asked)).lower()
    assert toolkit.get_action("tag_list")(dict(anonymous), {}) == ["visible"]
