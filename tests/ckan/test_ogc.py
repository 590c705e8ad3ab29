"""The process of features and tiles: what is published of a table, and what never leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from ckan import model
from ckan.plugins import toolkit
from morecantile import tms
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.table.load import load_waiting
from tests.ckan.conftest import act
from tests.ckan.ogc_server import Ogc, serving_ogc
from tests.ckan.parking_rows import PLACES, SLUG, park
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)
from tests.ckan.test_ogc_tiles import features

ITEMS = f"/collections/{SLUG}/items"
CANARY = "canari-des-lignes-tues"
NONE = ("ckanext.territoire.api.anonymous_per_minute", "ckanext.territoire.ogc.tiles_per_minute")


@pytest.fixture(scope="module")
def ogc(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    """The process, once for all: it finds the tables of each test by itself."""
    with serving_ogc(tmp_path_factory.mktemp("ogc"), portal_app) as served:
        yield served


@pytest.fixture(autouse=True)
def uncounted(ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No quota, but in the tests of quotas."""
    for name in NONE:
        monkeypatch.setitem(ckan_config, name, 0)


@pytest.fixture
def parks(ogc: Ogc, deposit: Deposit) -> Ogc:  # noqa: F811
    """Car parks of two communes, 25 and 3."""
    deposit(*(park(n, Ylat=48.1 + n / 10_000) for n in range(1, 26)))
    deposit(*(park(n, "35051") for n in (1, 2, 3)), org="cesson-sevigne")
    ogc.await_rows(SLUG, 28)
    return ogc


def test_a_new_table_is_described_in_french_with_its_licence_and_whom_to_name(parks: Ogc) -> None:
    parks.until(f"/collections/{SLUG}", lambda answer: "extent" in answer.json)
    (told,) = parks.get("/collections").json["collections"]

    assert told["id"] == SLUG
    assert told["title"] == "Lieux de stationnement hors voirie"
    assert told["license"] == "https://spdx.org/licenses/etalab-2.0"
    assert told["attribution"] == "Rennes Métropole – Territoire – Licence Ouverte 2.0 (Etalab)"
    assert told["extent"]["spatial"]["bbox"] == [[-1.6002, 48.1001, -1.5364, 48.1205]]
    assert all(link["href"].startswith(parks.site) for link in told["links"][:5])


def test_every_link_of_the_api_leads_to_an_answer(parks: Ogc) -> None:
    seen, waiting = set(), [f"{parks.site}/ogc/"]
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith(f"{parks.site}/ogc"):
            continue
        seen.add(address)
        answer = parks.get(address.removeprefix(f"{parks.site}/ogc"))
        assert answer.status == 200, (address, answer)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "no-cache" in answer.headers["cache-control"]
        waiting += [each["href"] for each in links(answer.json) if not each.get("templated")]
    assert len(seen) >= 12


def links(told: Any) -> list[dict[str, Any]]:
    if isinstance(told, list):
        return [link for each in told for link in links(each)]
    if not isinstance(told, dict):
        return []
    own = told.get("links", [])
    return own + [link for name, each in told.items() if name != "links" for link in links(each)]


def test_rows_of_a_hidden_dataset_leave_and_come_back_with_it(parks: Ogc) -> None:
    tile = f"/collections/{SLUG}/tiles/WebMercatorQuad/10/355/507"
    whole = parks.get(tile)
    (own,) = act("package_search", fq="organization:cesson-sevigne")["results"]
    act("package_patch", id=own["id"], private=True)
    load_waiting()

    parks.await_rows(SLUG, 25)
    assert parks.get(f"{ITEMS}?insee=35051").json["features"] == []
    assert parks.get(f"{ITEMS}/35051-P-001").status == 404
    less = parks.get(tile, if_none_match=whole.headers["etag"])
    assert less.status == 200
    assert len(less.body) < len(whole.body)

    act("package_patch", id=own["id"], private=False)
    load_waiting()
    parks.await_rows(SLUG, 28)


