"""Uses are counted as they happen, kept once, told to everybody, and say nothing of anybody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from redis.exceptions import ConnectionError as Away
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.usage import batches, store
from ckanext.territoire.usage import count as counting
from ckanext.territoire.usage.agent import Agent, agent_of
from ckanext.territoire.usage.hit import Asked, to_hit
from tests.ckan.conftest import act

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PERSON = {"User-Agent": FIREFOX}
OUTSIDE = "https://ailleurs.example/arbres.csv"


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        (FIREFOX, Agent.PERSON),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148", Agent.PERSON),
        ("curl/8.5.0", Agent.PROGRAM),
        ("python-requests/2.32.3", Agent.PROGRAM),
        ("Mozilla/5.0 QGIS/33410/Linux", Agent.PROGRAM),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Agent.ROBOT),
        ("GPTBot/1.2", Agent.ROBOT),
        ("", Agent.ROBOT),
    ],
)
def test_a_person_a_program_and_a_robot_are_told_apart(name: str, agent: Agent) -> None:
    assert agent_of(name) is agent


def asked(endpoint: str, **changes: Any) -> Asked:
    values: dict[str, Any] = {
        "endpoint": endpoint, "values": {"id": "arbres", "slug": "arbres"}, "args": {},
        "method": "GET", "status": 200, "headers": PERSON, "is_signed_in": False,
    }  # fmt: skip
    return Asked(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "HEAD"},
        {"status": 404},
        {"status": 500},
        {"is_signed_in": True},
        {"headers": PERSON | {"HX-Request": "true"}},
        {"headers": PERSON | {"Sec-Purpose": "prefetch;prerender"}},
        {"headers": PERSON | {"Range": "bytes=1000-"}},
        {"endpoint": "user.login"},
        {"values": {}},
    ],
)
def test_what_is_no_use_of_the_data_is_not_counted(changes: dict[str, Any]) -> None:
    assert to_hit(asked("dataset.read"))
    assert to_hit(asked("dataset.read", **{k: v for k, v in changes.items() if k != "endpoint"})
                  if "endpoint" not in changes else asked(changes["endpoint"])) is None  # fmt: skip


def test_a_call_with_a_token_counts_though_its_owner_is_known() -> None:
    signed = asked("territoire_tables.show", is_signed_in=True)
    assert to_hit(signed) is None
    by_token = asked(
        "territoire_tables.show", is_signed_in=True,
        headers={"User-Agent": "curl/8", "Authorization": "jeton"},
    )  # fmt: skip
    hit = to_hit(by_token)
    assert hit
    assert hit.key == "call|program|table:arbres"


@pytest.mark.parametrize(
    ("endpoint", "values", "key"),
    [
        ("territoire_services.show", {"path": "ou-se-garer"}, "view|person|page:ou-se-garer"),
        ("territoire_row.show", {"slug": "arbres"}, "view|person|table:arbres"),
        ("territoire_archive.whole", {}, "download|person|page:archive"),
        ("territoire_tables.file", {"slug": "arbres"}, "download|person|table:arbres"),
        ("territoire_tables.page", {"slug": "arbres"}, "call|person|table:arbres"),
    ],
)
def test_each_way_of_using_counts_under_its_name(
    app: Any, endpoint: str, values: dict[str, str], key: str
) -> None:
    assert endpoint in app.flask_app.view_functions
    hit = to_hit(asked(endpoint, values=values))
    assert hit
    assert hit.key == key


@pytest.fixture
def arbres(organization: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A public dataset with a file that stands elsewhere; nothing counted yet."""
    redis: Any = connect_to_redis()

    def forget() -> None:
        for key in redis.scan_iter(counting.waiting_key()):
            redis.delete(key)

    forget()
    made = act(
        "package_create", name="arbres", title="Arbres", owner_org=organization["id"],
        license_id="lov2", resources=[{"url": OUTSIDE, "name": "Arbres", "format": "CSV"}],
    )  # fmt: skip
    yield made
    forget()


def counts() -> list[tuple[Any, ...]]:
    found = model.Session.execute(
        text("SELECT act, agent, dataset_id, page, hits FROM territoire_usage ORDER BY act, agent")
    )
    return [tuple(row) for row in found]


def test_pages_files_and_calls_are_counted(app: Any, arbres: dict[str, Any]) -> None:
    resource = arbres["resources"][0]["id"]
    app.get("/dataset/arbres", headers=PERSON)
    app.get(f"/dataset/{arbres['id']}", headers=PERSON)
    app.get("/dataset/arbres", headers={"User-Agent": "Googlebot/2.1"})
    away = app.get(f"/telecharger/{resource}", headers=PERSON, follow_redirects=False)
    app.get("/api/3/action/package_show?id=arbres", headers={"User-Agent": "curl/8"})
    app.post("/api/3/action/package_show", json={"id": "arbres"}, headers={"User-Agent": "curl/8"})

    assert (away.status_code, away.headers["Location"]) == (302, OUTSIDE)
    assert "no-store" in away.headers["Cache-Control"]
    assert store.store_waiting() == 6
    assert counts() == [
        ("call", "program", arbres["id"], "", 2),
        ("download", "person", arbres["id"], "", 1),
        ("view", "person", arbres["id"], "", 2),
        ("view", "robot", arbres["id"], "", 1),
    ]


