"""Headers as town halls write them, matched to the fields of a schema."""

from __future__ import annotations

import random

import pytest

from harvesters.table.headers import match_headers
from harvesters.table.received import Choice, How
from schemas.load import latest, load, slugs
from schemas.model import Field, FieldType, Origin, Position, Schema

SCHEMA_IDS = [(slug, version) for slug, versions in slugs().items() for version in versions]


def schema(*fields: Field, position: Position | None = None) -> Schema:
    return Schema("lieux", "1.0", "Lieux", "d", Origin("territoire", "1.0"), "", "", fields,
                  position=position)  # fmt: skip


def text(name: str, *synonyms: str, title: str = "", is_required: bool = False) -> Field:
    return Field(name, FieldType.STRING, title or f"Titre de {name}", "d", synonyms=synonyms,
                 is_required=is_required)  # fmt: skip


def matched(wanted: Schema, *headers: str, choice: Choice | None = None) -> dict[str, str]:
    found = match_headers(wanted, headers, choice or Choice())
    return {match.field: match.header for match in found.matches}


PARKINGS = latest("stationnement-hors-voirie")


@pytest.mark.parametrize(
    ("header", "field", "how"),
    [
        ("nb_places", "nb_places", How.EXACT),
        ("NB_PLACES", "nb_places", How.SPELLING),
        ("Nb places", "nb_places", How.SPELLING),
        ("nbPlaces", "nb_places", How.SPELLING),
        ("nombre de places", "nb_places", How.SPELLING),
        ("Nbre place", "nb_places", How.SPELLING),
        ("nb-places ", "nb_places", How.SPELLING),
        ("Capacité", "nb_places", How.SYNONYM),
        ("capacites", "nb_places", How.SYNONYM),
        ("Code INSEE de la commune", "insee", How.SYNONYM),
        ("code_insee", "insee", How.SYNONYM),
        ("Capacité – nb_places", "nb_places", How.SPELLING),
        ("Général – Code INSEE", "insee", How.SYNONYM),
        ("nb_voiture", "nb_voitures_electriques", How.SPELLING),  # cut by a shapefile
    ],
)
def test_a_header_is_understood_however_it_is_spelled(header: str, field: str, how: How) -> None:
    [match] = match_headers(PARKINGS, ["autre", header]).matches
    assert (match.field, match.column, match.header, match.how) == (field, 1, header, how)


def test_exact_goes_before_spelling_and_spelling_before_synonyms() -> None:
    wanted = schema(text("nom", "libelle"), text("type"))
    assert matched(wanted, "Libellé", "NOM", "nom", "Type") == {"nom": "nom", "type": "Type"}
    assert matched(wanted, "Libellé", "NOM") == {"nom": "NOM"}
    assert matched(wanted, "Libellé") == {"nom": "Libellé"}


def test_a_column_fills_one_field_and_a_field_takes_one_column() -> None:
    wanted = schema(text("nom", "lieu"), text("lieu", "nom"))
    found = match_headers(wanted, ["Lieu", "Nom", "nom du lieu", "lieux"])
    assert len({match.field for match in found.matches}) == 2
    assert len({match.column for match in found.matches}) == 2
    assert matched(wanted, "Lieu", "Nom") == {"nom": "Nom", "lieu": "Lieu"}


def test_names_that_a_shapefile_cuts_alike_are_not_guessed() -> None:
    wanted = schema(text("tarif_abonnement_jour"), text("tarif_abonnement_nuit"))
    assert matched(wanted, "tarif_abon") == {}


def test_a_header_of_ten_letters_does_not_match_a_longer_one() -> None:
    assert matched(schema(text("nb_voitures_electriques")), "nb_voitures_thermiques") == {}


def test_required_fields_without_column_and_other_columns_are_told() -> None:
    wanted = schema(text("id", is_required=True), text("nom", is_required=True), text("note"))
    found = match_headers(wanted, ["photo", "ID", "commentaire"])
    assert (found.missing, found.extra) == (("nom",), ("photo", "commentaire"))


