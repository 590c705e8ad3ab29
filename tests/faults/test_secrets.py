"""The secrets of a source are used, and appear nowhere: a canary walks through the platform.

The source has a key that its portal asks in a header; the portal echoes it in every kind of answer.
Another address is typed with an account and a password. After runs that go well and that fail,
every action, page, log, mail, table, search document and file is looked through.
"""

from __future__ import annotations

import json
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from ckan import model
from ckan.common import config
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from ckanext.harvest.model import HarvestObject
from sqlalchemy import text

from ckanext.territoire.harvest_adapter import jobs, runner, sources
from ckanext.territoire.notices import send
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.people import make_territory
from tests.ckan.portal_server import Portal, package
from tests.faults.test_killed_at_every_border import once
from tests.unit.loopback import Ask, Send, http, serving

KEY, ACCOUNT, PASSWORD = "canari-cle-9b1f", "canari-compte", "canari-mot-de-passe"
CANARY = re.compile("canari-", re.IGNORECASE)
JSON = "Content-Type: application/json"
# the one place that holds secrets, and what may not be walked here: it speaks to the outside, or
# takes the territory away
HOLDS_SECRETS = "territoire_source_secret"
NOT_CALLED = {"territoire_territory_init", "territoire_source_discover", "territoire_demo_deposit"}


@dataclass
class Echo(Portal):
    """A portal that asks for the key, and tells it back in its faults."""

    was_asked: list[str] = field(default_factory=list)
    said: Callable[[str], bytes] | None = None

    def answer(self, path: str, send: Send) -> None:
        told = path.headers.get("authorization", "") if isinstance(path, Ask) else ""
        self.was_asked.append(told)
        if self.said:
            send(self.said(told))
        elif told != KEY:
            send(http(b"", status="403 Interdit"))
        else:
            super().answer(path, send)


ECHOES: dict[str, Callable[[str], bytes]] = {
    "403": lambda key: http(f"refusé : {key}".encode(), status=f"403 {key}"),
    "500": lambda key: http(f"<h1>{key}</h1>".encode(), f"X-Trace: {key}", status="500 Panne"),
    "page": lambda key: http(f"<!doctype html><h1>{key}</h1>".encode(), "Content-Type: text/html"),
    "error": lambda key: http(
        json.dumps({"success": False, "error": {"message": key}}).encode(), JSON),
    "not JSON": lambda key: http(f"{{{key}".encode(), JSON),
    "redirect": lambda key: http(b"", f"Location: http://x:{key}@10.0.0.1/", status="302 Ici"),
    "coding": lambda key: http(b"x", f"Content-Encoding: {key}"),
    "field": lambda key: http(json.dumps({"success": True, "result": {
        "count": 1, "results": [{"id": "1", "title": "T", key: 1}]}}).encode(), JSON),
}  # fmt: skip


@dataclass
class World:
    """The source, its portal, and what the platform said while it was harvested."""

    portal: Echo
    source: sources.StoredSource
    sink: Sink
    app: Any
    logs: pytest.LogCaptureFixture

    def pages(self) -> Iterator[tuple[str, str]]:
        """Every page about harvests, read by those who may see most."""
        jobs_of = [run["job_id"] for run in jobs.last_runs(self.source.id)]
        objects = model.Session.query(HarvestObject).limit(1).all()
        values = {"job_id": jobs_of[0], "job": jobs_of[0], "object_id": objects[0].id,
                  "ref": objects[0].id, "source": self.source.name}  # fmt: skip
        addresses = set()
        for rule in self.app.flask_app.url_map.iter_rules():
            if rule.rule.startswith(("/moissons", "/harvest")) and "GET" in (rule.methods or ()):
                path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: values.get(m[1], self.source.name),
                              rule.rule)  # fmt: skip
                addresses.add(path)
        for person in ("agent", "gestionnaire", "mairie"):
            browser = Browser(self.app)
            browser.log_in(person)
            for path in sorted(addresses):
                try:
                    yield f"{person} {path}", browser.open(path).text
                except toolkit.ObjectNotFound as fault:  # a stock page that takes no harvest
                    yield f"{person} {path}", str(fault)


