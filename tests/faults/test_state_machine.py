"""A source that lives and is cut anywhere, against the platform: after each run both are one.

A record is a number; its identifier, title and place at the source change as the machine likes.
After a run the platform holds what the source gives, or says why not: held by the brake, frozen by
an officer's decision, missing since less than the grace period, or not read to the end.
`TERRITOIRE_MACHINE_EXAMPLES` asks for a longer search than that of every day.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ckan import model
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner, versions
from harvesters.border import Border, watching
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.faults.broken_lines import FAULTS, line_to
from tests.faults.hurried import hurry
from tests.faults.platform_state import in_search
from tests.faults.stories import town
from tests.faults.test_killed_at_every_border import die_at, once, wait_for_free_lock
from tests.unit.loopback import http

EXAMPLES = int(os.environ.get("TERRITOIRE_MACHINE_EXAMPLES", "5"))
STEPS = 8
GRACE_DAYS = 7
FIRST = 7
TAGS = (f"bourg{n:03d}" for n in itertools.count())
KILLS = (
    Border.JOB_STARTED, Border.PAGE_READ, Border.PLANNED, Border.BATCH_REHEARSED,
    Border.BATCH_BEGINS, Border.ROWS_WRITTEN, Border.OUTBOX_WRITTEN, Border.BATCH_COMMITTED,
    Border.BATCH_SENT, Border.BATCH_DONE, Border.RETIRED, Border.MARKED, Border.PAGES_WRITTEN,
    Border.REPORT_WRITTEN, Border.JOB_FINISHED, Border.OUTBOX_CLEARED,
)  # fmt: skip
BREAKS = ("500", "truncated", "repeated", "html")
LINES = ("cut on the way back", "reset on the way there", "refused", "silent")
CHANGE = (
    "add", "edit", "to_http", "to_https", "add_slash", "rename", "delete", "delete_many",
    "bring_back", "break_a_page", "a_day", "beyond_the_grace",
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.sampled_from(CHANGE), st.integers(0, 30)), min_size=1, max_size=4)
CUTS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(KILLS), st.integers(1, 2)),
    st.tuples(st.sampled_from(["postgresql", "redis", "solr"]), st.sampled_from(LINES)),
)
Cut = tuple[Border, int] | tuple[str, str] | None


@dataclass
class Record:
    """What the source says of one thing."""

    number: int
    remote_id: str
    version: int = 0
    is_there: bool = True

    @property
    def base(self) -> str:
        """What stays of its identifier when the site moves to https or adds a slash."""
        return re.sub(r"^https?:", "", self.remote_id).rstrip("/")


@dataclass
class Platform:
    """What stands here of each number: (title, dataset id), what was retired, and what is said."""

    active: dict[int, tuple[str, str]] = field(default_factory=dict)
    doubles: list[int] = field(default_factory=list)
    stays: set[int] = field(default_factory=set)
    missing: dict[int, datetime] = field(default_factory=dict)
    known: dict[int, str] = field(default_factory=dict)


class Harvests(RuleBasedStateMachine):
    """The life of a source, of the service that harvests it, and of the officer."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.town = self.stack.enter_context(town(next(TAGS)))
        self.tag = self.town.tag
        self.days = 0
        self.town.patch.setattr(jobs, "utc_now", self.now)
        hurry(self.town.patch, tries=1)
        self.records = {n: Record(n, self.id_of(n)) for n in range(FIRST)}
        self.is_broken = ""
        self.ids: dict[int, str] = {}
        self.seen: dict[int, str] = {}
        self.before: Platform = Platform()
        self.last: dict[str, Any] = {}

    def teardown(self) -> None:
        self.stack.close()

    # what the world is

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=self.days)

    def id_of(self, number: int) -> str:
        return f"https://{self.tag}.example/{number}"

    def title(self, record: Record) -> str:
        return f"Jeu {self.tag} {record.number} v{record.version}"

    def serve(self) -> None:
        """Say at the portal what the source says now."""
        self.town.portal.packages = [
            self.town.item(r.number, id=r.remote_id, title=self.title(r))
            for r in self.records.values()
            if r.is_there
        ]
        self.town.portal.fault = self.broken_page if self.is_broken else lambda start: None

    def broken_page(self, start: int) -> bytes | None:
        portal = self.town.portal
        if not start and len(portal.packages) > portal.page_size:
            return None
        body = portal.body(portal.packages[: portal.page_size])
        if self.is_broken == "500":
            return http(b"", status="500 Panne")
        if self.is_broken == "html":
            return http(b"<!doctype html><p>Maintenance", "Content-Type: text/html")
        kept = body if self.is_broken == "repeated" and start else body[: len(body) // 2]
        return http(kept, "Content-Type: application/json")

    # what the source does, one change each

    def add(self, which: int) -> None:
        number = len(self.records)
        self.records[number] = Record(number, self.id_of(number))

    def edit(self, which: int) -> None:
        self.some(which).version += 1

    def to_http(self, which: int) -> None:
        self.some(which).remote_id = self.some(which).remote_id.replace("https:", "http:")

    def to_https(self, which: int) -> None:
        self.some(which).remote_id = self.some(which).remote_id.replace("http:", "https:")

    def add_slash(self, which: int) -> None:
        self.some(which).remote_id = self.some(which).remote_id.rstrip("/") + "/"

    def rename(self, which: int) -> None:
        """Another identifier for the same files."""
        record = self.some(which)
        record.remote_id = f"autre-{record.number}-{len(record.remote_id)}"

    def delete(self, which: int) -> None:
        self.some(which).is_there = False

    def delete_many(self, which: int) -> None:
        for record in list(self.records.values())[which % 3 :]:
            record.is_there = False

    def bring_back(self, which: int) -> None:
        for record in self.records.values():
            record.is_there = True

    def break_a_page(self, which: int) -> None:
        self.is_broken = BREAKS[which % len(BREAKS)]

    def a_day(self, which: int) -> None:
        self.days += 1

    def beyond_the_grace(self, which: int) -> None:
        self.days += GRACE_DAYS + 1

    def some(self, which: int) -> Record:
        return self.records[which % len(self.records)]

    # what the service does, cut or not

    @initialize()
    def first_night(self) -> None:
        self.harvest(self.run)

    @rule(changes=CHANGES, cut=CUTS)
    def night(self, changes: list[tuple[str, int]], cut: Cut) -> None:
        for change, which in changes:
            getattr(self, change)(which)
        if cut is None:
            self.harvest(self.run)
        elif isinstance(cut[0], Border):
            self.harvest(lambda: self.run_killed(cut[0], int(cut[1])))
        else:
            self.harvest(lambda: self.run_while_cut(cut[0], str(cut[1])))

    def run(self) -> None:
        runner.run_now(self.town.source)

    def run_killed(self, border: Any, passage: int) -> None:
        def run_and_die() -> None:
            with watching(die_at(border, passage)):
                self.run()

        process = start_child(run_and_die)
        process.join(60)
        wait_for_free_lock(self.town)
        runner.work(once(), pause_s=0)

    def run_while_cut(self, store: Any, how: str) -> None:
        jobs.open_job(self.town.source)
        with pytest.MonkeyPatch.context() as patch, line_to(store, self.town, patch) as proxy:
            proxy.play(FAULTS[how])
            runner.work(once(), pause_s=0)
            proxy.play(None)
            runner.work(once(), pause_s=0)

    def harvest(self, do: Callable[[], None]) -> None:
        self.before = self.platform()
        self.forget_strangers()
        self.serve()
        do()
        self.last = jobs.last_runs(self.town.source.id, 1)[0]
        self.is_broken = ""
        self.check_run()

    def forget_strangers(self) -> None:
        """A retired record that is back under another identifier is a stranger: a new dataset."""
        for record in self.records.values():
            is_back = record.is_there and record.number not in self.before.active
            if is_back and record.base != self.seen.get(record.number, record.base):
                self.ids.pop(record.number, None)
            self.seen[record.number] = record.base

    # what the officer does

    @precondition(lambda self: self.last.get("state") == "held")
    @rule(is_accepted=st.booleans())
    def decide(self, is_accepted: bool) -> None:
        act("territoire_source_decide", id=self.town.source.id, job_id=self.last["job_id"],
            accept=is_accepted)  # fmt: skip
        self.last = {}
        if is_accepted:
            self.harvest(lambda: runner.work(once(), pause_s=0))  # it was asked with the decision

    @precondition(lambda self: self.last.get("state") == "finished" and len(self.ids) > FIRST - 1)
    @rule()
    def roll_back(self) -> None:
        job_id, self.last = self.last["job_id"], {}
        if versions.is_undoable(self.town.source.id, job_id):  # it changed something
            act("territoire_run_rollback", id=self.town.source.id, job_id=job_id)
        assert self.platform().active == self.before.active

    # what must hold

    def platform(self) -> Platform:
        """Read what stands here."""
        model.Session.remove()
        found = Platform()
        rows = model.Session.execute(text(STANDS), {"tag": f"Jeu {self.tag} %"}).all()
        for row in rows:
            number = int(row.title.split()[2])
            found.known[number] = row.id
            if row.state == "active":
                found.doubles += [number] if number in found.active else []
                found.active[number] = (row.title, row.id)
            if row.stays:
                found.stays.add(number)
            if row.missing_since:
                found.missing[number] = row.missing_since.replace(tzinfo=UTC)
        model.Session.rollback()
        return found

    def check_run(self) -> None:
        now, there = self.platform(), {n for n, r in self.records.items() if r.is_there}
        assert self.last["state"] in ("finished", "held", "failed")
        if self.last["state"] != "finished":
            assert now.active == self.before.active
            return
        for number, (title, _) in now.active.items():
            allowed = {self.title(self.records[number])}
            is_told = number in now.stays or not self.last["report"]["is_complete"]
            if is_told or number not in there:
                allowed.add(self.before.active.get(number, (title,))[0])
            assert title in allowed
        gone = self.before.active.keys() - now.active.keys()
        if not self.last["report"]["is_complete"]:
            assert not gone
            return
        assert not gone & there
        assert there - now.active.keys() <= now.stays
        grace = timedelta(days=GRACE_DAYS, minutes=1)
        for number in now.active.keys() - there - now.stays:
            assert self.now() - now.missing[number] < grace

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        now = self.platform()
        assert now.doubles == []
        for number, dataset_id in self.ids.items():
            assert now.known[number] == dataset_id
        self.ids |= now.known

    @invariant()
    def search_follows(self) -> None:
        assert index_outbox.drift().count == 0
        shown = sorted(re.search(r"Jeu [^']*", line).group() for line in in_search(self.tag))  # type: ignore[union-attr]
        assert shown == sorted(title for title, _ in self.platform().active.values())

    @invariant()
    def no_job_is_stuck(self) -> None:
        assert jobs.waiting_jobs() == []


STANDS = """
    SELECT p.id, p.title, p.state, r.frozen_hash IS NOT NULL AS stays, r.missing_since
      FROM package p LEFT JOIN territoire_source_record r ON r.dataset_id = p.id
     WHERE p.title LIKE :tag AND p.type = 'dataset' ORDER BY p.state DESC
"""


@pytest.mark.fault(12)
@pytest.mark.usefixtures("started_once")
def test_whatever_happens_the_platform_is_its_source_or_says_why_not() -> None:
    run_state_machine_as_test(
        Harvests,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
