"""One dataset by two and three routes, from real servers to search: who publishes, who waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import index_outbox, minute
from ckanext.territoire.catalogue import write
from ckanext.territoire.harvest_adapter import published, runner, sources
from harvesters.report import Report
from harvesters.same import proposals_of
from tests.ckan.conftest import act
from tests.ckan.portal_server import Portal, package, portal_of
from tests.ckan.statements import statements, writes_beyond_the_run
from tests.unit.loopback import http

pytestmark = pytest.mark.usefixtures("organization")
CLAIM = "https://donnees.acigne.example/jeu/1"
Make = Callable[..., sources.StoredSource]


class Rudi(Portal):
    """A producer node: the same servers, another software."""

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        body = {"total": len(self.packages), "items": self.packages}
        send(http(json.dumps(body).encode(), "Content-Type: application/json"))


def rudi_item(number: str, **more: Any) -> dict[str, Any]:
    item = {
        "global_id": number,
        "resource_title": "Arbres",
        "synopsis": [{"lang": "fr", "text": "Les arbres."}],
        "producer": {"organization_name": "Ville d’Acigné"},
        "available_formats": [{"media_name": "arbres.csv", "file_type": "text/csv",
                               "connector": {"url": "https://f.example/arbres.csv"}}],
    }  # fmt: skip
    return item | more


@pytest.fixture
def portals(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Portal]]:
    """Three portals that hold nothing yet: the commune's, the region's, the nation's."""
    with ExitStack() as stack:
        served = [stack.enter_context(portal_of()) for _ in range(3)]
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", ",".join(p.host for p in served))
        yield served


@pytest.fixture
def make(organization: Any) -> Make:
    """Register a source for an organisation, and name the organisation as publishers are named."""
    act("organization_create", name="epci", title="Rennes Métropole")
    minute.forget()

    def made(portal: Portal, title: str, owner: str = "epci", **more: Any) -> sources.StoredSource:
        given = {"kind": "ckan_portal", "url": portal.url, "organization": owner, "title": title}
        return sources.load_source(act("territoire_source_create", **given | more)["id"])

    return made


def carried(claim: str = CLAIM, number: int = 1, **more: Any) -> dict[str, Any]:
    """A package that says where it comes from."""
    given = {"id": f"copie-{number}", "publisher_name": "Ville d’Acigné", "upstream_uri": claim}
    return package(number, **given | more)


def run(source: sources.StoredSource) -> Report:
    return runner.run_now(source)[1]


def titles() -> list[str]:
    result = act("package_search", rows=100, sort="title asc")
    return [doc["title"] for doc in result["results"]]


def the_dataset() -> dict[str, Any]:
    [found] = act("package_search", rows=9)["results"]
    return found


def publisher_of(dataset_id: str) -> str:
    query = text("SELECT source_id FROM territoire_source_record WHERE dataset_id = :id")
    return str(model.Session.execute(query, {"id": dataset_id}).scalar())


def states(dataset_id: str) -> dict[str, str]:
    return {
        o["source_title"]: f"{o['stand']} {o['state']}"
        for o in published.origins_of([dataset_id])[dataset_id]
    }


def proposed() -> list[set[str]]:
    found = proposals_of(published.likenesses(), {})
    return [set(each.datasets) for each in found]


def test_a_second_route_joins_by_its_identifier(portals: list[Portal], make: Make) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages, portals[2].packages = [carried()], [carried(number=2, title="Copie")]
    run(region)
    report = run(nation)
    assert report.counts == report.counts | {"created": 0, "refused": 0, "elsewhere": 1}
    assert "1 déjà publié par une autre source" in report.sentence
    [dataset_id] = [the_dataset()["id"]]
    assert states(dataset_id) == {
        "Portail régional": "published live", "Portail national": "joined live",
    }  # fmt: skip
    assert index_outbox.drift().count == 0


