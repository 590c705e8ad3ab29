"""What a source, a process or a store can do to a harvest; each row loses nothing."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner, sources
from harvesters.report import Report, RunState
from tests.ckan.child import start_child
from tests.ckan.conftest import act, empty_catalogue
from tests.ckan.portal_server import Portal, package
from tests.faults.hurried import READ_S, hurry
from tests.unit.loopback import http

JSON = "Content-Type: application/json"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def add(portal: Portal, **changes: Any) -> sources.StoredSource:
    made = act("territoire_source_create", **{"kind": "ckan_portal", "url": portal.url,
               "organization": "acigne", "title": "P"} | changes)  # fmt: skip
    return sources.load_source(made["id"])


def harvested(portal: Portal) -> sources.StoredSource:
    source = add(portal)
    _, report = runner.run_now(source)
    assert report.counts["created"] == 24
    return source


def run(source: sources.StoredSource) -> Report:
    return runner.run_now(source)[1]


def codes(report: Report) -> set[str]:
    return {issue.code for issue in report.issues}


def count() -> int:
    return int(act("package_search", rows=0)["count"])


def nothing_is_lost() -> None:
    """24 datasets published, in the database and in search, none marked missing."""
    states = model.Session.execute(text("SELECT state FROM territoire_source_record")).scalars()
    assert list(states) == ["live"] * 24
    assert count() == 24
    assert index_outbox.drift().count == 0


@pytest.mark.fault(1)
def test_an_empty_catalogue_is_held(portal: Portal) -> None:
    source = harvested(portal)
    portal.packages = []
    report = run(source)
    assert report.state is RunState.HELD
    assert "TER-PUB-001" in codes(report)
    nothing_is_lost()


@pytest.mark.fault(2)
def test_a_page_that_repeats_the_first_retires_nothing(portal: Portal) -> None:
    source = harvested(portal)
    first = portal.packages[:10]
    portal.fault = lambda start: http(portal.body(first), JSON)
    assert "TER-VAL-044" in codes(run(source))
    nothing_is_lost()


@pytest.mark.fault(3)
def test_a_catalogue_that_gives_less_than_it_declares_retires_nothing(portal: Portal) -> None:
    source = harvested(portal)
    portal.fault = lambda start: http(portal.body(portal.packages[:10] if not start else []), JSON)
    report = run(source)
    assert not report.is_complete
    nothing_is_lost()


@pytest.mark.fault(4)
@pytest.mark.parametrize("status", ["500 Panne", "403 Interdit", "429 Attendez"])
def test_an_error_at_page_two_retires_nothing(portal: Portal, status: str) -> None:
    source = harvested(portal)
    portal.page_size = 10
    portal.fault = lambda start: http(b"", status=status) if start else None
    assert not run(source).is_complete
    nothing_is_lost()


@pytest.mark.fault(4)
def test_a_page_that_fails_once_is_asked_again_and_the_run_is_complete(portal: Portal) -> None:
    portal.page_size = 10
    failed: list[int] = []

    def once(start: int) -> bytes | None:
        if start == 10 and not failed:
            failed.append(start)
            return http(b"", status="503 Occupé")
        return None

    portal.fault = once
    report = run(add(portal))
    assert (report.is_complete, report.counts["created"]) == (True, 24)


@pytest.mark.fault(4)
def test_a_silent_portal_is_given_up_and_loses_nothing(portal: Portal) -> None:
    source = harvested(portal)

    def silent(start: int) -> bytes:
        time.sleep(READ_S + 1)
        return b""

    portal.fault = silent
    report = run(source)
    assert (report.state, codes(report) & {"TER-FET-003"}) == (RunState.FAILED, {"TER-FET-003"})
    nothing_is_lost()


@pytest.mark.fault(5)
@pytest.mark.parametrize(
    "cut",
    [
        lambda body: http(body[: len(body) // 2], JSON),
        lambda body: http(body[: len(body) // 2], JSON, length=len(body)),
        lambda body: http(gzip.compress(body)[:-20], JSON, "Content-Encoding: gzip"),
        lambda body: http(b"", JSON),
    ],
    ids=["json", "longueur", "gzip", "vide"],
)
def test_a_truncated_answer_loses_nothing(portal: Portal, cut: Callable[[bytes], bytes]) -> None:
    source = harvested(portal)
    portal.fault = lambda start: cut(portal.body(portal.packages))
    assert run(source).state is RunState.FAILED
    nothing_is_lost()


@pytest.mark.fault(6)
def test_a_maintenance_page_is_named(portal: Portal) -> None:
    source = harvested(portal)
    page = b"<!doctype html><html><body>Maintenance</body></html>"
    portal.fault = lambda start: http(page, "Content-Type: text/html")
    assert "TER-VAL-002" in codes(run(source))
    nothing_is_lost()


@pytest.mark.fault(7)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "", "name": ""}, "TER-VAL-003"),
        ({"metadata_modified": "le 45 brumaire"}, "TER-VAL-023"),
        ({"title": "T" * 1_000_000}, "TER-VAL-022"),
        ({"notes": "x" * 1_000_000}, "TER-VAL-022"),
        ({"notes": "<script>alert(1)</script>Bonjour"}, "TER-VAL-021"),
    ],
    ids=["sans titre", "date", "titre d’un Mo", "texte d’un Mo", "code"],
)
def test_a_bad_record_is_told_and_the_others_land(
    portal: Portal, changes: dict[str, Any], code: str
) -> None:
    portal.packages.append(package(99, **changes))
    report = run(add(portal))
    assert code in codes(report)
    assert report.counts["created"] >= 24
    assert report.counts["refused"] == 0


@pytest.mark.fault(8)
def test_identifiers_moved_to_https_keep_their_datasets(portal: Portal) -> None:
    portal.packages = [package(n, id=f"http://ville.example/{n}/") for n in range(24)]
    source = harvested(portal)
    before = {d["id"] for d in act("package_search", rows=100)["results"]}
    portal.packages = [package(n, id=f"https://ville.example/{n}") for n in range(24)]
    assert run(source).counts["renamed"] == 24
    assert {d["id"] for d in act("package_search", rows=100)["results"]} == before
    nothing_is_lost()


@pytest.mark.fault(9)
def test_a_dataset_deleted_then_back_has_its_id(portal: Portal, ckan_config: Any) -> None:
    ckan_config["ckanext.territoire.harvest.grace_days"] = 0
    source = harvested(portal)
    all_packages = list(portal.packages)
    name = act("package_search", q="title:23", rows=1)["results"][0]["name"]
    portal.packages = all_packages[:23]
    assert run(source).counts["retired"] == 1
    assert count() == 23
    portal.packages = all_packages
    assert run(source).counts["reactivated"] == 1
    assert act("package_show", id=name)["state"] == "active"
    nothing_is_lost()


@pytest.mark.fault(10)
def test_a_second_source_does_not_take_a_claimed_dataset(portal: Portal) -> None:
    portal.packages = [package(n, id=f"https://ville.example/{n}") for n in range(24)]
    harvested(portal)
    other = add(portal, settings={"filter": "tags:x"}, title="Autre")
    report = run(other)
    assert (report.counts["created"], report.counts["elsewhere"]) == (0, 24)
    nothing_is_lost()


@pytest.mark.fault(11)
def test_a_double_identifier_is_told_and_the_first_wins(portal: Portal) -> None:
    portal.packages.append(package(0, title="Copie"))
    report = run(add(portal))
    assert "TER-PUB-002" in codes(report)
    assert act("package_search", q="title:Copie", rows=0)["count"] == 0
    nothing_is_lost()


@pytest.mark.fault(14)
def test_a_database_cut_in_mid_commit_leaves_no_ghost(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(portal)
    real = index_outbox.queue

    def cut(ids: Any) -> None:
        real(ids)
        pid = model.Session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with model.meta.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    monkeypatch.setattr(index_outbox, "queue", cut)
    runner.run_waiting()
    jobs.open_job(source)
    runner.work(_once(), pause_s=0)
    assert index_outbox.drift().count == 0
    assert count() == 0
    monkeypatch.setattr(index_outbox, "queue", real)
    runner.work(_once(), pause_s=0)
    nothing_is_lost()


def _once() -> Callable[[], bool]:
    turns = iter([False, True])
    return lambda: next(turns)


@pytest.mark.fault(15)
@pytest.mark.parametrize("address", ["http://127.0.0.1:9/solr/x", "http://127.0.0.1:1/solr/x"])
def test_search_away_refuses_no_dataset_and_catches_up(
    portal: Portal, ckan_config: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    source = add(portal)
    solr = ckan_config["solr_url"]
    monkeypatch.setitem(ckan_config, "solr_url", address)
    jobs.open_job(source)
    runner.work(_once(), pause_s=0)
    stored = model.Session.execute(text("SELECT count(*) FROM territoire_source_record"))
    assert stored.scalar_one() == 24
    model.Session.rollback()
    monkeypatch.setitem(ckan_config, "solr_url", solr)
    runner.work(_once(), pause_s=0)
    nothing_is_lost()


@pytest.mark.fault(16)
def test_a_dataset_of_8000_resources_is_stored_whole(portal: Portal) -> None:
    resources = [{"url": f"https://ville.example/{n}.pdf", "name": str(n)} for n in range(8_000)]
    portal.packages = [package(1, resources=resources)]
    report = run(add(portal))
    assert report.counts["created"] == 1
    [found] = act("package_search", rows=1)["results"]
    assert found["num_resources"] == 8_000


@pytest.mark.fault(21)
@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://127.1:1/", "file:///etc/passwd"]
)
def test_a_redirect_to_a_private_address_is_refused(portal: Portal, target: str) -> None:
    source = harvested(portal)
    portal.fault = lambda start: http(b"", f"Location: {target}", status="302 Ailleurs")
    assert codes(run(source)) & {"TER-FET-004", "TER-FET-005"}
    nothing_is_lost()


@pytest.mark.fault(22)
def test_two_schedulers_make_one_run(portal: Portal) -> None:
    source = add(portal, frequency="DAILY")
    runner.make_scheduled_jobs()
    runner.make_scheduled_jobs()

    processes = [start_child(runner.run_waiting) for _ in range(2)]
    for process in processes:
        process.join(60)
    assert [r["state"] for r in jobs.last_runs(source.id)] == ["finished"]
    nothing_is_lost()


@pytest.mark.fault(23)
def test_the_dump_of_yesterday_converges(portal: Portal, tmp_path: Any) -> None:
    everything, portal.packages = portal.packages, portal.packages[:12]
    source = add(portal)
    assert run(source).counts["created"] == 12
    address = model.meta.engine.url.set(drivername="postgresql").render_as_string(
        hide_password=False
    )
    dump = tmp_path / "dump"
    subprocess.run(["pg_dump", "-Fc", "-f", dump, "--data-only", address], check=True)
    portal.packages = everything
    assert run(source).counts["created"] == 12
    _restore(address, dump)
    run(source)
    nothing_is_lost()


def _restore(address: str, dump: Any) -> None:
    """Put yesterday's rows back; search stays as it was today."""
    empty_catalogue()
    listed = ["pg_restore", "--data-only", "--disable-triggers", "-d", address, str(dump)]
    subprocess.run(listed, check=False, capture_output=True)
    index_outbox.repair()


@pytest.mark.fault(24)
def test_a_deferred_update_that_would_be_lost_is_refused(portal: Portal) -> None:
    made = act("package_create", name="jeu", title="Avant", owner_org="acigne", license_id="lov2")
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context = {"user": user, "ignore_auth": True, "defer_commit": True}
    with pytest.raises(toolkit.ValidationError, match="defer_commit"):
        toolkit.get_action("package_update")(context, {**made, "title": "Après"})
    assert json.loads(json.dumps(act("package_show", id="jeu")["title"])) == "Avant"