def test_a_hidden_table_leaves_features_tiles_and_what_was_kept_of_them(parks: Ogc) -> None:
    tile = f"/collections/{SLUG}/tiles/WebMercatorQuad/10/355/507"
    kept = parks.get(tile).headers["etag"]
    act("package_patch", id=SLUG, private=True)
    load_waiting()

    parks.until(ITEMS, lambda answer: answer.status == 404)
    assert parks.get("/collections").json["collections"] == []
    assert parks.get(tile, if_none_match=kept).status == 404

    act("package_patch", id=SLUG, private=False)
    load_waiting()
    parks.await_rows(SLUG, 28)


def test_a_table_that_is_deleted_leaves_too(parks: Ogc) -> None:
    act("package_delete", id=SLUG)
    load_waiting()

    parks.until(ITEMS, lambda answer: answer.status == 404)


def test_what_is_held_refused_or_private_is_in_no_answer(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1), park(2, nom=CANARY, gratuit="parfois"))  # set aside: a bad value
    deposit(park(3, "35051", nom=CANARY), org="cesson-sevigne")
    (own,) = act("package_search", fq="organization:cesson-sevigne")["results"]
    act("package_patch", id=own["id"], private=True)
    load_waiting()
    held = deposit(park(4, "35024", nom=CANARY), org="acigne")  # of another commune: waits
    assert held["state"] == "held"
    ogc.await_rows(SLUG, 1)

    box = "/collections/{}/tiles/WebMercatorQuad/10/355/507"
    paths = ["/", "/api", "/collections", f"/collections/{SLUG}", f"{ITEMS}?limit=1000",
             f"{ITEMS}/35051-P-003", f"/collections/{SLUG}/queryables", box.format(SLUG),
             f"{ITEMS}?nom={CANARY}"]  # fmt: skip
    for path in paths:
        answer = ogc.get(path)
        told = answer.body if "nom=" not in path else json.dumps(answer.json["features"]).encode()
        assert CANARY.encode() not in told, path


def test_no_tile_holds_what_is_hidden_whatever_the_zoom_nor_says_it_in_its_headers(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
    tmp_path: Path,
) -> None:
    deposit(park(1), park(2, nom=CANARY, gratuit="parfois"))  # set aside: a bad value
    deposit(park(3, "35051", nom=CANARY), org="cesson-sevigne")
    (own,) = act("package_search", fq="organization:cesson-sevigne")["results"]
    act("package_patch", id=own["id"], private=True)
    load_waiting()
    mail = f"{CANARY}@exemple.fr"
    personal = deposit(
        park(4, "35024", nom=f"Appeler Betton, {mail}, 06 12 34 56 78"), org="betton"
    )
    assert personal["state"] == "held"
    ogc.await_rows(SLUG, 1)

    seen: list[dict[str, Any]] = []
    for insee in ("35001", "35051", "35024"):
        for zoom in range(0, 19, 3):
            answer = ogc.get(tile_of(PLACES[insee], zoom), accept_encoding="identity")
            assert CANARY.encode() not in answer.body
            assert CANARY not in str(answer.headers)
            if answer.status == 200:
                seen += features(answer.body, tmp_path)
    assert {each["territoire_cle"] for each in seen} == {"35001-P-001"}
    assert {each["nom"] for each in seen} == {"Parking 1"}


def test_a_column_that_has_ended_leaves_features_tiles_and_what_is_said_of_them(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
    tmp_path: Path,
) -> None:
    deposit(park(1, nom=CANARY))
    ogc.await_rows(SLUG, 1)
    tile, here = tile_of(PLACES["35001"], 14), f"/collections/{SLUG}"
    kept = ogc.get(tile).headers["etag"]
    assert [each["nom"] for each in features(ogc.get(tile).body, tmp_path)] == [CANARY]
    told = {"kind": "column", "effect": "end", "table": SLUG, "column": "nom",
            "at": "2999-01-01", "why": "Elle n’est plus tenue."}  # fmt: skip
    made = act("territoire_announcement_create", **told)
    past = "UPDATE territoire_announcement SET at = current_date - 2 WHERE id = :id"
    model.Session.execute(text(past), {"id": made["id"]})
    model.Session.commit()
    minute.forget()
    load_waiting()

    ogc.until(tile, lambda answer: CANARY.encode() not in answer.body)
    again = ogc.get(tile, if_none_match=kept)
    assert again.status == 200
    [drawn] = features(again.body, tmp_path)
    assert "nom" not in drawn
    for path in (here, f"{here}/queryables", f"{here}/items", f"{here}/items/35001-P-001",
                 f"{here}/tiles/WebMercatorQuad", f"{here}/tiles/WebMercatorQuad/tilejson.json",
                 "/api"):  # fmt: skip
        answer = ogc.get(path)
        assert answer.status == 200, path
        assert CANARY.encode() not in answer.body
        assert b'"nom"' not in answer.body, path
    for asked in ("nom=a", "filter=nom%20%3D%20%27a%27", "properties=nom", "sortby=nom"):
        assert ogc.get(f"{ITEMS}?{asked}").status == 400, asked
    with _as_role() as connection, connection.cursor() as cursor:
        with pytest.raises(psycopg2.errors.UndefinedColumn):
            cursor.execute(f'SELECT nom FROM published."{SLUG}"')
        connection.rollback()