@pytest.fixture
def world(
    clean: None, app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[World]:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    connect_to_redis().flushdb()
    make_territory(tmp_path, monkeypatch)
    act("user_create", name="gestionnaire", email="g@mairie.example", sysadmin=True,
        password="Une phrase de passe pour les essais 35")  # fmt: skip
    portal = Echo([package(n) for n in range(8)])
    # looked up at each request, so that a test may replace it
    with (
        serving(lambda path, send: portal.answer(path, send)) as host,  # noqa: PLW0108
        receiving(monkeypatch) as sink,
    ):
        portal.host = host
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        made = act("territoire_source_create", kind="ckan_portal", url=portal.url,
                   organization="acigne", title="Portail gardé", settings={"api_key": KEY},
                   frequency="MANUAL")  # fmt: skip
        yield World(portal, sources.load_source(made["id"]), sink, app, caplog)


def live(world: World) -> None:
    """Harvest well, then let each run fail with an echo, then change, hold and undo."""
    runner.run_now(world.source)
    for echo in ECHOES.values():
        world.portal.said = echo
        runner.run_now(world.source)
    world.portal.said = None
    world.portal.packages = [package(n, title=f"Autre {n}") for n in range(8)]
    jobs.open_job(world.source)
    runner.work(once(), pause_s=0)
    world.portal.packages = []
    runner.run_now(world.source)
    with suppress(toolkit.ValidationError):
        act("territoire_source_preview", id=world.source.id)
    with suppress(toolkit.ValidationError):
        act("territoire_run_preview", id=world.source.id)
    for minutes in (0, 11, 30):
        send.look(datetime.now(UTC) + timedelta(minutes=minutes))
    assert KEY in world.portal.was_asked


def test_a_key_is_used_and_appears_nowhere(
    world: World, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    live(world)
    found = {
        **{f"table {name}": told for name, told in tables() if name != HOLDS_SECRETS},
        **{f"page {name}": told for name, told in world.pages()},
        **{f"mail {n}": letter.as_string() for n, letter in enumerate(world.sink.letters)},
        **{f"search {n}": told for n, told in enumerate(search_documents())},
        **{f"redis {name}": told for name, told in redis_values()},
        **{f"file {name}": told for name, told in files()},
        **{f"action {name}": told for name, told in actions(world)},
    }
    out, err = capfd.readouterr()
    found |= {"log": world.logs.text, "standard output": out, "standard error": err}
    assert [name for name, told in found.items() if CANARY.search(told)] == []
    assert len([name for name in found if name.startswith("page ")]) > 30
    assert len([name for name in found if name.startswith("action ")]) > 60
    assert world.sink.letters


def tables() -> Iterator[tuple[str, str]]:
    """Every table of the platform as text; what is packed, unpacked."""
    model.Session.remove()
    names = model.Session.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ).scalars()
    for name in list(names):
        rows = model.Session.execute(text(f'SELECT * FROM "{name}"')).all()
        yield name, "\n".join(_readable(value) for row in rows for value in row)
    model.Session.rollback()


def _readable(value: Any) -> str:
    if isinstance(value, memoryview | bytes):
        body = bytes(value)
        with suppress(zlib.error):
            body = zlib.decompress(body)
        return body.decode("utf-8", "replace")
    return str(value)


def search_documents() -> list[str]:
    params = {"q": "*:*", "rows": "1000"}
    answer = requests.get(f"{config['solr_url']}/select", params=params, timeout=60).json()
    return [str(document) for document in answer["response"]["docs"]]


def redis_values() -> Iterator[tuple[str, str]]:
    redis = connect_to_redis()
    for key in redis.scan_iter():
        dumped = redis.dump(key) or b""
        yield str(key), dumped.decode("latin-1")
        if redis.type(key) == b"hash":
            for name, value in redis.hgetall(key).items():
                yield f"{key} {name}", _readable(value)


def files() -> Iterator[tuple[str, str]]:
    for path in Path(config["ckan.storage_path"]).rglob("*"):
        if path.is_file() and path.stat().st_mtime > datetime.now().timestamp() - 600:
            yield str(path), path.read_bytes().decode("latin-1")


def actions(world: World) -> Iterator[tuple[str, str]]:
    """Every action of ours and of ckanext-harvest, for who may all and for who may nothing."""
    from ckan.logic import _actions, get_action

    get_action("package_show")
    ours = sorted(name for name in _actions if name.startswith(("territoire_", "harvest_")))
    reading = [n for n in ours if getattr(_actions[n], "side_effect_free", False)]
    [run, *_] = jobs.last_runs(world.source.id)
    [found, *_] = model.Session.query(HarvestObject).limit(1).all()
    asked = {
        "source_id": world.source.id, "job_id": run["job_id"], "source": world.source.id,
        "object_id": found.id, "dataset_id": found.package_id, "organization": "acigne",
        "accept": False, "keep_datasets": True, "keep": True, "field": "title", "ids": [],
        "url": world.portal.url, "kind": "ckan_portal", "q": "",
    }  # fmt: skip
    ids = (world.source.id, run["job_id"], found.id, found.package_id)
    for user in ("gestionnaire", "agent", ""):
        for name in [*reading, *(n for n in ours if n not in reading)]:
            if name in NOT_CALLED:
                continue
            for each in ids if name in reading else ids[:1]:
                yield f"{user} {name} {each}", _answer(name, user, asked | {"id": each})


def _answer(name: str, user: str, asked: dict[str, Any]) -> str:
    try:
        return json.dumps(toolkit.get_action(name)({"user": user}, dict(asked)), default=str)
    except Exception as fault:  # whatever it answers must not tell the secret
        return f"{type(fault).__name__} {fault} {getattr(fault, 'error_dict', '')}"
    finally:
        model.Session.rollback()


@contextmanager
def refused() -> Iterator[list[str]]:
    told: list[str] = []
    with pytest.raises((toolkit.ValidationError, toolkit.NotAuthorized)) as fault:
        yield told
    told.append(str(getattr(fault.value, "error_dict", fault.value)))


@pytest.mark.parametrize("action", ["territoire_source_create", "harvest_source_create",
                                    "package_create", "harvest_source_update"])  # fmt: skip
def test_an_address_with_a_password_is_refused_and_kept_nowhere(
    world: World, action: str, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"http://{ACCOUNT}:{PASSWORD}@{world.portal.host}/"
    given = {"id": world.source.id} if action == "harvest_source_update" else {}
    with refused() as told:
        act(action, **given, name="gardee", title="Gardée", url=url, kind="ckan_portal",
            type="harvest", source_type="ckan_portal", organization="acigne", owner_org="acigne",
            frequency="MANUAL", config="")  # fmt: skip
    model.Session.rollback()
    kept = [name for name, rows in tables() if CANARY.search(rows) and name != HOLDS_SECRETS]
    assert kept == []
    assert not CANARY.search("".join(told))
    assert "TER-FET-028" in told[0]
    assert not CANARY.search(world.logs.text + "".join(capfd.readouterr()))


def test_an_address_with_a_password_that_is_tried_is_not_told(world: World) -> None:
    url = f"http://{ACCOUNT}:{PASSWORD}@{world.portal.host}/"
    answers = [
        _answer("territoire_source_recognise", "agent", {"url": url}),
        _answer("territoire_source_preview", "agent", {"url": url, "kind": "ckan_portal"}),
    ]
    assert [told for told in answers if CANARY.search(told)] == []
    assert not CANARY.search(world.logs.text)
