"""The faults that are played to stock, each from a catalogue that it has harvested in peace.

A trial is arranged, then acts on the scene: what the portal says next, and runs of the harvester.
The two harvesters of stock are tried alike; DCAT's alone where the thing cannot befall CKAN's,
which retires nothing and whose identifiers are no addresses.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.apart import Apart, Told
from tests.faults.stock.portal import TYPES, PagedPortal, record
from tests.faults.stock.side import NAME, SECOND
from tests.faults.stock.verdict import CONTROL, Seen
from tests.unit.loopback import Ask, Send, http, redirect, serving

COUNT = 6
LATER = "2099-01-01T00:00:00"  # CKAN's harvester passes over what is older than its own row
AWAY = "http://127.0.0.1:9/solr/x"
HTML = http(b"<!doctype html><html><body>Maintenance</body></html>", "Content-Type: text/html")


def peaceful_catalogue() -> list[dict[str, Any]]:
    """The datasets of the portal before any fault."""
    return [record(n) for n in range(COUNT)]


@dataclass
class Scene:
    """One trial under way: the portal, the process of stock, and what was seen."""

    stock: Apart
    portal: PagedPortal
    stack: ExitStack
    before: Told = field(default_factory=lambda: {"datasets": [], "errors": []})
    due: frozenset[str] = frozenset()
    is_ended: bool = True
    is_told: bool = False
    reached: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Start from nothing, with the source registered."""
        assert self.stock.do("reset", self.portal.source_url) == {}
        self.due = frozenset(each["title"] for each in self.portal.packages if each["title"])

    def begin_in_peace(self) -> None:
        """Harvest what the portal serves, which must succeed for the trial to say anything."""
        self.begin()
        self.harvest()
        self.before = self.look()
        titles = {each["title"] for each in self.before["datasets"]}
        assert self.is_ended, "the harvest in peace has not ended"
        assert titles == self.due, f"not harvested in peace: {self.before}"

    def harvest(self, name: str = NAME, solr_url: str = "") -> None:
        """Run the harvester once."""
        told = self.stock.do("run", name, solr_url)
        self.is_ended = self.is_ended and bool(told and told["finished"])

    def harvest_with(self, fault: Callable[[int], bytes | None]) -> None:
        """Run the harvester while the portal plays a fault."""
        self.portal.fault = fault
        self.harvest()

    def look(self) -> Told:
        """What is served now."""
        told = self.stock.do("look")
        assert told is not None, "what is served cannot be read"
        return told

    def seen(self, must_tell: bool) -> Seen:
        """What the trial left."""
        now = self.look()
        is_told = not must_tell or self.is_told or len(now["errors"]) > len(self.before["errors"])
        return Seen(self.before["datasets"], now["datasets"], self.due,
                    self.is_ended, is_told, bool(self.reached))  # fmt: skip


Play = Callable[[Scene], None]


def nothing_happens(scene: Scene) -> None:
    scene.begin_in_peace()
    scene.harvest()


def one_dataset_is_corrected(scene: Scene) -> None:
    scene.begin_in_peace()
    changes = {"notes": "Corrigé.", "modified": "2026-02-03"}
    scene.portal.packages[0] = record(0, metadata_modified=LATER, **changes)
    scene.harvest()


def the_catalogue_is_empty(scene: Scene) -> None:
    scene.begin_in_peace()
    scene.portal.packages = []
    scene.harvest()


def page_one_comes_again(scene: Scene) -> None:
    scene.begin_in_peace()
    scene.harvest_with(lambda start: scene.portal.sent(0))


def page_two_comes_for_ever(scene: Scene) -> None:
    scene.begin_in_peace()
    size = scene.portal.page_size
    scene.harvest_with(lambda start: scene.portal.sent(size) if start else None)


def the_next_link_is_lost(scene: Scene) -> None:
    scene.begin_in_peace()
    scene.harvest_with(scene.portal.last_page)


def page_two_fails(status: str) -> Play:
    def play(scene: Scene) -> None:
        scene.begin_in_peace()
        scene.harvest_with(lambda start: http(b"", status=status) if start else None)

    return play


def page_two_is_silent(scene: Scene) -> None:
    scene.begin_in_peace()
    is_over = threading.Event()
    scene.stack.callback(is_over.set)
    scene.harvest_with(lambda start: b"" if start and is_over.wait() else None)


def the_answer_is(cut: Callable[[bytes, str], bytes]) -> Play:
    def play(scene: Scene) -> None:
        scene.begin_in_peace()
        scene.harvest_with(lambda start: cut(scene.portal.page(start), TYPES[scene.portal.kind]))

    return play


def one_record_is(changes: dict[str, Any]) -> Play:
    """Three records more come with the bad one: those are due too."""

    def play(scene: Scene) -> None:
        whole = scene.portal.packages
        scene.portal.packages = whole[:3]
        scene.begin_in_peace()
        scene.portal.packages = [*whole[:3], record(99, **changes), *whole[3:]]
        scene.due = frozenset(each["title"] for each in whole)
        scene.harvest()

    return play


