"""The rows of a merged table for programs: filters, places, groups, pages, formats, errors."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import duckdb
import pytest
from ckan.plugins import toolkit
from ckanext.datastore.backend import postgres
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from ckanext.territoire.api import open_table, reading
from ckanext.territoire.api.given import NEAR
from ckanext.territoire.delivery import database
from schemas.announcements import read_announcements
from schemas.load import slugs
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.people import use_communes
from tests.ckan.test_delivery import Deposit, deposit, merged_id  # noqa: F401 (a fixture)
from tests.cog_folder import RENNES
from tests.unit.test_api_query import PARAMETERS, TEXTS, st

ROOT = "/api/territoire/v1/tables"
ROWS = f"{ROOT}/{SLUG}/rows"
READY: list[str] = []


@pytest.fixture
def parks(clean: None, communes: None, deposit: Deposit) -> None:  # noqa: F811
    """Six car parks of three communes, for a test that changes them."""
    READY.clear()
    fill(deposit)


@pytest.fixture
def same_parks(with_plugins: Any, communes: None, request: pytest.FixtureRequest) -> None:
    """The same car parks, for tests that only read: made once for all of them."""
    if request.module.__name__ not in READY:
        request.getfixturevalue("clean")
        fill(request.getfixturevalue("deposit"))
        READY[:] = [request.module.__name__]  # another module empties the tables


@pytest.fixture(autouse=True)
def no_quota(with_plugins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call as often as a test needs."""
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.api.anonymous_per_minute", 0)