def test_an_unchanged_second_route_writes_nothing(portals: list[Portal], make: Make) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages = portals[2].packages = [carried(), carried(f"{CLAIM}0", 5)]
    run(region)
    run(nation)
    with statements() as seen:
        report = run(nation)
    assert report.counts == report.counts | {"elsewhere": 2, "kept": 0, "created": 0}
    assert report.issues == ()
    assert writes_beyond_the_run(seen) == []


def test_the_portal_of_the_producer_takes_the_place_of_the_national_one(
    portals: list[Portal], make: Make
) -> None:
    nation = make(portals[2], "Portail national")
    portals[2].packages = [carried(f"{portals[0].url}/jeu/1", title="Copie")]
    run(nation)
    before = the_dataset()
    own = make(portals[0], "Portail d’Acigné", "acigne")
    portals[0].packages = [carried(f"{portals[0].url}/jeu/1", 7, title="Arbres")]
    run(own)
    after = the_dataset()
    assert (after["id"], after["name"]) == (before["id"], before["name"])
    assert (after["title"], after["organization"]["name"]) == ("Arbres", "acigne")
    assert states(after["id"]) == {
        "Portail d’Acigné": "published live", "Portail national": "joined live",
    }  # fmt: skip
    portals[2].packages[0]["notes"] = "Changé au national."
    assert run(nation).counts["elsewhere"] == 1
    assert the_dataset()["title"] == "Arbres"


def test_a_source_that_only_says_it_is_the_producer_takes_nothing(
    portals: list[Portal], make: Make
) -> None:
    act("organization_create", name="betton", title="Betton")
    minute.forget()
    region = make(portals[1], "Portail régional")
    portals[1].packages = [carried()]
    run(region)
    thief = make(portals[0], "Portail de Betton", "betton")
    portals[0].packages = [carried(number=9, title="Vol", publisher_name="Betton")]
    report = run(thief)
    assert report.counts == report.counts | {"created": 0, "elsewhere": 1}
    assert the_dataset()["title"] == "Jeu numéro 1"
    assert publisher_of(the_dataset()["id"]) == region.id


def test_a_record_that_names_the_page_of_another_joins_it(
    portals: list[Portal], make: Make
) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages = [package(1, url="https://region.example/jeu/arbres")]
    run(region)
    portals[2].packages = [carried("http://region.example/jeu/arbres/", 2)]
    assert run(nation).counts["elsewhere"] == 1
    assert titles() == ["Jeu numéro 1"]


def test_two_records_that_name_one_page_join_nothing(portals: list[Portal], make: Make) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages = [package(n, url="https://region.example/jeu/arbres") for n in (1, 2)]
    run(region)
    portals[2].packages = [carried("https://region.example/jeu/arbres", 3)]
    assert run(nation).counts["created"] == 1


