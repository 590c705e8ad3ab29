"""Stories of a harvest, each told twice: once in peace, once cut at a border and taken up again.

A story is arranged in peace, then acts; what acts runs in a process of its own, which may die. Each
telling has a tag in its names and addresses, so that many stand side by side in one database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.catalogue import write
from ckanext.territoire.harvest_adapter import jobs, runner, sources
from harvesters import run as engine
from tests.ckan.conftest import act
from tests.ckan.portal_server import Portal, package, portal_of
from tests.unit.loopback import http

COUNT = 8
BATCH = 3  # several batches for so few datasets
MOMENT = "2026-11-24T06:00:00Z"


class Sensors(Portal):
    """A store of sensors: two properties, each with one stream and its last value."""

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        value = [
            {"@iot.id": n, "name": f"Grandeur {self.packages[0]} {n}", "Datastreams": [
                {"@iot.id": 10 + n, "name": f"Flux {n}", "unitOfMeasurement": {"symbol": "°C"},
                 "Thing": {"name": f"Sonde {n}"},
                 "Observations": [{"result": 20 + n, "phenomenonTime": MOMENT}]}]}
            for n in (1, 2)
        ]  # fmt: skip
        body = {"value": value, "@iot.count": 2}
        send(http(json.dumps(body).encode(), "Content-Type: application/json"))


@dataclass
class Town:
    """One telling of a story: a commune and its portal, the portal of the region beside it."""

    tag: str
    portal: Portal
    region: Portal
    source: sources.StoredSource
    second: sources.StoredSource
    patch: pytest.MonkeyPatch

    def item(self, number: int, **changes: Any) -> dict[str, Any]:
        """A record of the commune, with a table and a document."""
        files = [{"id": f"r{n}", "url": f"https://{self.tag}.example/{number}.{n}", "format": n,
                  "name": f"Fichier {n}"} for n in ("csv", "pdf")]  # fmt: skip
        given = {
            "id": f"https://{self.tag}.example/{number}",
            "name": f"jeu-{self.tag}-{number}",
            "title": f"Jeu {self.tag} {number}",
            "resources": files,
            "publisher_name": f"Ville {self.tag}",
        }
        return package(number, **given | changes)

    def carried(self, number: int, **changes: Any) -> dict[str, Any]:
        """The same record at the portal of the region, which says where it comes from."""
        claim = f"https://{self.tag}.example/{number}"
        given = {"id": f"copie-{number}", "upstream_uri": claim, "title": f"Copie {number}"}
        return self.item(number, **given | changes)

    def name(self, number: int) -> str:
        """The address of a dataset here."""
        return f"jeu-{self.tag}-{number}"


@contextmanager
def town(tag: str) -> Iterator[Town]:
    """Serve two portals and register both: eight records at the commune, none at the region."""
    with ExitStack() as stack:
        portal, region = (stack.enter_context(portal_of()) for _ in range(2))
        act("organization_create", name=f"ville-{tag}", title=f"Ville {tag}")
        act("organization_create", name=f"region-{tag}", title=f"Région {tag}")
        minute.forget()
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(engine, "BATCH", BATCH)
        patch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", f"{portal.host},{region.host}")
        made = Town(tag, portal, region, add(portal, f"ville-{tag}", f"Portail {tag}"),
                    add(region, f"region-{tag}", f"Région {tag}"), patch)  # fmt: skip
        portal.packages = [made.item(n) for n in range(COUNT)]
        portal.page_size = BATCH
        yield made
        leave(made)


def leave(town: Town) -> None:
    """Give the ports back: another town may be served at the same ones."""
    model.Session.rollback()
    for table in ("harvest_source", "package"):
        query = text(f"""UPDATE {table} SET url = url || :end WHERE id IN (
                         SELECT id FROM package WHERE type = 'harvest' AND name LIKE :own)""")
        model.Session.execute(query, {"end": f"/{town.tag}.invalid", "own": f"%{town.tag}"})
    model.Session.commit()


def add(portal: Portal, owner: str, title: str, kind: str = "ckan_portal") -> Any:
    """Register a source that only an officer starts."""
    made = act("territoire_source_create", kind=kind, url=portal.url, organization=owner,
               title=title, frequency="MANUAL")  # fmt: skip
    return sources.load_source(made["id"])


def harvest(town: Town) -> str:
    """Run the source of the commune; answer the job."""
    return runner.run_now(town.source)[0]


def harvest_region(town: Town) -> str:
    """Run the source of the region; answer the job."""
    return runner.run_now(town.second)[0]


def nothing(town: Town) -> None:
    """Arrange nothing."""


def a_year_of_changes(town: Town) -> None:
    """All that a source does between two runs: correct, rename, drop, add; an officer too."""
    act("territoire_source_update", id=town.source.id, grace_days=0)
    harvest(town)
    correct(town, 1, title=f"Corrigé {town.tag}")
    kept = [town.item(n) for n in range(COUNT) if n not in (1, 2, 3, 6, 7)]
    town.portal.packages = [
        *kept,
        town.item(1, title=f"Neuf {town.tag}", notes="Description neuve"),
        town.item(2, notes="Changée", tags=[{"name": "neuf"}]),
        town.item(3, id=f"http://{town.tag}.example/3/"),
        town.item(20),
        town.item(21),
    ]


def correct(town: Town, number: int, **changes: Any) -> None:
    """Correct a dataset as an editor of the commune does."""
    editor = f"redactrice-{town.tag}"
    act("user_create", name=editor, email=f"{editor}@mairie.example", password="motdepasse-essai")
    act("organization_member_create", id=f"ville-{town.tag}", username=editor, role="editor")
    toolkit.get_action("package_patch")({"user": editor}, {"id": town.name(number), **changes})


def one_is_gone(town: Town) -> None:
    harvest(town)
    town.portal.packages = town.portal.packages[:-1]


def one_is_back(town: Town) -> None:
    """One has retired and is there again."""
    act("territoire_source_update", id=town.source.id, grace_days=0)
    everything = town.portal.packages
    one_is_gone(town)
    harvest(town)
    town.portal.packages = everything


def carried_by_the_region(town: Town) -> None:
    harvest(town)
    town.region.packages = [town.carried(n) for n in range(5)]


def two_routes(town: Town) -> None:
    carried_by_the_region(town)
    harvest_region(town)


def the_commune_drops_one(town: Town) -> None:
    two_routes(town)
    act("territoire_source_update", id=town.source.id, grace_days=0)
    town.portal.packages = town.portal.packages[1:]


def the_commune_comes_second(town: Town) -> None:
    """The region publishes what comes from the host of the commune, which arrives now."""
    claim = f"http://{town.portal.host}/jeu/"
    town.region.packages = [town.carried(n, upstream_uri=f"{claim}{n}") for n in range(4)]
    harvest_region(town)
    town.portal.packages = [town.item(n, upstream_uri=f"{claim}{n}") for n in range(4)]


def the_form_refuses(town: Town) -> None:
    """The commune comes second, with records that the form refuses."""
    the_commune_comes_second(town)
    town.patch.setattr(write, "check_package", lambda package, user: (package, "refusé"))


def twins(town: Town) -> None:
    """Both portals publish the same two datasets under names of their own."""
    town.portal.packages = [town.item(n) for n in range(2)]
    town.region.packages = [town.item(n, id=f"autre-{n}", title=f"Double {town.tag} {n}")
                            for n in range(2)]  # fmt: skip
    harvest(town)
    harvest_region(town)


def merged(town: Town) -> None:
    twins(town)
    merge(town)


def merge(town: Town) -> None:
    act("territoire_same_merge", ids=[town.name(0), f"double-{town.tag}-0"], winner=town.name(0))


def separate(town: Town) -> None:
    act("territoire_same_separate", id=town.name(0), source=town.second.id)


def choose(town: Town) -> None:
    act("territoire_same_choose", id=town.name(0), source=town.second.id)


def emptied(town: Town) -> None:
    harvest(town)
    town.portal.packages = []


def held(town: Town) -> None:
    emptied(town)
    harvest(town)


def held_job(town: Town) -> str:
    """The run that waits for a decision, or that was decided."""
    runs = jobs.last_runs(town.source.id)
    return next(r["job_id"] for r in runs if r["state"] in ("held", "accepted", "refused"))


def accept(town: Town) -> None:
    act("territoire_source_decide", id=town.source.id, job_id=held_job(town), accept=True)


def refuse(town: Town) -> None:
    act("territoire_source_decide", id=town.source.id, job_id=held_job(town), accept=False)


def changed(town: Town) -> None:
    a_year_of_changes(town)
    harvest(town)


def roll_back(town: Town) -> None:
    [first, *_] = jobs.last_runs(town.source.id)
    act("territoire_run_rollback", id=town.source.id, job_id=first["job_id"])


def reviewed_first(town: Town) -> None:
    """Two new datasets and two updates wait for a reader."""
    harvest(town)
    act("territoire_source_update", id=town.source.id, review="first")
    changed = {1: {"notes": "Neuve"}, 2: {"title": f"Autre {town.tag}"}}
    town.portal.packages = [town.item(n, **changed.get(n, {})) for n in range(COUNT + 2)]


def waiting_for_a_reader(town: Town) -> None:
    reviewed_first(town)
    harvest(town)


def publish(town: Town) -> None:
    act("territoire_review_publish", id=town.source.id)


def reject(town: Town) -> None:
    listed = act("territoire_review_list", id=town.source.id)["items"]
    ids = [item["dataset_id"] for item in listed]
    act("territoire_review_refuse", id=town.source.id, datasets=ids)


def a_choice_waits(town: Town) -> None:
    harvest(town)
    correct(town, 1, title=f"Corrigé {town.tag}")
    town.portal.packages[1] = town.item(1, title=f"Neuf {town.tag}")
    harvest(town)


def give_back_to_the_source(town: Town) -> None:
    act("territoire_overlay_decide", id=town.name(1), field="title", keep=False)


def sensors(town: Town) -> None:
    """The commune has a store of sensors instead of a portal, at the same address."""
    leave(town)
    town.portal.__class__ = Sensors
    town.portal.packages = [town.tag]  # type: ignore[list-item]
    town.source = add(town.portal, f"ville-{town.tag}", f"Sondes {town.tag}", "sensorthings")


@dataclass(frozen=True, slots=True)
class Story:
    """What is arranged, then what is done that may be cut."""

    arrange: Callable[[Town], None]
    act: Callable[[Town], object]


STORIES = {
    "first run": Story(nothing, harvest),
    "changes": Story(a_year_of_changes, harvest),
    "vanished": Story(one_is_gone, harvest),
    "back again": Story(one_is_back, harvest),
    "second route": Story(carried_by_the_region, harvest_region),
    "another follows": Story(the_commune_drops_one, harvest),
    "place taken": Story(the_commune_comes_second, harvest),
    "place refused": Story(the_form_refuses, harvest),
    "emptied": Story(emptied, harvest),
    "sensors": Story(sensors, harvest),
    "read first": Story(reviewed_first, harvest),
    "accept": Story(held, accept),
    "refuse": Story(held, refuse),
    "roll back": Story(changed, roll_back),
    "publish": Story(waiting_for_a_reader, publish),
    "reject": Story(waiting_for_a_reader, reject),
    "choice": Story(a_choice_waits, give_back_to_the_source),
    "merge": Story(twins, merge),
    "separate": Story(merged, separate),
    "choose": Story(merged, choose),
}
