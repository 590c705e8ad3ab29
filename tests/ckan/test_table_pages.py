"""The pages and files of tables, asked as a visitor asks them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from ckan.plugins import toolkit

from ckanext.territoire import files
from ckanext.territoire.table import kept_shapes, load
from ckanext.territoire.table.record import load_record
from tests.ckan.conftest import act

PLACES = (
    "nom;insee;longitude;latitude;prix;jour\n"
    "Mairie <b>;35001;-1,52;48,13;1204567,5;2026-12-31\nÉcole;01004;-1,53;48,14;3;2026-01-02\n"
).encode("cp1252")


def make(organization: dict[str, Any], content: bytes, private: bool = False) -> dict[str, Any]:
    dataset = act(
        "package_create", name="lieux", title="Lieux", notes="Essai", license_id="lov2",
        owner_org=organization["id"], private=private, resources=[],
    )  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    resource = act(
        "resource_create",
        package_id=dataset["id"], name="Lieux", format="CSV", hash=files.keep(content),
        url=f"{site}/dataset/{dataset['id']}/fichier/lieux.csv",
    )  # fmt: skip
    load.load_waiting()
    return resource


@pytest.fixture
def resource(organization: dict[str, Any]) -> dict[str, Any]:
    return make(organization, PLACES)


def path_of(resource: dict[str, Any], end: str) -> str:
    return f"/dataset/{resource['package_id']}/resource/{resource['id']}/{end}"


def test_the_preview_shows_rows_in_french_and_escapes_them(app: Any, resource: Any) -> None:
    page = app.get(path_of(resource, "apercu"))

    assert "Mairie &lt;b&gt;" in page.body
    assert "01004" in page.body
    assert "1204567,5" in page.body
    assert "31/12/2026" in page.body
    assert "ichier lu en ISO-8859-1" in page.body
    assert '<th scope="col"' in page.body


def test_the_page_of_a_dataset_shows_its_first_rows_and_leads_to_all_ways_to_see_them(
    app: Any, resource: Any
) -> None:
    page = app.get("/dataset/lieux").body

    assert "Mairie &lt;b&gt;" in page
    assert "31/12/2026" in page
    for view in ("tableau", "carte", "graphique"):
        assert f"/resource/{resource['id']}/apercu?vue={view}#apercu" in page


def test_a_dataset_of_many_rows_shows_five_and_leads_to_the_others(
    app: Any, organization: Any
) -> None:
    make(organization, b"nom\n" + b"".join(b"lieu-%d\n" % n for n in range(30)))
    page = app.get("/dataset/lieux").body

    assert "lieu-4" in page
    assert "lieu-5" not in page
    assert "Voir toutes les lignes" in page
    assert "vue=carte" not in page


def test_a_dataset_without_a_table_shows_no_rows(app: Any, organization: Any) -> None:
    make(organization, b"%PDF-1.4 rien")

    assert 'id="rows"' not in app.get("/dataset/lieux").body


def test_the_preview_sorts_and_searches(app: Any, resource: Any) -> None:
    descending = app.get(path_of(resource, "apercu?tri=5&sens=desc")).body
    assert descending.index("Mairie &lt;b&gt;") < descending.index("École")
    assert 'aria-sort="descending"' in descending

    found = app.get(path_of(resource, "apercu?q=mairie")).body
    assert "Mairie &lt;b&gt;" in found
    assert "01004" not in found


@pytest.mark.parametrize(
    "question", ["tri=99999", "page=-1", "page=abc", "tri=1%27%22;--", "q=%00"]
)
def test_nonsense_in_the_address_of_a_preview_is_the_first_page(
    app: Any, resource: Any, question: str
) -> None:
    assert app.get(path_of(resource, f"apercu?{question}")).status_code == 200


def test_a_part_of_the_page_is_enough_for_htmx(app: Any, resource: Any) -> None:
    part = app.get(path_of(resource, "apercu"), headers={"HX-Request": "true"}).body

    assert part.strip().startswith('<section id="apercu"')
    assert "<html" not in part


def test_points_are_drawn_and_answered_as_geojson(app: Any, resource: Any) -> None:
    page = app.get(path_of(resource, "apercu?vue=carte")).body
    assert "map-dots" in page
    assert page.index('id="liste"') < page.index("École")

    answer = app.get(path_of(resource, "points.geojson"))

    assert answer.mimetype == "application/geo+json"
    first = answer.json["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [-1.52, 48.13]}
    assert first["properties"]["insee"] == "35001"


def test_lambert_93_is_drawn_in_degrees(app: Any, organization: Any) -> None:
    resource = make(organization, b"nom;x;y\nA;355000,5;6788000\nB;356000;6789000\n")

    places = app.get(path_of(resource, "points.geojson")).json["features"]

    longitude, latitude = places[0]["geometry"]["coordinates"]
    assert longitude == pytest.approx(-1.60, abs=0.05)
    assert latitude == pytest.approx(48.10, abs=0.05)


BENCHES = [{"type": "Point", "coordinates": [-1.5 - n / 100, 48.1]} for n in range(4)]
PATH = {"type": "LineString", "coordinates": [[-1.6, 48.1], [-1.55, 48.11], [-1.5, 48.1]]}
PARK = {"type": "Polygon", "coordinates": [[[-1.6, 48.1], [-1.5, 48.1], [-1.5, 48.15],
                                            [-1.6, 48.15], [-1.6, 48.1]]]}  # fmt: skip


def map_of(
    organization: Any, name: str, *formats: str, shapes: list[dict[str, Any]] = BENCHES
) -> dict[str, Any]:
    """A dataset with one GeoJSON of these shapes, then files of these formats."""
    features = [
        {"type": "Feature", "properties": {"nom": f"Banc {n}"}, "geometry": shape}
        for n, shape in enumerate(shapes)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    dataset = act("package_create", name=name, title=name, license_id="lov2",
                  owner_org=organization["id"], resources=[])  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    for number, form in enumerate((*formats, "GeoJSON")):
        kept = content if form == "GeoJSON" else PLACES
        url = f"{site}/dataset/{dataset['id']}/fichier/{number}.{form.lower()}"
        made = act("resource_create", package_id=dataset["id"], name=form, format=form,
                   hash=files.keep(kept), url=url)  # fmt: skip
    load.load_waiting()
    return dict(made)


def test_a_dataset_that_is_only_a_map_is_shown_as_rows_and_points(
    app: Any, organization: Any
) -> None:
    resource = map_of(organization, "bancs")

    page = app.get(path_of(resource, "apercu")).body
    assert "Banc 3" in page
    assert "map-dots" in app.get(path_of(resource, "apercu?vue=carte")).body
    assert "fichier GeoJSON" in page.replace("Fichier", "fichier")
    places = app.get(path_of(resource, "points.geojson")).json["features"]
    assert places[0]["geometry"]["coordinates"] == [-1.5, 48.1]


def test_lines_and_areas_of_a_file_are_drawn_as_such_and_told_with_their_columns(
    app: Any, organization: Any
) -> None:
    resource = map_of(organization, "promenades", shapes=[PATH, BENCHES[0], PARK])

    page = app.get(path_of(resource, "apercu?vue=carte")).body
    assert all(f'class="map-{kind}"' in page for kind in ("areas", "lines", "dots"))
    assert 'data-layer=""' in page
    told = app.get(path_of(resource, "points.geojson")).json["features"]
    assert [each["geometry"] for each in told] == [PATH, BENCHES[0], PARK]
    assert [each["properties"]["nom"] for each in told] == ["Banc 0", "Banc 1", "Banc 2"]


def layer_of(organization: Any, name: str, folder: Path, *formats: str) -> dict[str, Any]:
    """A dataset with one GeoPackage of a line, a point and an area, then files of these formats."""
    path = folder / "voies.gpkg"
    shapes = [shapely.from_geojson(json.dumps(each)) for each in (PATH, BENCHES[0], PARK)]
    pyogrio.raw.write(
        str(path), geometry=shapely.to_wkb(np.array(shapes)),
        field_data=[np.array(["Chemin", "Banc", "Parc"], object)], fields=["nom"],
        geometry_type="Unknown", crs="EPSG:4326", driver="GPKG",
    )  # fmt: skip
    dataset = act("package_create", name=name, title=name, license_id="lov2",
                  owner_org=organization["id"], resources=[])  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    for number, form in enumerate((*formats, "GPKG")):
        content = path.read_bytes() if form == "GPKG" else PLACES
        url = f"{site}/dataset/{dataset['id']}/fichier/{number}.{form.lower()}"
        made = act("resource_create", package_id=dataset["id"], name=form, format=form,
                   hash=files.keep(content), url=url)  # fmt: skip
    load.load_waiting()
    return dict(made)


def test_lines_and_areas_of_a_layer_are_drawn_as_those_of_a_geojson(
    app: Any, organization: Any, tmp_path: Path
) -> None:
    resource = layer_of(organization, "voies", tmp_path)

    page = app.get(path_of(resource, "apercu?vue=carte")).body
    assert all(f'class="map-{kind}"' in page for kind in ("areas", "lines", "dots"))
    told = app.get(path_of(resource, "points.geojson")).json["features"]
    assert [each["geometry"] for each in told] == [PATH, BENCHES[0], PARK]
    assert [each["properties"]["nom"] for each in told] == ["Chemin", "Banc", "Parc"]


def test_a_large_layer_keeps_its_points_alone(
    app: Any, organization: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_shapes, "MAX_BYTES", 1_000)
    resource = layer_of(organization, "vastes-voies", tmp_path)
    told = app.get(path_of(resource, "points.geojson")).json["features"]
    assert {each["geometry"]["type"] for each in told} == {"Point"}


def test_a_layer_beside_a_table_is_not_read(app: Any, organization: Any, tmp_path: Path) -> None:
    resource = layer_of(organization, "voies-et-table", tmp_path, "CSV")
    assert load_record(resource["id"]) is None


def test_a_table_is_seen_in_as_many_ways_as_its_columns_allow(app: Any, resource: Any) -> None:
    def views(path: str) -> list[tuple[str, bool]]:
        page = app.get(path).body
        found = re.findall(r'<a href="[^"]*\?vue=(\w+)#apercu"( aria-current="true")?', page)
        return [(view, bool(is_here)) for view, is_here in found]

    here = path_of(resource, "apercu")
    names = ["tableau", "carte", "graphique"]
    for view in names:
        assert views(f"{here}?vue={view}") == [(name, name == view) for name in names]
    assert views(here) == views(f"{here}?vue=liste") == views(f"{here}?vue=tableau")
    assert "<table" not in app.get(f"{here}?vue=carte").body


def test_a_map_beside_a_table_is_not_read_twice(app: Any, organization: Any) -> None:
    resource = map_of(organization, "bancs", "CSV")

    assert app.get(path_of(resource, "apercu"), status=404).status_code == 404


def test_a_kept_file_is_an_attachment_with_its_hash_as_etag(app: Any, resource: Any) -> None:
    address = f"/dataset/{resource['package_id']}/fichier/lieux.csv"
    answer = app.get(address)

    assert answer.data == PLACES
    assert answer.headers["ETag"].strip('"') == resource["hash"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    unchanged = app.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304
    part = app.get(address, headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.data) == (206, PLACES[:3])


def test_the_copy_that_was_read_is_served_too(app: Any, resource: Any) -> None:
    assert app.get(path_of(resource, "fichier/lieux.csv")).data == PLACES


@pytest.mark.parametrize(
    "end", ["fichier/autre.csv", "fichier/..%2f..%2fcle", "resource/inconnu/fichier/a.csv"]
)
def test_a_name_that_no_resource_has_is_not_found(app: Any, resource: Any, end: str) -> None:
    address = f"/dataset/{resource['package_id']}/{end}"
    assert app.get(address, status=404).status_code == 404


def test_a_private_dataset_shows_nothing_to_visitors(app: Any, organization: Any) -> None:
    resource = make(organization, PLACES, private=True)

    for address in (
        path_of(resource, "apercu"),
        path_of(resource, "points.geojson"),
        path_of(resource, "fichier/lieux.csv"),
        f"/dataset/{resource['package_id']}/fichier/lieux.csv",
        f"/dataset/{resource['package_id']}/mesures.geojson",
    ):
        answer = app.get(address, status=404)
        assert "Mairie" not in answer.body
