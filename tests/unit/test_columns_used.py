"""Which columns a call uses: those that it names, and never all of them for having named none."""

from __future__ import annotations

import pytest

from ckanext.territoire.api.asked import Known, Query
from ckanext.territoire.api.columns import columns_of, own_columns
from ckanext.territoire.api.read_query import read_query
from ckanext.territoire.developers.columns_used import ALL, columns_used
from schemas.load import latest

SCHEMA = latest("stationnement-hors-voirie")
KNOWN = Known(SCHEMA.slug, columns_of(SCHEMA), own_columns(SCHEMA), is_placed=True)


def used(query: str, has_shape: bool = False) -> set[str]:
    pairs = [tuple(part.split("=", 1)) for part in query.split("&") if part]
    read = read_query([(name, value) for name, value in pairs], KNOWN)
    assert isinstance(read, Query), read
    has_fields = any(name == "fields" for name, _ in pairs)
    return set(columns_used(read, SCHEMA, has_fields, has_shape))


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("", {ALL}),
        ("limit=10&total=true", {ALL}),
        ("fields=nom,nb_places", {"nom", "nb_places"}),
        ("fields=nom&sort=-nb_places", {"nom", "nb_places"}),
        ("fields=nom&nb_pmr__gte=1", {"nom", "nb_pmr"}),
        ("nom__contains=a", {"nom", ALL}),
        ("fields=territoire_cle", set()),
        ("group_by=insee&sum=nb_places&sort=-count", {"insee", "nb_places"}),
        ("group_by=territoire_commune_nom", set()),
        ("fields=nom&bbox=-2,48,-1,49", {"nom", "Xlong", "Ylat"}),
        ("fields=nom&near=-1.6,48.1", {"nom", "Xlong", "Ylat"}),
        ("fields=nom&commune=35001", {"nom"}),
    ],
)
def test_a_call_uses_the_columns_that_it_names(query: str, columns: set[str]) -> None:
    assert used(query) == columns


def test_a_geometry_is_the_position() -> None:
    assert used("fields=nom", has_shape=True) == {"nom", "Xlong", "Ylat"}
