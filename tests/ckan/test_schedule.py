"""When sources are read, on the real tables: who makes jobs, quiet hours, rests, pages kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.harvest_adapter import hosts, jobs, runner, schedule, sources
from harvesters.fetch import Rest
from harvesters.rhythm import QuietHours
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.ckan.conftest import add_source as add
from tests.ckan.portal_server import Portal
from tests.ckan.statements import statements, writes_beyond_the_run
from tests.unit.loopback import Ask, http

pytestmark = pytest.mark.usefixtures("organization")
NOW = datetime.now(UTC)


def rhythm(source: sources.StoredSource) -> dict[str, Any]:
    return act("territoire_source_show", id=source.id)["rhythm"]


def set_next(source: sources.StoredSource, at: datetime) -> None:
    model.Session.execute(
        text("UPDATE territoire_source_rhythm SET next_run = :at WHERE source_id = :id"),
        {"id": source.id, "at": jobs.naive(at)},
    )
    model.Session.commit()


def waiting() -> list[str]:
    return [source_id for _, source_id in jobs.waiting_jobs()]


def test_a_new_source_is_automatic_and_waits_for_its_first_run(portal: Portal) -> None:
    source = add(portal)
    runner.make_scheduled_jobs()
    assert (source.frequency, waiting()) == ("AUTO", [])
    assert rhythm(source)["sentence"].startswith("Lancez la première moisson")


def test_after_its_first_run_it_is_read_about_a_day_later(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    at = datetime.fromisoformat(rhythm(source)["next_run"])
    assert timedelta(hours=21) < at - datetime.now(UTC) < timedelta(hours=27)
    assert rhythm(source)["sentence"].startswith("Prochaine moisson : demain vers ")


def test_a_source_is_run_when_its_moment_has_come_and_once(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    set_next(source, datetime.now(UTC) - timedelta(minutes=1))
    assert [schedule.make_due_jobs(), schedule.make_due_jobs()] == [1, 0]
    assert waiting() == [source.id]
    assert runner.run_waiting() == 1
    assert schedule.make_due_jobs() == 0


def test_a_clock_that_jumped_leaves_no_source_forgotten(portal: Portal) -> None:
    source = add(portal, frequency="DAILY")
    runner.run_now(source)
    set_next(source, datetime.now(UTC) + timedelta(days=4_000))
    assert schedule.make_due_jobs() == 0
    model.Session.rollback()
    at = datetime.fromisoformat(rhythm(source)["next_run"])
    assert at - datetime.now(UTC) < timedelta(days=2)


def test_the_schedule_of_ckanext_harvest_leaves_our_sources_to_us(portal: Portal) -> None:
    source = add(portal, frequency="DAILY")
    runner.run_now(source)
    runner.make_scheduled_jobs()
    context: Any = {"ignore_auth": True, "model": model, "session": model.Session}
    toolkit.get_action("harvest_jobs_run")(context, {})
    assert waiting() == []
    assert source.frequency == "DAILY"


def test_two_schedulers_at_the_same_moment_make_one_job(portal: Portal) -> None:
    source = add(portal, frequency="DAILY")
    processes = [start_child(schedule.make_due_jobs) for _ in range(3)]
    for process in processes:
        process.join(60)
    query = text("SELECT count(*) FROM harvest_job WHERE source_id = :id")
    assert model.Session.execute(query, {"id": source.id}).scalar_one() == 1


def test_no_run_begins_in_the_quiet_hours_of_a_source(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12 h in Paris
    monkeypatch.setattr(schedule, "utc_now", lambda: noon)
    source = add(portal, frequency="DAILY", quiet_hours="8h-18h")
    assert schedule.make_due_jobs() == 0
    monkeypatch.setattr(schedule, "utc_now", lambda: noon + timedelta(hours=7))
    assert schedule.make_due_jobs() == 1
    assert rhythm(source)["quiet"].replace("\u00a0", " ").endswith("entre 8 h et 18 h.")


def test_quiet_hours_for_all_are_not_for_sensors(portal: Portal, ckan_config: Any) -> None:
    ckan_config["ckanext.territoire.harvest.quiet_hours"] = "8h-18h"
    source = add(portal)
    assert isinstance(schedule.wish_of(source).quiet, QuietHours)
    values = {k: getattr(source, k) for k in source.__slots__}
    sensors = sources.StoredSource(**values | {"kind": "sensorthings"})
    assert schedule.wish_of(sensors).quiet is None


def test_an_officer_changes_the_rhythm_and_stock_screens_follow(portal: Portal) -> None:
    source = add(portal)
    act("territoire_source_update", id=source.id, frequency="WEEKLY", quiet_hours="22h-6h")
    changed = sources.load_source(source.id)
    assert (changed.frequency, changed.quiet) == ("WEEKLY", "22h-6h")
    assert act("harvest_source_show", id=source.id)["frequency"] == "WEEKLY"
    act("territoire_source_update", id=source.id, frequency="AUTO")
    again = sources.load_source(source.id)
    assert (again.frequency, again.quiet) == ("AUTO", "22h-6h")


@pytest.mark.parametrize(
    ("wish", "code"),
    [({"frequency": "SOUVENT"}, "TER-SRC-081"), ({"quiet_hours": "la nuit"}, "TER-SRC-080")],
)
def test_a_rhythm_that_does_not_exist_is_refused_with_what_does(
    portal: Portal, wish: dict[str, str], code: str
) -> None:
    source = add(portal)
    with pytest.raises(toolkit.ValidationError, match=code):
        act("territoire_source_update", id=source.id, **wish)
    with pytest.raises(toolkit.ValidationError, match=code):
        add(portal, url=f"{portal.url}/fr", **wish)


def test_coming_runs_are_listed_soonest_first(portal: Portal) -> None:
    late = add(portal, title="Tard", frequency="WEEKLY", settings={"filter": "a:b"})
    soon = add(portal, title="Tôt", frequency="DAILY")
    never = add(portal, title="Jamais", frequency="MANUAL", settings={"filter": "c:d"})
    for source in (late, soon):
        runner.run_now(source)
    names = [each["name"] for each in act("territoire_source_schedule")]
    assert names == [soon.name, late.name, never.name]


def test_a_server_that_asked_to_wait_is_not_asked_by_the_next_run_of_any_source(
    portal: Portal,
) -> None:
    first, other = add(portal), add(portal, settings={"filter": "a:b"}, title="Autre")
    portal.fault = lambda start: http(b"", "Retry-After: 7200", status="503 Busy")
    runner.run_now(first)
    portal.asked.clear()
    portal.fault = lambda start: None
    _, report = runner.run_now(other)
    assert [issue.code for issue in report.issues] == ["TER-FET-025"]
    assert portal.asked == []
    at = datetime.fromisoformat(rhythm(other)["next_run"])
    assert timedelta(hours=1.9) < at - datetime.now(UTC) < timedelta(hours=2.2)
    assert "n’est pas interrogé avant" in rhythm(other)["rest"]


def test_rests_are_kept_for_every_process_and_forgotten_when_over() -> None:
    kept = hosts.StoredRests()
    until = NOW.replace(microsecond=0) + timedelta(hours=1)
    kept.save("a.example", Rest(3, until, True))
    assert hosts.StoredRests().load("a.example") == Rest(3, until, True)
    kept.save("a.example", Rest())
    assert kept.load("a.example") == Rest()
    assert model.Session.execute(text("SELECT count(*) FROM territoire_host")).scalar_one() == 0


def written_by(source: sources.StoredSource) -> tuple[list[str], dict[str, int]]:
    """Run a source; answer the statements that write, but those of its run, and its counts."""
    with statements() as seen:
        _, report = runner.run_now(source)
    return writes_beyond_the_run(seen), report.counts


def with_etags(portal: Portal) -> list[str]:
    """Have the portal answer 304 to whom has its page; answer the list of what it answered."""
    told: list[str] = []

    def answer(path: Ask, send: Any) -> None:
        body = portal.body(portal.packages)
        etag = f'"{len(portal.packages)}-{hash(body)}"'
        is_same = path.headers.get("if-none-match") == etag
        told.append("304" if is_same else "200")
        status = "304 Not Modified" if is_same else "200 OK"
        kind = ("Content-Type: application/json", f"ETag: {etag}")
        send(http(b"" if is_same else body, *kind, status=status))

    portal.answer = answer  # type: ignore[assignment,method-assign]
    return told


@pytest.mark.parametrize("has_etag", [True, False])
def test_an_unchanged_page_is_not_parsed_and_writes_nothing_and_a_removal_is_seen(
    portal: Portal, has_etag: bool
) -> None:
    told = with_etags(portal) if has_etag else []
    source = add(portal)
    runner.run_now(source)
    told.clear()
    written, counts = written_by(source)
    assert (written, counts["kept"]) == ([], 12)
    assert told == (["304"] if has_etag else [])
    portal.packages.pop()
    _, report = runner.run_now(source)
    assert (report.counts["missing"], report.counts["kept"]) == (1, 11)


def test_removing_a_source_forgets_its_pages_and_its_rhythm(portal: Portal) -> None:
    source = add(portal)
    runner.run_now(source)
    tables = ("territoire_source_page", "territoire_source_rhythm")

    def rows() -> list[int]:
        query = "SELECT count(*) FROM {}"
        return [model.Session.execute(text(query.format(t))).scalar_one() for t in tables]

    assert rows() == [1, 1]
    act("territoire_source_remove", id=source.id, keep_datasets=True)
    assert rows() == [0, 0]


def test_no_secret_of_a_source_is_kept_with_its_pages(portal: Portal) -> None:
    portal.page_size = 5
    source = add(portal, settings={"api_key": "jeton-tres-secret"})
    runner.run_now(source)
    query = text(
        "SELECT string_agg(url || convert_from(held, 'utf8'), '') FROM territoire_source_page"
    )
    assert "jeton-tres-secret" not in str(model.Session.execute(query).scalar_one())
