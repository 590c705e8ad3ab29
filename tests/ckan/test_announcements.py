"""What will change is announced: on a page, in a feed, in headers, by mail once; then it goes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from ckan import model
from ckan.plugins import toolkit
from lxml import etree
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.archive import contents
from ckanext.territoire.developers import calls_store, tell
from ckanext.territoire.notices import choices
from ckanext.territoire.notices.model import CHANGE, ENDS
from ckanext.territoire.webhooks import streams
from ckanext.territoire.webhooks.model import Kind, Wish
from schemas.load import latest
from tests.ckan.conftest import act
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import SLUG
from tests.ckan.test_delivery import deposit  # noqa: F401 (a fixture)
from tests.ckan.test_keys import as_owner, owner, with_key  # noqa: F401 (a fixture)
from tests.ckan.test_rows_api import (  # noqa: F401 (fixtures)
    ROOT,
    ROWS,
    communes,
    error,
    no_quota,
    same_parks,
)

TODAY = datetime.now(UTC).date()
NEXT_YEAR = TODAY + timedelta(days=365)
API = "/api/territoire/v1/announcements"
pytestmark = pytest.mark.usefixtures("same_parks", "nothing_announced")


@pytest.fixture
def nothing_announced(with_plugins: Any) -> Iterator[None]:
    """Nothing is announced before nor after."""

    def forget() -> None:
        for table in ("announcement_mail", "announcement"):
            model.Session.execute(text(f"DELETE FROM territoire_{table}"))
        model.Session.commit()
        minute.forget()

    forget()
    yield
    forget()


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with receiving(monkeypatch) as received:
        yield received


def announce(**changes: Any) -> dict[str, Any]:
    told = {"kind": "column", "effect": "end", "table": SLUG, "column": "nb_pmr",
            "at": NEXT_YEAR.isoformat(), "why": "Elle n’est plus tenue."}  # fmt: skip
    return dict(act("territoire_announcement_create", **(told | changes)))


def make_past(announcement_id: int) -> None:
    """As if its day were yesterday."""
    query = "UPDATE territoire_announcement SET at = :day WHERE id = :id"
    model.Session.execute(text(query), {"id": announcement_id, "day": TODAY - timedelta(days=1)})
    model.Session.commit()
    minute.forget()


def test_an_end_is_in_the_headers_of_those_who_use_the_column_and_of_no_other(app: Any) -> None:
    made = announce()
    for used in (ROWS, f"{ROWS}?fields=nb_pmr", f"{ROWS}?nb_pmr__gte=1", f"{ROOT}/{SLUG}.csv"):
        answer = app.get(used)
        assert answer.headers["Deprecation"].startswith("@"), used
        assert answer.headers["Sunset"].startswith(NEXT_YEAR.strftime("%a, %d %b %Y"))
        links = " ".join(answer.headers.getlist("Link"))
        assert f'/developpeurs/changements#annonce-{made["id"]}>; rel="deprecation"' in links
    for free in (f"{ROWS}?fields=nom", f"{ROWS}?group_by=insee", f"{ROOT}/{SLUG}/schema", ROOT):
        answer = app.get(free, follow_redirects=False, expect_errors=True)
        assert "Deprecation" not in answer.headers, free


def test_a_change_is_told_without_an_end_and_nothing_goes_after_its_day(app: Any) -> None:
    made = announce(kind="table", column="", effect="change")
    answer = app.get(f"{ROWS}?fields=nom")
    assert "Deprecation" in answer.headers
    assert "Sunset" not in answer.headers
    make_past(made["id"])
    answer = app.get(f"{ROWS}?fields=nom")
    assert answer.json["rows"]
    assert "Deprecation" not in answer.headers


def test_a_column_that_has_gone_answers_410_with_its_day_and_is_shown_no_more(app: Any) -> None:
    made = announce(becomes="nb_places")
    make_past(made["id"])
    for query in (
        "fields=nom,nb_pmr",
        "nb_pmr__gte=1",
        "sort=-nb_pmr",
        "group_by=insee&sum=nb_pmr",
    ):
        told = app.get(f"{ROWS}?{query}", status=410).json["error"]
        assert (told["code"], told["accepted"]) == ("TER-API-221", ["nb_places"])
        assert "nb_pmr" in told["message"]
        assert str((TODAY - timedelta(days=1)).year) in told["message"]
    row = app.get(f"{ROWS}?limit=1").json["rows"][0]
    assert "nb_pmr" not in row
    assert "nb_places" in row
    act("territoire_announcement_withdraw", id=made["id"])
    assert "nb_pmr" in app.get(f"{ROWS}?limit=1").json["rows"][0]


@pytest.mark.parametrize("ending", ["csv", "geojson", "parquet", "xlsx", "json"])
def test_a_column_that_has_gone_leaves_the_whole_files_and_comes_back(
    app: Any, ending: str
) -> None:
    address = f"{ROOT}/{SLUG}.{ending}"
    before = app.get(address)
    assert "nb_pmr" in columns(before, ending)
    made = announce()
    make_past(made["id"])

    tag = {"If-None-Match": before.headers["ETag"]}
    after = app.get(address, headers=tag, status=200)
    assert columns(after, ending) == [each for each in columns(before, ending) if each != "nb_pmr"]
    act("territoire_announcement_withdraw", id=made["id"])
    assert columns(app.get(address), ending) == columns(before, ending)


def columns(answer: Any, ending: str) -> list[str]:
    """The columns of a whole file, as its own reader names them."""
    body = answer.get_data()
    match ending:
        case "csv":
            return body.decode().splitlines()[0].split(",")
        case "parquet":
            return list(pq.read_schema(io.BytesIO(body)).names)
        case "xlsx":
            [sheet] = openpyxl.load_workbook(io.BytesIO(body)).worksheets
            return [str(cell.value) for cell in sheet[1]]
        case "geojson":
            return list(json.loads(body)["features"][0]["properties"])
    return list(json.loads(body)[0])


def test_a_column_that_has_gone_leaves_ckan_s_own_datastore_and_its_dumps(app: Any) -> None:
    table = next(r["id"] for r in act("package_show", id=SLUG)["resources"] if r["format"] == "CSV")
    search, dump = f"/api/3/action/datastore_search?resource_id={table}", f"/datastore/dump/{table}"
    ways = (search, f"{search}&records_format=csv", f"{search}&q=Parking", dump,
            f"{dump}?format=json", f"/api/3/action/datastore_info?resource_id={table}")  # fmt: skip
    before = [app.get(way).body for way in ways]
    assert all("nb_pmr" in body for body in before)
    made = announce(becomes="nb_places")
    make_past(made["id"])

    after = [app.get(way).body for way in ways]
    assert not any("nb_pmr" in body for body in after)
    assert all("nb_places" in body for body in after)
    first = json.loads(after[0])["result"]["records"][0]
    assert first == {k: v for k, v in json.loads(before[0])["result"]["records"][0].items()
                     if k != "nb_pmr"}  # fmt: skip
    assert json.loads(after[2])["result"]["fields"][-1]["id"] == "rank"
    act("territoire_announcement_withdraw", id=made["id"])
    assert [app.get(way).body for way in ways] == before


@pytest.mark.parametrize("asked", [
    "fields=nom,nb_pmr", "sort=nom,nb_pmr%20desc", 'sort="nb_pmr"%20desc%20nulls%20last',
    'filters={"nb_pmr":2}', 'filters={"$or":[{"nb_pmr":2},{"nom":"a"}]}', 'q={"nb_pmr":"2"}',
])  # fmt: skip
def test_ckan_s_datastore_says_since_when_a_column_has_gone(app: Any, asked: str) -> None:
    table = next(r["id"] for r in act("package_show", id=SLUG)["resources"] if r["format"] == "CSV")
    made = announce()
    make_past(made["id"])
    told = app.get(f"/api/3/action/datastore_search?resource_id={table}&{asked}", status=409).json
    assert "TER-API-221" in told["error"]["fields"][0]
    assert app.get(f"/datastore/dump/{table}?{asked}", expect_errors=True).status_code == 410


def test_a_column_that_has_gone_leaves_the_preview_of_its_table(app: Any) -> None:
    shown = next(r for r in act("package_show", id=SLUG)["resources"] if r["format"] == "CSV")
    address, title = f"/dataset/{SLUG}/resource/{shown['id']}", latest(SLUG).field("nb_pmr").title
    assert title in app.get(f"{address}/apercu?vue=tableau").body
    make_past(announce()["id"])
    assert title not in app.get(f"{address}/apercu?vue=tableau").body
    places = app.get(f"{address}/points.geojson").json["features"]
    assert places
    assert not any("nb_pmr" in each["properties"] for each in places)


def test_a_column_that_has_gone_leaves_what_is_kept_the_changes_the_webhooks_and_the_archive(
    app: Any,
) -> None:
    rows, changes = f"{ROWS}?limit=1", f"{ROOT}/{SLUG}/changes?since=0&limit=1"
    tags = {path: app.get(path).headers["ETag"] for path in (rows, changes)}
    state = contents.state()
    stream = streams.read_page(Wish("https://exemple.fr", Kind.TABLE, SLUG), f"table:{SLUG}", "", 1)
    assert "nb_pmr" in stream.data["changes"][0]["row"]
    make_past(announce()["id"])

    for path, tag in tags.items():
        told = app.get(path, headers={"If-None-Match": tag}, status=200).body
        assert "nb_places" in told
        assert "nb_pmr" not in told
    stream = streams.read_page(Wish("https://exemple.fr", Kind.TABLE, SLUG), f"table:{SLUG}", "", 1)
    assert "nb_pmr" not in stream.data["changes"][0]["row"]
    assert contents.state() != state
    [dataset] = act("package_search", q=f"name:{SLUG}")["results"]
    files = contents.tables(frozenset({dataset["id"]}))
    [csv] = [each.path for each in files if each.name.endswith(".csv")]
    assert csv is not None
    assert "nb_pmr" not in csv.read_text(encoding="utf-8").splitlines()[0]


def test_a_place_that_stands_in_a_column_that_has_gone_goes_with_it(app: Any) -> None:
    make_past(announce(column="Xlong")["id"])

    app.get(f"{ROOT}/{SLUG}.geojson", status=400)
    assert "Xlong" not in app.get(f"{ROWS}?limit=1").json["rows"][0]
    app.get(f"{ROWS}?bbox=-2,48,-1,49", status=400)


def test_a_table_and_an_address_go_after_their_day(app: Any) -> None:
    address = "/api/territoire/v1/usage.csv"
    kept = announce(kind="address", address=f"{ROOT}/{SLUG}/changes", table="", column="")
    answer = app.get(f"{ROOT}/{SLUG}/changes")
    assert answer.headers["Sunset"]
    assert "Sunset" not in app.get(f"{ROOT}/{SLUG}").headers
    make_past(kept["id"])
    told = error(app, f"{ROOT}/{SLUG}/changes", 410)
    assert told["code"] == "TER-API-222"

    table = announce(kind="table", column="", becomes="arbres")
    assert app.get(ROWS).headers["Sunset"]
    make_past(table["id"])
    told = error(app, ROWS, 410)
    assert (told["code"], told["accepted"]) == ("TER-API-174", ["arbres"])
    app.get(address)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "tout"}, "TER-API-220"),
        ({"effect": "peut-être"}, "TER-API-220"),
        ({"table": "rien"}, "TER-API-220"),
        ({"column": "colonne_inconnue"}, "TER-API-220"),
        ({"column": "id"}, "TER-API-220"),
        ({"at": "hier"}, "TER-API-223"),
        ({"at": TODAY.isoformat()}, "TER-API-223"),
        ({"why": ""}, "TER-API-229"),
        ({"kind": "address", "address": "/dataset"}, "TER-API-224"),
        ({"kind": "address", "address": "/api/territoire/v1/tables"}, "TER-API-224"),
        ({"kind": "address", "address": "/api/territoire/v1/a\nb"}, "TER-API-224"),
    ],
)
def test_what_cannot_be_announced_is_said(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(toolkit.ValidationError, match=code):
        announce(**changes)


def test_the_same_is_announced_once_until_it_is_withdrawn() -> None:
    made = announce()
    with pytest.raises(toolkit.ValidationError, match="TER-API-225"):
        announce()
    act("territoire_announcement_withdraw", id=made["id"])
    with pytest.raises(toolkit.ObjectNotFound, match="TER-API-226"):
        act("territoire_announcement_withdraw", id=made["id"])
    announce()


def test_only_officers_announce(owner: str) -> None:  # noqa: F811
    with pytest.raises(toolkit.NotAuthorized):
        as_owner("territoire_announcement_create", kind="table")
    with pytest.raises(toolkit.NotAuthorized):
        as_owner("territoire_announcement_withdraw", id=1)


def test_everybody_reads_what_is_announced(app: Any) -> None:
    assert "Rien n’est annoncé" in app.get("/developpeurs/changements").body
    made = announce(why="Elle n’est plus tenue <script>alert(1)</script>")
    page = app.get("/developpeurs/changements").body
    assert f'id="annonce-{made["id"]}"' in page
    assert "<script>alert" not in page
    feed = etree.fromstring(app.get("/developpeurs/changements.atom").get_data())
    titles = feed.xpath("//a:entry/a:title/text()", namespaces={"a": "http://www.w3.org/2005/Atom"})
    assert len(titles) == 1
    assert "nb_pmr" in titles[0]
    [told] = app.get(API).json["announcements"]
    assert (told["table"], told["column"], told["at"]) == (SLUG, "nb_pmr", NEXT_YEAR.isoformat())
    assert "by" not in str(sorted(told))
    act("territoire_announcement_withdraw", id=made["id"])
    assert app.get(API).json["announcements"] == []
    assert app.get("/developpeurs/changements.atom").body.count("<entry>") == 0


def test_the_owner_of_a_key_that_uses_it_is_told_once(app: Any, owner: str, sink: Sink) -> None:  # noqa: F811
    made = as_owner("territoire_key_create", name="Carte")
    announce(column="tarif_1h", why="Elle devient un texte.")
    app.get(f"{ROWS}?fields=nom", headers=with_key(made["token"]))
    calls_store.store_calls()
    now = datetime.now(UTC)
    assert tell.tell_owners(now) == 0  # the key does not use this column

    app.get(f"{ROWS}?fields=tarif_1h", headers=with_key(made["token"]))
    calls_store.store_calls()
    assert tell.tell_owners(now) == 1
    assert tell.tell_owners(now) == 0
    assert sink.recipients == [["pousse@exemple.fr"]]
    assert "tarif_1h" in sink.text()
    assert "Elle devient un texte." in sink.text()
    assert "/avis/" in sink.letters[0]["List-Unsubscribe"]
    leave = sink.letters[0]["List-Unsubscribe"].strip("<>").split("/avis/")[1]
    app.post(f"/avis/{leave}", data={"List-Unsubscribe": "One-Click"})
    user = model.User.get(owner)
    assert choices.mutes_of(user.id) == {CHANGE}


def test_who_does_not_want_to_hear_is_not_told(app: Any, owner: str, sink: Sink) -> None:  # noqa: F811
    made = as_owner("territoire_key_create", name="Carte")
    offered = [each["kind"] for each in as_owner("territoire_notice_show")["kinds"]]
    assert offered == [CHANGE, ENDS]
    as_owner("territoire_notice_update", wanted=[])
    announce()
    app.get(ROWS, headers=with_key(made["token"]))
    calls_store.store_calls()
    assert tell.tell_owners(datetime.now(UTC)) == 0
    as_owner("territoire_notice_update", wanted=[CHANGE])
    assert tell.tell_owners(datetime.now(UTC)) == 1


def test_a_mail_that_was_cut_leaves_under_its_first_name(
    app: Any, owner: str, sink: Sink, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    made = as_owner("territoire_key_create", name="Carte")
    announce()
    app.get(ROWS, headers=with_key(made["token"]))
    calls_store.store_calls()
    sink.answer = "451 later"
    assert tell.tell_owners(datetime.now(UTC)) == 0
    query = "SELECT mail_id FROM territoire_announcement_mail"
    first = model.Session.execute(text(query)).scalar_one()
    sink.answer = "250 OK"
    assert tell.tell_owners(datetime.now(UTC)) == 1
    assert first in sink.letters[0]["Message-ID"]