def test_a_person_decides_and_may_go_back() -> None:
    wanted = schema(text("nom"), text("note"))
    headers = ("nom", "remarque")

    chosen = match_headers(wanted, headers, Choice(columns={"nom": "", "remarque": "nom"}))

    [match] = chosen.matches
    assert (match.field, match.header, match.how) == ("nom", "remarque", How.CHOSEN)
    assert chosen.extra == ("nom",)
    assert matched(wanted, *headers) == {"nom": "nom"}


DEGREES = Position(longitude="lon", latitude="lat")
POINT = Position(point="xy")


@pytest.mark.parametrize(
    ("headers", "x", "y"),
    [
        (("Longitude", "Latitude"), "Longitude", "Latitude"),
        (("station_latitude", "station_longitude"), "station_longitude", "station_latitude"),
        (("coord_x", "coord_y"), "coord_x", "coord_y"),
        (("CoordX", "CoordY"), "CoordX", "CoordY"),
        (("X_L93", "Y_L93"), "X_L93", "Y_L93"),
        (("xl93", "yl93"), "xl93", "yl93"),
        (("x (Lambert 93)", "y (Lambert 93)"), "x (Lambert 93)", "y (Lambert 93)"),
        (("Xlong", "Ylat"), "Xlong", "Ylat"),
        (("Coordonnées X", "Coordonnées Y"), "Coordonnées X", "Coordonnées Y"),
        (("x", "y", "long", "lat"), "long", "lat"),
        (("geo_point_2d", "y", "x"), "x", "y"),
    ],
)
def test_a_pair_of_columns_gives_the_position(headers: tuple[str, ...], x: str, y: str) -> None:
    wanted = schema(text("xy", is_required=True), position=POINT)
    found = match_headers(wanted, headers)
    assert [(m.field, m.header, m.how) for m in found.matches] == [
        ("xy", x, How.POSITION),
        ("xy", y, How.POSITION),
    ]
    assert found.missing == ()


@pytest.mark.parametrize(
    "header", ["geo_point_2d", "Geo Point", "coordonnées GPS", "latlong", "geometry", "the_geom"]
)
def test_one_column_gives_both_fields_of_a_position(header: str) -> None:
    wanted = schema(text("lon"), text("lat"), position=DEGREES)
    found = match_headers(wanted, ["nom", header])
    assert [(m.field, m.column) for m in found.matches] == [("lon", 1), ("lat", 1)]


@pytest.mark.parametrize(
    "headers",
    [("x",), ("y", "z"), ("longueur", "largeur"), ("x_debut", "y_fin"), ("localisation",)],
)
def test_what_is_no_position_is_left(headers: tuple[str, ...]) -> None:
    wanted = schema(text("lon"), text("lat"), position=DEGREES)
    assert match_headers(wanted, headers).matches == ()


def test_a_position_that_a_header_names_is_not_looked_for_elsewhere() -> None:
    wanted = schema(text("lon"), text("lat"), text("x"), text("y"), position=DEGREES)
    found = matched(wanted, "x", "y", "LON", "LAT")
    assert found == {"lon": "LON", "lat": "LAT", "x": "x", "y": "y"}


@pytest.mark.parametrize(("slug", "version"), SCHEMA_IDS)
def test_every_schema_knows_its_own_columns_in_any_order_and_spelling(
    slug: str, version: str
) -> None:
    wanted = load(slug, version)
    names = [field.name for field in wanted.fields]
    titles = [field.title for field in wanted.fields]
    order = random.Random(slug).sample(range(len(names)), len(names))

    for spell in (str, str.upper, lambda name: name.replace("_", " ")):
        headers = [spell(names[at]) for at in order]
        found = match_headers(wanted, headers)
        assert {m.field: m.header for m in found.matches} == {
            names[at]: spell(names[at]) for at in order
        }
        assert (found.missing, found.extra) == ((), ())
    by_title = match_headers(wanted, titles)
    assert {m.field: m.header for m in by_title.matches} == dict(zip(names, titles, strict=True))