def identifiers_are_renamed(scene: Scene) -> None:
    scene.begin_in_peace()
    scene.portal.packages = [record(n, id=f"https://ville.example/{n}/") for n in range(COUNT)]
    scene.harvest()


def a_dataset_goes_and_comes_back(scene: Scene) -> None:
    scene.begin_in_peace()
    whole = scene.portal.packages
    scene.portal.packages = whole[:-1]
    scene.harvest()
    scene.portal.packages = whole
    scene.harvest()


def a_second_source_claims_all(scene: Scene) -> None:
    scene.begin_in_peace()
    copies = [each | {"metadata_modified": LATER} for each in scene.portal.packages]
    other = PagedPortal(copies, kind=scene.portal.kind)
    other.host = scene.stack.enter_context(serving(other.answer))
    assert scene.stock.do("add", other.source_url) == {}
    scene.harvest(SECOND)


def an_identifier_comes_twice(scene: Scene) -> None:
    scene.begin_in_peace()
    copy = record(0, title="Copie", metadata_modified=LATER)
    scene.portal.packages.append(copy)
    scene.harvest()


def search_is_away(scene: Scene) -> None:
    """It is back for the second run, and nothing else has changed."""
    scene.begin()
    scene.harvest(solr_url=AWAY)
    scene.harvest()


def the_portal_leads_elsewhere(scene: Scene) -> None:
    """Elsewhere is another port of loopback, which nobody allowed."""
    scene.begin_in_peace()

    def note(ask: Ask, send: Send) -> None:
        scene.reached.append(ask)
        send(http(b"{}", TYPES["ckan"]))

    inside = scene.stack.enter_context(serving(note))
    scene.harvest_with(lambda start: redirect(f"http://{inside}/latest/meta-data"))


def a_batch_is_committed_once(scene: Scene) -> None:
    scene.begin_in_peace()
    titles = {each["id"]: f"{each['title']} corrigé" for each in scene.before["datasets"]}
    told = scene.stock.do("defer", titles)
    scene.is_told = bool(told and told["refused"])
    if not scene.is_told:
        scene.due = frozenset(titles.values())


CUTS: dict[str, Callable[[bytes, str], bytes]] = {
    "corps coupé": lambda body, kind: http(body[: len(body) // 2], kind),
    "corps plus court qu’annoncé": lambda body, kind: http(
        body[: len(body) // 2], kind, length=len(body)
    ),
    "gzip coupé": lambda body, kind: http(
        gzip.compress(body)[:-20], kind, "Content-Encoding: gzip"
    ),
}
BOTH = ("ckan", "dcat_rdf")


@dataclass(frozen=True, slots=True)
class Story:
    """A trial to play: its row, its name in French, what happens, and to which harvesters."""

    row: int
    name: str
    play: Play
    kinds: tuple[str, ...] = BOTH
    must_tell: bool = True


STORIES = (
    Story(CONTROL, "moisson refaite", nothing_happens, must_tell=False),
    Story(CONTROL, "un jeu corrigé", one_dataset_is_corrected, must_tell=False),
    Story(1, "catalogue vide", the_catalogue_is_empty),
    Story(2, "la page 1 revient", page_one_comes_again),
    Story(2, "la page 2 revient sans fin", page_two_comes_for_ever),
    Story(3, "suite perdue", the_next_link_is_lost),
    *(Story(4, f"page 2 : {status}", page_two_fails(status))
      for status in ("500 Panne", "403 Interdit", "429 Attendez")),
    Story(4, "page 2 muette", page_two_is_silent),
    *(Story(5, name, the_answer_is(cut)) for name, cut in CUTS.items()),
    Story(6, "page de maintenance", the_answer_is(lambda body, kind: HTML)),
    Story(7, "sans titre", one_record_is({"title": "", "name": ""})),
    Story(7, "date absurde", one_record_is({
        "modified": "le 45 brumaire", "metadata_modified": "le 45 brumaire"})),
    Story(7, "titre d’un Mo", one_record_is({"title": "T" * 1_000_000})),
    Story(8, "http vers https", identifiers_are_renamed, ("dcat_rdf",), must_tell=False),
    Story(9, "parti puis revenu", a_dataset_goes_and_comes_back, ("dcat_rdf",), must_tell=False),
    Story(10, "seconde source", a_second_source_claims_all),
    Story(11, "identifiant en double", an_identifier_comes_twice),
    Story(15, "Solr absent une fois", search_is_away),
    Story(21, "renvoi vers un réseau privé", the_portal_leads_elsewhere),
    Story(24, "lot validé à la fin", a_batch_is_committed_once, ("ckan",), must_tell=False),
)  # fmt: skip