def tile_of(place: tuple[float, float], zoom: int) -> str:
    """The address of the tile of a place."""
    found = tms.get("WebMercatorQuad").tile(*place, zoom)
    return f"/collections/{SLUG}/tiles/WebMercatorQuad/{zoom}/{found.y}/{found.x}"


def test_a_slow_question_is_stopped_told_in_french_and_leaves_the_database_as_it_was(
    parks: Ogc,
) -> None:
    (row,) = _rows("SELECT resource_id FROM territoire.merged")
    with transaction() as cursor:  # texts that take long to compare, as one delivery would bring
        cursor.execute(f"""UPDATE public."{row[0]}" SET nom = repeat('É', 400000)""")
        cursor.execute("UPDATE territoire.merged SET cursor = cursor + 1, changed_at = now()")
    slow = " OR ".join(f"casei(nom) LIKE casei('%Z{n}%')" for n in range(200))

    answer = parks.get(f"{ITEMS}?filter={quote(slow)}")
    assert (answer.status, answer.code) == (503, "TER-API-175")
    told = answer.json["error"]
    assert "a été arrêtée après 5 s de calcul" in told["message"].replace("\xa0", " ")
    assert "un filtre" in told["message"]
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert "retry-after" not in answer.headers  # the same again would be as long

    assert parks.get(f"{ITEMS}?insee=35051&properties=insee").json["numberMatched"] == 3
    busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'territoire_ogc' AND "
    assert _rows(busy + "state = 'active' AND query LIKE '%LIKE%'") == [(0,)]


def test_the_role_reads_the_published_views_and_nothing_else(parks: Ogc) -> None:
    (row,) = _rows("SELECT resource_id FROM territoire.merged")
    with _as_role() as connection, connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")  # its own brake, taken off
        connection.commit()
        cursor.execute(f'SELECT count(*) FROM published."{SLUG}"')
        assert cursor.fetchone() == (28,)
        for statement in (
            f'SELECT 1 FROM public."{row[0]}"', "SELECT 1 FROM territoire.delivery",
            "SELECT 1 FROM territoire.flag", f'DELETE FROM published."{SLUG}"',
            "CREATE TABLE public.mine (a int)", "SELECT pg_read_file('/etc/passwd')",
        ):  # fmt: skip
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            connection.rollback()


def test_a_statement_of_the_role_is_cut_at_its_limit(parks: Ogc) -> None:
    with _as_role() as connection, connection.cursor() as cursor:
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("SELECT pg_sleep(60)")
        connection.rollback()


def test_a_table_that_is_locked_is_not_waited_for(parks: Ogc) -> None:
    (row,) = _rows("SELECT resource_id FROM territoire.merged")
    with transaction() as cursor:
        cursor.execute(f'LOCK TABLE public."{row[0]}" IN ACCESS EXCLUSIVE MODE')
        answer = parks.get(f"{ITEMS}?insee=35001")

    assert (answer.status, answer.code) == (503, "TER-API-176")
    assert parks.get(f"{ITEMS}?insee=35051").json["numberMatched"] == 3


def _rows(query: str) -> list[Any]:
    with transaction() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _as_role() -> Any:
    from deployment.layout import layout
    from deployment.ogc.settings import to_settings

    database = str(toolkit.config["ckan.datastore.read_url"]).rpartition("/")[2]
    return psycopg2.connect(to_settings(layout(), database)["database_url"])