def test_the_counts_of_two_moments_add_up(app: Any, arbres: dict[str, Any]) -> None:
    for _ in range(2):
        app.get("/dataset/arbres", headers=PERSON)
        store.store_waiting()

    assert store.store_waiting() == 0
    assert counts() == [("view", "person", arbres["id"], "", 2)]


def test_a_batch_whose_process_dies_is_stored_once(
    app: Any, arbres: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.get("/dataset/arbres", headers=PERSON)

    class Dies:
        """A Redis that is cut when the batch should leave it."""

        def delete(self, key: str) -> None:
            raise Away

        def __getattr__(self, name: str) -> Any:
            return getattr(connect_to_redis(), name)

    monkeypatch.setattr(batches, "connect_to_redis", Dies)
    assert store.store_waiting() == 0
    monkeypatch.undo()

    assert store.store_waiting() == 0  # already in the table: dropped
    assert counts() == [("view", "person", arbres["id"], "", 1)]
    assert not list(connect_to_redis().scan_iter(counting.waiting_key()))


def test_a_page_is_served_when_nothing_can_be_counted(
    app: Any, arbres: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise Away

    monkeypatch.setattr(counting, "redis_line", away)
    monkeypatch.setitem(counting._LEFT_ALONE, "until", 0.0)

    assert "Arbres" in app.get("/dataset/arbres", headers=PERSON).body
    assert counting._LEFT_ALONE["until"] > 0


def test_everybody_may_read_the_uses_of_what_is_public_and_nobody_those_of_the_rest(
    app: Any, arbres: dict[str, Any]
) -> None:
    app.get("/dataset/arbres", headers=PERSON)
    store.store_waiting()
    told = app.get("/api/3/action/territoire_usage_show").json["result"]
    assert [(d["name"], d["views"]) for d in told["datasets"]] == [("arbres", 1)]
    rows = list(csv.DictReader(io.StringIO(app.get("/api/territoire/v1/usage.csv").body)))
    assert [(r["jeu"], r["usage"], r["par"], r["nombre"]) for r in rows] == [
        ("arbres", "consultation", "personne", "1")
    ]

    act("package_patch", id=arbres["id"], private=True)

    told = app.get("/api/3/action/territoire_usage_show").json["result"]
    assert told["datasets"] == []
    assert told["views"] == 0
    assert "arbres" not in app.get("/api/territoire/v1/usage.csv").body.lower()
    assert "Arbres" not in app.get("/utilisation").body
    hidden = app.get("/api/3/action/territoire_usage_show?id=arbres", status=403)
    assert "views" not in hidden.body
    away = f"/telecharger/{arbres['resources'][0]['id']}"
    assert "ailleurs.example" not in app.get(away, status=404, follow_redirects=False).body


def test_agents_who_are_signed_in_are_not_counted(app: Any, arbres: dict[str, Any]) -> None:
    token = factories.APIToken(user=factories.User()["name"])["token"]
    app.get("/dataset/arbres", headers=PERSON | {"Authorization": token})
    assert store.store_waiting() == 0


def test_the_page_says_what_is_used(app: Any, arbres: dict[str, Any]) -> None:
    assert "Rien n’est encore compté" in app.get("/utilisation").body
    app.get("/dataset/arbres", headers=PERSON)
    store.store_waiting()
    minute.forget()

    whole = app.get("/utilisation").body
    assert "Comptage commencé le" in whole
    assert "/dataset/arbres" in whole
    of_one = app.get("/utilisation?organisation=acigne&jours=365").body
    assert "Utilisation des données d’Acigné" in of_one
    assert app.get("/utilisation?organisation=nulle-part", status=404)
    assert "1\u00a0consultation" in app.get("/dataset/arbres", headers=PERSON).body


@pytest.mark.parametrize("wrong", ["from=hier", "from=2026-02-30", "from=2026-05-01&to=2026-01-01",
                                   "from=1990-01-01"])  # fmt: skip
def test_a_period_that_is_none_is_refused(app: Any, clean: None, wrong: str) -> None:
    refused = app.get(f"/api/territoire/v1/usage.csv?{wrong}", status=400).json["error"]
    assert refused["code"] == "TER-API-200"
    app.get(f"/api/3/action/territoire_usage_show?{wrong}", status=409)
