"""The pages and files of tables, asked as a visitor asks them."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import files
from ckanext.territoire.table import load
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
    assert "map-dots" in app.get(path_of(resource, "apercu")).body

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