@pytest.fixture
def communes(with_plugins: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The official list of communes, in short."""
    use_communes(tmp_path, monkeypatch)


def fill(bring: Deposit) -> None:
    act("territoire_territory_init", epci=RENNES)
    bring(
        park(1, nom="École", nb_places=50),
        park(2, nom="Église", gratuit="false", tarif_1h="1.5"),
        park(3, nom="Étang", tarif_1h="2.1"),
        park(4, nom="=cmd()", type_usagers="abonnés"),
    )
    bring(park(5, "35051", nom="Zénith", nb_places=300), org="cesson-sevigne")
    bring(park(6, "35024", nom="Abbaye"), org="betton")


def get(app: Any, status: int = 200, **query: Any) -> Any:
    return app.get(ROWS, query_string=query, status=status)


def names(app: Any, **query: Any) -> list[str]:
    return [row["nom"] for row in get(app, **query).json["rows"]]


def error(app: Any, path: str = ROWS, status: int = 400, **query: Any) -> dict[str, Any]:
    return dict(app.get(path, query_string=query, status=status).json["error"])


def follow(app: Any, **query: Any) -> list[dict[str, Any]]:
    """Read all pages."""
    answer, found = get(app, **query), []
    while True:
        found += answer.json["rows"]
        address = answer.json["next"]
        if not address:
            return found
        assert f'<{address}>; rel="next"' in answer.headers.getlist("Link")
        told = urlsplit(address)
        answer = app.get(f"{told.path}?{told.query}")


@pytest.mark.usefixtures("same_parks")
def test_rows_are_typed_and_carry_their_key(app: Any) -> None:
    row = get(app, limit=1).json["rows"][0]
    assert row["territoire_cle"] == row["id"] == "35001-P-001"
    assert (row["nb_places"], row["gratuit"], row["Xlong"]) == (50, True, -1.5364)
    assert row["tarif_1h"] is None
    assert not [name for name in row if name.startswith("_")]


CHOSEN: list[tuple[dict[str, str], list[str]]] = [
        ({"nb_places__gte": "50"}, ["École", "Zénith"]),
        ({"nb_places__in": "12,13"}, ["Église", "Étang"]),
        ({"gratuit": "non"}, ["Église"]),
        ({"nom__contains": "egl"}, ["Église"]),
        ({"nom__starts": "E"}, ["École", "Église", "Étang"]),
        ({"tarif_1h__null": "false"}, ["Église", "Étang"]),
        ({"tarif_1h__ne": "1.5", "commune": "Acigné"}, ["École", "Étang", "=cmd()"]),
        ({"commune": "betton,35051"}, ["Abbaye", "Zénith"]),
        ({"q": "abonnés"}, ["=cmd()"]),
        ({"q": "eglises"}, ["Église"]),
        ({"bbox": "-1.65,48.1,-1.59,48.2"}, ["Abbaye", "Zénith"]),
        ({"near": "-1.6,48.12", "radius": "6000"}, ["Zénith", "École", "Église", "Étang",
                                                    "=cmd()"]),
        ({"near": "-1.6,48.12", "radius": "6000", "sort": "-nom", "limit": "2"},
         ["Zénith", "Étang"]),
        ({"sort": "nom"}, ["=cmd()", "Abbaye", "École", "Église", "Étang", "Zénith"]),
        ({"sort": "tarif_1h,-nb_places", "limit": "3"}, ["Église", "Étang", "Zénith"]),
        ({"territoire_maj__gt": "2999-01-01"}, []),
]  # fmt: skip


@pytest.mark.usefixtures("same_parks")
def test_rows_are_chosen_and_sorted(app: Any) -> None:
    assert [(query, names(app, **query)) for query, _ in CHOSEN] == CHOSEN


@pytest.mark.usefixtures("same_parks")
def test_the_provenance_of_a_row_comes_on_demand(app: Any) -> None:
    row = get(app, fields="nom", provenance="true", limit=1).json["rows"][0]
    assert row["territoire_commune"] == "35001"
    assert row["territoire_commune_nom"] == "Acigné"
    assert act("package_show", id=row["territoire_jeu"])["title"]
    assert row["territoire_maj"][:10] >= (date.today() - timedelta(days=1)).isoformat()
    assert "nb_places" not in row


@pytest.mark.usefixtures("same_parks")
def test_the_distance_is_in_metres(app: Any) -> None:
    row = get(app, near="-1.6002,48.1305", radius="2000").json["rows"][0]
    assert row["nom"] == "Zénith"
    assert row["territoire_distance_m"] == pytest.approx(1112, rel=0.01)


@pytest.mark.usefixtures("same_parks")
def test_groups_are_counted_and_reckoned(app: Any) -> None:
    told = get(app, group_by="territoire_commune_nom", sum="nb_places", avg="nb_places",
               sort="-nb_places__sum", total="true").json  # fmt: skip
    assert told["total"] == 3
    assert told["rows"][0] == {
        "territoire_commune_nom": "Cesson-Sévigné", "count": 1,
        "nb_places__sum": 300, "nb_places__avg": 300,
    }  # fmt: skip
    assert get(app, max="nb_places", gratuit="true").json["rows"] == [
        {"count": 5, "nb_places__max": 300}
    ]


PAGED: list[dict[str, str]] = [
    {},
    {"sort": "tarif_1h"},
    {"sort": "-tarif_1h,nb_places"},
    {"sort": "gratuit,-nom"},
    {"sort": "-territoire_cle"},
    {"near": "-1.6,48.12", "radius": "50000"},
    {"group_by": "type_usagers,tarif_1h"},
    {"group_by": "gratuit", "sort": "-count"},
]


@pytest.mark.usefixtures("same_parks")
def test_pages_hold_each_row_once_in_the_order_of_one_page(app: Any) -> None:
    for query in PAGED:
        assert follow(app, **query, limit=1) == get(app, **query).json["rows"], query


@pytest.mark.usefixtures("parks")
def test_pages_are_stable_while_rows_come_and_go(app: Any, deposit: Deposit) -> None:  # noqa: F811
    first = get(app, limit=2).json
    assert [row["territoire_cle"] for row in first["rows"]] == ["35001-P-001", "35001-P-002"]
    deposit(park(1, nom="Autre"), park(3), park(4))  # the last row read has left

    told = urlsplit(first["next"])
    rest = app.get(f"{told.path}?{told.query}&total=true").json
    assert [row["territoire_cle"] for row in rest["rows"]] == ["35001-P-003", "35001-P-004"]
    assert rest["total"] == 5


@pytest.mark.usefixtures("same_parks")
def test_a_page_comes_in_each_format(app: Any, tmp_path: Path) -> None:
    shapes = app.get(f"{ROWS}.geojson?limit=2&fields=nom").json
    assert shapes["type"] == "FeatureCollection"
    assert shapes["features"][0] == {
        "type": "Feature", "id": "35001-P-001", "properties": {"nom": "École"},
        "geometry": {"type": "Point", "coordinates": [-1.5364, 48.1332]},
    }  # fmt: skip
    assert urlsplit(shapes["next"]).path.endswith("/rows.geojson")
    sheet = app.get(f"{ROWS}.csv?fields=nom,gratuit,nb_places&sort=nom")
    assert next(iter(csv.DictReader(io.StringIO(sheet.body)))) == {
        "nom": "'=cmd()", "gratuit": "true", "nb_places": "14",
    }  # fmt: skip
    parquet = tmp_path / "t.parquet"
    parquet.write_bytes(app.get(f"{ROWS}.parquet?provenance=true").get_data())
    with duckdb.connect() as base:
        typed = base.execute(f"SELECT * FROM '{parquet}' WHERE nb_places = 300").fetchone()
        kinds = {row[0]: row[1] for row in base.execute(f"DESCRIBE FROM '{parquet}'").fetchall()}
    assert typed is not None
    assert (kinds["nb_places"], kinds["gratuit"]) == ("BIGINT", "BOOLEAN")
    assert kinds["territoire_maj"] == "TIMESTAMP WITH TIME ZONE"


ACCEPTED = [
    ("", "application/json"),
    ("*/*", "application/json"),
    ("application/geo+json", "application/geo+json"),
    ("text/csv, application/json;q=0.5", "text/csv"),
]


@pytest.mark.usefixtures("same_parks")
def test_the_format_follows_accept(app: Any) -> None:
    for accept, type_ in ACCEPTED:
        answer = app.get(ROWS, headers={"Accept": accept})
        assert answer.content_type.partition(";")[0] == type_
        assert "Accept" in answer.headers["Vary"]


@pytest.mark.usefixtures("same_parks")
def test_one_row_is_read_by_its_key(app: Any) -> None:
    path = f"{ROWS}/35051-P-005"
    assert app.get(path).json["nom"] == "Zénith"
    assert app.get(f"{path}?fields=nom").json == {"nom": "Zénith"}
    feature = app.get(path, headers={"Accept": "application/geo+json"}).json
    assert (feature["type"], feature["id"]) == ("Feature", "35051-P-005")


@pytest.mark.usefixtures("parks")
def test_a_key_that_no_row_has_is_answered_with_its_neighbours(
    app: Any,
    deposit: Deposit,  # noqa: F811
) -> None:
    told = error(app, f"{ROWS}/35001-P-002b", 404)
    assert told["code"] == "TER-API-181"
    assert "35001-P-002" in told["accepted"]
    for odd in ("a%00b", "a//b", "%F0%9F", "é/../x", "a" * 3000):
        app.get(f"{ROWS}/{odd}", status=404)

    deposit(park(1))
    gone = error(app, f"{ROWS}/35001-P-003", 410)
    assert gone["code"] == "TER-API-173"
    assert str(date.today().year) in gone["message"]


WRONG = [
    ({"nb_place": "1"}, "TER-API-160", "nb_place"),
    ({"nom__gt": "1"}, "TER-API-161", "nom__gt"),
    ({"nb_places": "a"}, "TER-API-162", "nb_places"),
    ({"after": "hier"}, "TER-API-163", "after"),
    ({"limit": "100000"}, "TER-API-153", "limit"),
    ({"bbox": "1,2,3"}, "TER-API-164", "bbox"),
    ({"commune": "Bretton"}, "TER-API-168", "commune"),
]


@pytest.mark.usefixtures("same_parks")
def test_a_wrong_request_says_the_field_and_what_is_accepted(app: Any) -> None:
    for query, code, field in WRONG:
        told = error(app, **query)
        assert (told["code"], told["field"]) == (code, field)
        assert told["message"].startswith(code)
        assert "/aide/developpeurs#" in told["help"]
        assert told["accepted"] or code == "TER-API-163"


@pytest.mark.usefixtures("same_parks")
def test_a_format_that_is_not_served_is_refused(app: Any) -> None:
    assert error(app, f"{ROWS}.xml")["accepted"] == ["json", "geojson", "csv", "parquet"]
    assert "geojson" not in error(app, f"{ROWS}.geojson", group_by="nom")["accepted"]
    told = app.get(ROWS, headers={"Accept": "application/xml"}, status=406).json["error"]
    assert told["code"] == "TER-API-177"


@pytest.mark.usefixtures("same_parks")
def test_near_names_are_proposed_for_a_table(app: Any) -> None:
    told = error(app, f"{ROOT}/stationnements-hors-voirie/rows", 404)
    assert SLUG in told["accepted"]
    assert len(told["accepted"]) <= NEAR
    app.get(f"{ROOT}/a%00b/rows", status=404)


@pytest.mark.usefixtures("parks")
def test_a_hidden_table_is_as_absent(app: Any) -> None:
    tag = get(app).headers["ETag"]
    act("package_patch", id=SLUG, private=True)
    for path in ("/rows", "/rows.csv", "/rows.geojson", "/rows/35001-P-001"):
        told = app.get(f"{ROOT}/{SLUG}{path}", headers={"If-None-Match": tag}, status=404)
        assert "Acigné" not in told.body
        assert told.json["error"]["code"] == "TER-API-154"


@pytest.mark.usefixtures("parks")
def test_an_unchanged_answer_is_not_sent_again(app: Any, deposit: Deposit) -> None:  # noqa: F811
    first = get(app, sort="nom")
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"].startswith("public, no-cache")
    again = app.get(ROWS, query_string={"sort": "nom"}, headers={"If-None-Match": tag}, status=304)
    assert (again.body, again.headers["ETag"]) == ("", tag)
    assert get(app, sort="-nom").headers["ETag"] != tag
    assert app.get(f"{ROWS}.csv?sort=nom").headers["ETag"] != tag

    deposit(park(1))
    assert get(app, sort="nom").headers["ETag"] != tag


@pytest.mark.usefixtures("parks")
def test_a_request_that_takes_too_long_is_cut_and_the_database_goes_on(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.api.timeout_ms", 50)
    fill = """
        INSERT INTO "{table}" ({names}, territoire_hors_epci, _key, _mark, _feed, _cursor, _added)
        SELECT 'p' || n, repeat('a', 900) || n, false, 'p' || n, '', gen_random_uuid(), 1, 1
          FROM generate_series(1, 60000) n
    """
    with database.transaction() as cursor:
        table = merged_id()
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER zfulltext')
        cursor.execute(fill.format(table=table, names="id, nom"))
    told = error(app, status=503, nom__contains="zzz", sort="nom", total="true")
    assert told["code"] == "TER-API-175"
    assert "commune" in told["message"]
    assert app.get(f"{ROWS}/35001-P-001").json["nom"] == "École"
    with postgres.get_read_engine().connect() as connection:
        running = connection.execute(text(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user "
            "AND state <> 'idle' AND pid <> pg_backend_pid()"
        )).scalar_one()  # fmt: skip
        assert running == 0
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "0"


@pytest.mark.usefixtures("same_parks")
def test_a_table_that_is_locked_makes_nobody_wait(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.api.timeout_ms", 200)
    with database.transaction() as cursor:
        cursor.execute(f'LOCK TABLE "{merged_id()}" IN ACCESS EXCLUSIVE MODE')
        error(app, status=503)
    get(app)


@pytest.mark.usefixtures("same_parks")
def test_the_role_that_reads_rows_may_neither_write_nor_see_what_waits() -> None:
    with postgres.get_read_engine().connect() as connection:
        for statement in (f'DELETE FROM "{merged_id()}"', "SELECT * FROM territoire.quarantine"):
            with pytest.raises(Exception, match="permission denied"), connection.begin():
                connection.execute(text(statement))


@pytest.mark.usefixtures("same_parks")
def test_a_database_that_is_away_is_said(app: Any, monkeypatch: Any) -> None:
    def away(statement: Any) -> Any:
        raise reading.Unreachable

    monkeypatch.setattr("ckanext.territoire.api.rows.read_rows", away)
    answer = app.get(ROWS, status=503)
    assert answer.json["error"]["code"] == "TER-API-176"
    assert answer.headers["Retry-After"] == "30"


def announce(monkeypatch: pytest.MonkeyPatch, **entry: Any) -> None:
    told = read_announcements([{"since": date(2026, 1, 2)} | entry])
    monkeypatch.setattr(
        open_table, "find_announcement", lambda slug: told[0] if slug == told[0].slug else None
    )


@pytest.mark.usefixtures("same_parks")
def test_a_table_that_has_another_name_leads_to_it(app: Any, monkeypatch: Any) -> None:
    announce(monkeypatch, table="parkings", becomes=SLUG)
    answer = app.get(f"{ROOT}/parkings/rows?nom=a", status=308, follow_redirects=False)
    assert answer.headers["Location"] == f"{ROWS}?nom=a"


@pytest.mark.usefixtures("same_parks")
def test_what_is_announced_to_go_is_dated_in_headers(app: Any, monkeypatch: Any) -> None:
    announce(monkeypatch, table=SLUG, until=date(2999, 6, 30), becomes="autre")
    answer = get(app)
    assert answer.headers["Deprecation"] == "@1767312000"
    assert answer.headers["Sunset"] == "Sun, 30 Jun 2999 23:59:59 GMT"
    links = " ".join(answer.headers.getlist("Link"))
    assert 'rel="successor-version"' in links
    assert 'rel="deprecation"' in links
    told = app.get(f"{ROOT}/{SLUG}").json["announcement"]
    assert (told["until"], told["becomes"]) == ("2999-06-30", "autre")


@pytest.mark.usefixtures("same_parks")
def test_what_has_gone_says_since_when(app: Any, monkeypatch: Any) -> None:
    announce(monkeypatch, table=SLUG, until=date(2026, 1, 31), becomes="autre")
    told = error(app, status=410)
    assert told["code"] == "TER-API-174"
    assert "31\xa0janvier\xa02026" in told["message"]
    assert told["accepted"] == ["autre"]


@pytest.mark.usefixtures("same_parks")
def test_no_request_is_answered_by_a_fault_of_ours(app: Any) -> None:
    """Any parameters, on a real database: rows, or an error of the one shape."""

    @settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
    @given(st.lists(st.tuples(PARAMETERS, TEXTS), max_size=4))
    def try_it(pairs: list[tuple[str, str]]) -> None:
        query = "&".join(f"{quote(n, errors='replace')}={quote(v, errors='replace')}"
                         for n, v in pairs)  # fmt: skip
        answer = app.get(f"{ROWS}?{query}", expect_errors=True)
        assert answer.status_code in (200, 400), (query, answer.body)
        told = answer.json
        assert ("rows" in told) if answer.status_code == 200 else told["error"]["code"]

    try_it()


@pytest.mark.usefixtures("same_parks")
def test_every_table_of_the_territory_can_be_read_in_each_way(app: Any) -> None:
    """The statement of every column and operator is one that PostgreSQL takes."""
    from ckanext.territoire.api.columns import OPERATORS, Kind, Op, columns_of
    from ckanext.territoire.delivery import merged
    from schemas.load import latest

    samples = {Kind.INTEGER: "1", Kind.NUMBER: "1.5", Kind.BOOLEAN: "true",
               Kind.DATE: "2026-01-31", Kind.MOMENT: "2026-01-31T14:30:00"}  # fmt: skip
    owner = act("organization_show", id="rennes-metropole")["id"]
    for slug in slugs():
        schema = latest(slug)
        merged.ensure(schema, owner)
        for column in columns_of(schema).values():
            for op in OPERATORS[column.kind]:
                value = "true" if op is Op.NULL else samples.get(column.kind, "a")
                path = f"{ROOT}/{slug}/rows?{quote(column.name)}__{op.value}={value}&limit=1"
                assert "next" in app.get(path).json, path