def test_the_second_route_follows_when_the_first_loses_the_dataset(
    portals: list[Portal], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages = [carried(), *(package(n) for n in range(10, 20))]
    portals[2].packages = [carried(number=2, title="Copie")]
    run(region)
    run(nation)
    before = act("package_show", id="jeu-numero-1")
    portals[1].packages = portals[1].packages[1:]
    monkeypatch.setattr("ckanext.territoire.config.grace_days", lambda: 0.0)
    report = run(region)
    assert report.counts == report.counts | {"retired": 0, "elsewhere": 1}
    assert act("package_show", id=before["id"])["title"] == "Jeu numéro 1"
    assert runner.run_waiting() == 1
    after = act("package_show", id=before["id"])
    assert (after["title"], after["name"], after["state"]) == ("Copie", before["name"], "active")
    assert index_outbox.drift().count == 0
    portals[1].packages.append(carried())
    assert run(region).counts["elsewhere"] == 1
    assert act("package_show", id=before["id"])["title"] == "Copie"


@pytest.mark.parametrize("keep", [True, False])
def test_the_second_route_follows_when_the_source_of_the_first_is_removed(
    portals: list[Portal], make: Make, keep: bool
) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages, portals[2].packages = [carried()], [carried(number=2, title="Copie")]
    run(region)
    run(nation)
    before = the_dataset()
    act("territoire_source_remove", id=region.id, keep_datasets=keep)
    runner.run_waiting()
    after = the_dataset()
    assert (after["id"], after["name"], after["title"]) == (before["id"], before["name"], "Copie")
    assert states(after["id"]) == {"Portail national": "published live"}


def test_a_removed_second_route_leaves_the_dataset_alone(portals: list[Portal], make: Make) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages = portals[2].packages = [carried()]
    run(region)
    run(nation)
    act("territoire_source_remove", id=nation.id, keep_datasets=False)
    assert states(the_dataset()["id"]) == {"Portail régional": "published live"}


def test_a_renamed_record_of_a_second_route_stays_known(portals: list[Portal], make: Make) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages, portals[2].packages = [carried()], [carried(number=2)]
    run(region)
    run(nation)
    portals[2].packages = [carried(number=3)]
    assert run(nation).counts["elsewhere"] == 1
    assert list(states(the_dataset()["id"]).values()) == ["published live", "joined live"]


def test_a_record_that_claims_no_more_is_published_by_itself(
    portals: list[Portal], make: Make
) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages, portals[2].packages = [carried()], [carried(number=2)]
    run(region)
    run(nation)
    portals[2].packages = [carried("https://ailleurs.example/9", 2)]
    run(nation)
    assert titles() == ["Jeu numéro 1", "Jeu numéro 2"]


def test_the_same_files_are_proposed_and_both_stay(portals: list[Portal], make: Make) -> None:
    region = make(portals[1], "Portail régional")
    monthly = "https://f.example/arbres.csv?utm_source=region"
    portals[1].packages = [package(1, resources=[{"url": monthly, "name": "a", "format": "CSV"}])]
    portals[0] = _as_rudi(portals[0])
    portals[0].packages = [rudi_item("b1")]
    node = make(portals[0], "Nœud RUDI", "acigne", kind="rudi_node")
    run(region)
    assert run(node).counts["created"] == 1
    assert len(titles()) == 2
    [pair] = proposed()
    assert len(pair) == 2


def _as_rudi(portal: Portal) -> Portal:
    node = Rudi(host=portal.host)
    portal.answer = node.answer  # type: ignore[method-assign]
    return node


def test_the_same_words_are_proposed_inside_one_owner_only(
    portals: list[Portal], make: Make
) -> None:
    own, region = make(portals[0], "P0", "acigne"), make(portals[1], "P1")
    for number, portal in enumerate(portals[:2]):
        portal.packages = [
            package(1, title=f"Budget de {owner}", publisher_name=owner,
                    resources=[{"url": f"https://p{number}.example/{owner}.csv"}])
            for owner in ("Acigné", "Betton")
        ]  # fmt: skip
        portal.packages[1]["id"] = "id-2"
    portals[1].packages[1]["publisher_name"] = "Rennes Métropole"
    run(own)
    run(region)
    assert len(titles()) == 4
    [pair] = proposed()
    assert {act("package_show", id=each)["title"] for each in pair} == {"Budget de Acigné"}


def test_an_ambiguous_likeness_is_not_proposed(portals: list[Portal], make: Make) -> None:
    first, second = make(portals[0], "P0"), make(portals[1], "P1")
    shared = [{"url": "https://f.example/service", "name": "Service", "format": "WMS"}]
    portals[0].packages = [package(1, resources=shared)]
    portals[1].packages = [package(n, resources=shared) for n in (5, 6)]
    run(first)
    run(second)
    assert proposed() == []


@pytest.fixture
def twins(portals: list[Portal], make: Make) -> tuple[sources.StoredSource, sources.StoredSource]:
    """Two datasets with one file, published by two sources."""
    made = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    file = [{"url": "https://f.example/arbres.csv", "name": "Arbres", "format": "CSV"}]
    portals[1].packages = [package(1, title="Arbres", notes="A.", resources=file)]
    portals[2].packages = [package(2, title="Les arbres", notes="B.", resources=file)]
    for source in made:
        run(source)
    return made


def test_a_merge_keeps_one_dataset_and_leads_the_other_address_to_it(
    twins: Any, portals: list[Portal], app: Any
) -> None:
    gone = act("package_show", id="les-arbres")
    made = act("territoire_same_merge", ids=["arbres", "les-arbres"], winner="arbres",
               reason="Le même fichier.")  # fmt: skip
    assert titles() == ["Arbres"]
    for address in ("les-arbres", gone["id"]):
        answer = app.get(f"/dataset/{address}", follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (301, "/dataset/arbres")
    assert index_outbox.drift().count == 0
    portals[2].packages[0]["notes"] = "Changé."
    report = run(twins[1])
    assert report.counts == report.counts | {"elsewhere": 1, "created": 0, "updated": 0}
    assert states(made["id"]) == {
        "Portail régional": "published live", "Portail national": "merged live",
    }  # fmt: skip
    [done] = [e for e in events(made["id"]) if e["act"] == "merge"]
    assert (done["reason"], bool(done["actor"])) == ("Le même fichier.", True)


def events(dataset_id: str) -> list[dict[str, Any]]:
    query = text("SELECT * FROM territoire_same_event WHERE dataset_id = :id ORDER BY id")
    return [dict(row) for row in model.Session.execute(query, {"id": dataset_id}).mappings()]


def test_separated_datasets_are_as_before_and_not_proposed_again(
    twins: Any, portals: list[Portal], app: Any
) -> None:
    before = act("package_show", id="les-arbres")
    made = act("territoire_same_merge", ids=["arbres", "les-arbres"], winner="arbres")
    act("territoire_same_separate", id=made["id"], source=twins[1].name, reason="Autre année.")
    after = act("package_show", id="les-arbres")
    same = ("id", "name", "title", "notes", "state", "organization")
    assert {k: after[k] for k in same} == {k: before[k] for k in same}
    assert titles() == ["Arbres", "Les arbres"]
    assert app.get("/dataset/les-arbres", follow_redirects=False).status_code == 200
    assert act("territoire_same_list")["proposals"] == []
    portals[2].packages[0]["notes"] = "Changé."
    for source in twins:
        assert run(source).counts["elsewhere"] == 0
    assert act("package_show", id="les-arbres")["notes"] == "Changé."
    assert index_outbox.drift().count == 0


def test_a_record_that_joined_by_itself_is_separated_for_good(
    portals: list[Portal], make: Make
) -> None:
    region, nation = make(portals[1], "Portail régional"), make(portals[2], "Portail national")
    portals[1].packages, portals[2].packages = [carried()], [carried(number=2)]
    run(region)
    run(nation)
    act("territoire_same_separate", id=the_dataset()["id"], source=nation.id)
    runner.run_waiting()
    assert titles() == ["Jeu numéro 1", "Jeu numéro 2"]
    portals[2].packages[0]["notes"] = "Changé."
    assert run(nation).counts["updated"] == 1
    merged = act("territoire_same_merge", ids=["jeu-numero-1", "jeu-numero-2"])
    assert titles() == [act("package_show", id=merged["id"])["title"]]


def test_the_source_that_a_dataset_was_made_of_keeps_it_when_separated(
    portals: list[Portal], make: Make
) -> None:
    nation = make(portals[2], "Portail national")
    portals[2].packages = [carried(f"{portals[0].url}/jeu/1", title="Copie")]
    run(nation)
    before = the_dataset()
    own = make(portals[0], "Portail d’Acigné", "acigne")
    portals[0].packages = [carried(f"{portals[0].url}/jeu/1", 7, title="Arbres")]
    run(own)
    act("territoire_same_separate", id=before["id"], source=nation.id)
    runner.run_waiting()
    assert titles() == ["Arbres", "Copie"]
    assert act("package_show", id=before["name"])["title"] == "Copie"
    for source in (own, nation):
        assert run(source).counts["elsewhere"] == 0


def test_the_choice_of_an_officer_is_over_the_rule(portals: list[Portal], make: Make) -> None:
    nation = make(portals[2], "Portail national")
    portals[2].packages = [carried(f"{portals[0].url}/jeu/1", title="Copie")]
    run(nation)
    own = make(portals[0], "Portail d’Acigné", "acigne")
    portals[0].packages = [carried(f"{portals[0].url}/jeu/1", 7, title="Arbres")]
    run(own)
    dataset_id = the_dataset()["id"]
    act("territoire_same_choose", id=dataset_id, source=nation.name, reason="Mieux tenu.")
    runner.run_waiting()
    portals[0].packages[0]["notes"] = "Changé."
    assert run(own).counts["elsewhere"] == 1
    assert the_dataset()["title"] == "Copie"


def test_what_was_told_apart_comes_back_only_when_it_changes(
    twins: Any, portals: list[Portal]
) -> None:
    [found] = act("territoire_same_list")["proposals"]
    act("territoire_same_dismiss", ids=[d["id"] for d in found["datasets"]], reason="Deux années.")
    listed = act("territoire_same_list")
    assert (listed["proposals"], len(listed["distinct"])) == ([], 1)
    portals[2].packages[0]["notes"] = "Un mot de plus."
    run(twins[1])
    assert act("territoire_same_list")["proposals"] == []
    more = {"url": "https://f.example/autre.csv", "name": "B", "format": "CSV"}
    for portal, source in zip(portals[1:], twins, strict=True):
        portal.packages[0]["resources"].append(more)
        run(source)
    assert len(act("territoire_same_list")["proposals"]) == 1


def test_three_routes_are_one_proposal(portals: list[Portal], make: Make) -> None:
    file = [{"url": "https://f.example/arbres.csv", "name": "Arbres", "format": "CSV"}]
    for number, portal in enumerate(portals):
        portal.packages = [package(number, notes=f"{number}", resources=file)]
        run(make(portal, f"P{number}"))
    [found] = act("territoire_same_list")["proposals"]
    assert len(found["datasets"]) == 3
    assert found["reasons"] == ["files"]
    ids = [dataset["id"] for dataset in found["datasets"]]
    made = act("territoire_same_merge", ids=ids)
    assert made["id"] == found["winner"]
    assert titles() == [act("package_show", id=made["id"])["title"]]
    assert len(states(made["id"])) == 3


def test_a_merge_waits_for_a_run_that_is_going_on(twins: Any) -> None:
    from ckanext.territoire.harvest_adapter.jobs import source_lock

    with source_lock(twins[0].id), pytest.raises(toolkit.ValidationError, match="TER-SRC-066"):
        act("territoire_same_merge", ids=["arbres", "les-arbres"])
    assert len(titles()) == 2


def test_a_refused_merge_says_why_and_changes_nothing(twins: Any) -> None:
    act("package_create", name="main", title="Saisi", owner_org="epci", license_id="lov2")
    for ids, code in ((["arbres", "main"], "121"), (["arbres"], "122")):
        with pytest.raises(toolkit.ValidationError, match=f"TER-PUB-{code}"):
            act("territoire_same_merge", ids=ids)
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-123"):
        act("territoire_same_merge", ids=["arbres", "les-arbres"], winner="main")
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-124"):
        act("territoire_same_separate", id="arbres", source=twins[1].id)
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-125"):
        act("territoire_same_separate", id="arbres", source=twins[0].id)
    assert len(titles()) == 3


def test_a_new_record_that_the_form_refuses_does_not_take_the_place(
    portals: list[Portal], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    nation = make(portals[2], "Portail national")
    portals[2].packages = [carried(f"{portals[0].url}/jeu/1", title="Copie")]
    run(nation)
    own = make(portals[0], "Portail d’Acigné", "acigne")
    portals[0].packages = [carried(f"{portals[0].url}/jeu/1", 7)]
    monkeypatch.setattr(write, "check_package", lambda package, user: (package, "refusé"))
    report = run(own)
    assert (report.counts["refused"], titles()) == (1, ["Copie"])
    assert publisher_of(the_dataset()["id"]) == nation.id
