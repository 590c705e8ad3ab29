"""The catalogue in RDF, read as another portal reads it: over HTTP, judged by SHACL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories, helpers
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, OWL, RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from tests.ckan.territory_rows import write_communes

pytestmark = pytest.mark.usefixtures("with_plugins", "clean")
SHAPES = Path(__file__).with_name("dcat_ap_shapes.ttl")
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "n3": "n3"}
EU = "http://publications.europa.eu/resource/authority"
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
CANARY = "canari-jamais-public"


def act(action: str, **data: Any) -> dict[str, Any]:
    """Call an action as the site itself does."""
    site = helpers.call_action("get_site_user", {"ignore_auth": True})
    found: dict[str, Any] = helpers.call_action(action, {"user": site["name"]}, **data)
    return found


@pytest.fixture
def org(with_plugins: None, clean: None) -> dict[str, Any]:
    write_communes()
    found: dict[str, Any] = factories.Organization(name="acigne", title="Acigné")
    return found


@pytest.fixture
def full(org: dict[str, Any]) -> dict[str, Any]:
    """A dataset with every answer given."""
    return act(
        "package_create",
        name="dechets",
        title="Horaires de la déchèterie & « encombrants »",
        notes="Un *texte* avec <b>balises</b> et des émojis 🗑",
        owner_org=org["id"],
        license_id="lov2",
        theme=["dechets", "eau"],
        tag_string="tri, horaires",
        communes=["35001", "35024"],
        frequency="annual",
        temporal_start="2025",
        temporal_end="2026-06-30",
        issued="2024-03",
        modified="2026-10-01T08:00:00",
        publisher_name="Service de collecte",
        contact_name="Service des déchets",
        contact_email="dechets@ville-acigne.fr",
        language="fr",
        url="https://www.ville-acigne.fr/déchets et tri",
        upstream_uri="https://data.exemple.fr/jeux/1",
        resources=[
            {
                "url": "https://a.fr/horaires été.csv",
                "name": "Horaires",
                "description": "Une ligne par jour",
                "format": "csv",
                "size": 1204,
                "hash": "sha256:" + "ab" * 32,
            },
            {"url": "https://a.fr/wfs?service=WFS", "format": "WFS"},
            {"url": "https://a.fr/plan.dwg", "format": "DWG", "mimetype": "image/vnd.dwg"},
            {"url": "https://a.fr/a.zip", "format": "gtfs", "hash": "not-a-fingerprint"},
            {"url": "https://a.fr/x", "format": "<b>étrange</b>", "mimetype": "n'importe quoi"},
        ],
    )


@pytest.fixture
def minimal(org: dict[str, Any]) -> dict[str, Any]:
    """A dataset with nothing but what is required."""
    return act("package_create", name="arbres", title="Arbres", owner_org=org["id"])


def read(app: Any, address: str) -> Graph:
    """Fetch an address as an anonymous visitor and parse it in the format of its ending."""
    answer = app.get(address)
    assert answer.status_code == 200, address
    ending = address.split("?", maxsplit=1)[0].rsplit(".", 1)[1]
    return Graph().parse(data=answer.get_data(as_text=True), format=FORMATS[ending])


def faults(graph: Graph, *shapes: Path) -> str:
    """Judge a graph by the shapes; no text when it conforms."""
    rules = Graph()
    for path in shapes or (SHAPES,):
        rules.parse(path, format="turtle")
    conforms, _, told = validate(graph, shacl_graph=rules, advanced=True)
    return "" if conforms else told


@pytest.mark.usefixtures("full", "minimal")
def test_the_catalogue_passes_the_dcat_ap_rules_in_every_format(app: Any) -> None:
    for ending in FORMATS:
        graph = read(app, f"/catalog.{ending}")
        assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 2
        assert len(list(graph.subjects(RDF.type, DCAT.Distribution))) == 5
        assert faults(graph) == ""


def test_each_dataset_passes_the_dcat_ap_rules_alone(
    app: Any, full: dict[str, Any], minimal: dict[str, Any]
) -> None:
    for dataset, ending in product((full, minimal), FORMATS):
        graph = read(app, f"/dataset/{dataset['id']}.{ending}")
        assert [str(title) for title in graph.objects(_ref(graph), DCTERMS.title)] == [
            dataset["title"]
        ]
        assert faults(graph) == ""


@pytest.mark.usefixtures("full", "minimal")
def test_the_catalogue_passes_the_published_shapes_where_they_are_at_hand(
    app: Any, shared_data: Path
) -> None:
    published = sorted((shared_data / "dcat-ap").glob("*.ttl"))
    if not published:
        pytest.skip("the shapes of SEMICeu/DCAT-AP (../shared/data/dcat-ap) are not here")
    assert faults(read(app, "/catalog.ttl"), *published) == ""


@pytest.mark.usefixtures("full", "minimal")
def test_every_format_says_the_same(app: Any) -> None:
    turtle = read(app, "/catalog.ttl")
    for ending in ("jsonld", "rdf"):
        other = read(app, f"/catalog.{ending}")
        assert isomorphic(_without_page_address(turtle), _without_page_address(other)), ending


def _without_page_address(graph: Graph) -> Graph:
    """The pages of a catalogue name themselves by their own ending."""
    kept = Graph()
    pages = set(graph.subjects(RDF.type, HYDRA.PagedCollection))
    for triple in graph:
        if triple[0] not in pages:
            kept.add(triple)
    return kept


def test_values_are_addresses_of_the_official_tables(app: Any, full: dict[str, Any]) -> None:
    graph = read(app, f"/dataset/{full['id']}.ttl")
    ref = _ref(graph)
    site = str(ref).split("/dataset/")[0]
    themes = {str(theme) for theme in graph.objects(ref, DCAT.theme)}
    assert themes == {f"{EU}/data-theme/ENVI", f"{site}/themes/dechets", f"{site}/themes/eau"}
    assert graph.value(ref, DCTERMS.accrualPeriodicity) == URIRef(f"{EU}/frequency/ANNUAL")
    assert graph.value(ref, DCTERMS.language) == URIRef(f"{EU}/language/FRA")
    assert graph.value(ref, DCTERMS.license) == URIRef("https://spdx.org/licenses/etalab-2.0")
    assert {str(f).rsplit("/", 1)[1] for f in graph.objects(None, DCTERMS.format)} == {
        "CSV",
        "WFS_SRVC",
        "ZIP",
    }
    assert (ref, OWL.sameAs, URIRef("https://data.exemple.fr/jeux/1")) in graph


def test_places_are_insee_addresses_and_a_geometry(app: Any, full: dict[str, Any]) -> None:
    graph = read(app, f"/dataset/{full['id']}.ttl")
    places = set(graph.objects(_ref(graph), DCTERMS.spatial))
    communes = {f"http://id.insee.fr/geo/commune/{code}" for code in ("35001", "35024")}
    assert communes < {str(place) for place in places}
    drawn = [place for place in places if (place, LOCN.geometry, None) in graph]
    assert len(drawn) == 1
    box = str(graph.value(drawn[0], DCAT.bbox))
    assert box.startswith("POLYGON ((")
    assert "-1.5 48.13" in box


def test_a_file_says_its_size_its_fingerprint_and_its_address(
    app: Any, full: dict[str, Any]
) -> None:
    graph = read(app, f"/dataset/{full['id']}.ttl")
    ref = next(s for s, t in graph.subject_objects(DCTERMS.title) if str(t) == "Horaires")
    assert graph.value(ref, DCAT.byteSize).toPython() == 1204
    checksum = graph.value(ref, SPDX.checksum)
    assert str(graph.value(checksum, SPDX.checksumValue)) == "ab" * 32
    assert str(graph.value(checksum, SPDX.algorithm)).endswith("checksumAlgorithm_sha256")
    assert len(list(graph.subjects(RDF.type, SPDX.Checksum))) == 1
    assert graph.value(ref, DCAT.downloadURL) == URIRef("https://a.fr/horaires%20été.csv")
    service = next(s for s, u in graph.subject_objects(DCAT.accessURL) if "wfs" in str(u))
    assert graph.value(service, DCAT.downloadURL) is None


def test_the_publisher_is_the_organisation_with_its_siren(app: Any) -> None:
    write_communes()
    org = _organisation_with_siren()
    act("package_create", name="eau", title="Eau", owner_org=org["id"])
    graph = read(app, "/catalog.ttl")
    publisher = graph.value(next(graph.subjects(RDF.type, DCAT.Dataset)), DCTERMS.publisher)
    assert graph.value(publisher, FOAF.name) == Literal("Rennes Métropole", lang="fr")
    assert Literal("243500139") in set(graph.objects(publisher, DCTERMS.identifier))
    assert graph.value(next(graph.subjects(RDF.type, DCAT.Catalog)), DCTERMS.publisher) == publisher
    assert faults(graph) == ""


def _organisation_with_siren() -> dict[str, Any]:
    org: dict[str, Any] = factories.Organization(name="rennes-metropole", title="Rennes Métropole")
    extras = '{"kind": "epci", "siren": "243500139"}'
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text('UPDATE "group" SET extras = CAST(:extras AS jsonb) WHERE id = :id'),
            {"extras": extras, "id": org["id"]},
        )
    return org


def test_an_address_that_is_none_leads_to_the_page_of_the_file(
    app: Any, org: dict[str, Any]
) -> None:
    dataset = act(
        "package_create",
        name="odd",
        title="Odd",
        owner_org=org["id"],
        resources=[{"url": wrong} for wrong in ("mailto:a@b.fr", "http://a b/<c>", "")],
    )
    graph = read(app, f"/dataset/{dataset['id']}.ttl")
    reached = dict(graph.subject_objects(DCAT.accessURL))
    assert len(reached) == 3
    assert all(address == ref for ref, address in reached.items())
    assert not list(graph.objects(None, DCAT.downloadURL))
    assert faults(graph) == ""


def test_an_unknown_licence_is_said_in_the_words_of_the_source(
    app: Any, org: dict[str, Any]
) -> None:
    label = "Conditions de la base de 1998"
    dataset = act(
        "package_create",
        name="vieux",
        title="Vieux",
        owner_org=org["id"],
        license_id="notspecified",
        licence_label=label,
        resources=[{"url": "https://a.fr/a.csv"}],
    )
    graph = read(app, f"/dataset/{dataset['id']}.ttl")
    licences = list(graph.subjects(RDF.type, DCTERMS.LicenseDocument))
    assert [str(graph.value(licence, DCTERMS.title)) for licence in licences] == [label]
    assert faults(graph) == ""


def test_private_draft_and_deleted_datasets_are_nowhere(app: Any, org: dict[str, Any]) -> None:
    act("package_create", name="public", title="Public", owner_org=org["id"])
    common = {"owner_org": org["id"], "notes": CANARY, "tag_string": CANARY}
    hidden = [
        act("package_create", name="prive", title=CANARY, private=True, **common),
        act("package_create", name="brouillon", title=CANARY, state="draft", **common),
        act("package_create", name="efface", title=CANARY, **common),
    ]
    act("package_delete", id="efface")
    for query in (
        "",
        "?page=2",
        "?q=*:*",
        "?fq=state:draft",
        "?fq=%2Bstate:*%20%2Bcapacity:private",
    ):
        for ending in FORMATS:
            assert CANARY not in app.get(f"/catalog.{ending}{query}").get_data(as_text=True)
    for dataset in hidden:
        for name in (dataset["id"], dataset["name"]):
            answer = app.get(f"/dataset/{name}.ttl", status=None)
            assert answer.status_code in {401, 403, 404}
            assert CANARY not in answer.get_data(as_text=True)


def test_following_the_pages_meets_every_dataset_once(
    app: Any, org: dict[str, Any], ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "ckanext.dcat.datasets_per_page", "2")
    made = {
        act("package_create", name=f"jeu-{i}", title=f"Jeu {i}", owner_org=org["id"])["id"]
        for i in range(5)
    }
    met = [identifier for graph in _pages(app) for identifier in _identifiers(graph)]
    assert sorted(met) == sorted(made)


def _pages(app: Any) -> Iterator[Graph]:
    address: str | None = "/catalog.ttl"
    while address:
        graph = read(app, address)
        assert faults(graph) == ""
        yield graph
        following = next(graph.objects(None, HYDRA.next), None)
        address = None if following is None else "/" + str(following).split("/", 3)[3]


def _identifiers(graph: Graph) -> list[str]:
    return [str(graph.value(s, DCTERMS.identifier)) for s in graph.subjects(RDF.type, DCAT.Dataset)]


def test_ten_datasets_more_cost_no_sql_more(app: Any, org: dict[str, Any]) -> None:
    def publish(first: int, last: int) -> None:
        for i in range(first, last):
            act(
                "package_create",
                name=f"jeu-{i}",
                title=f"Jeu {i}",
                owner_org=org["id"],
                communes=["35001"],
                theme=["eau"],
                resources=[{"url": f"https://a.fr/{i}.csv"}],
            )

    publish(0, 2)
    read(app, "/catalog.ttl")  # what is kept a minute is read now
    few = _count_sql(lambda: read(app, "/catalog.ttl"))
    publish(2, 12)
    many = _count_sql(lambda: read(app, "/catalog.ttl"))
    assert many == few


def _count_sql(work: Any) -> int:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    return len(statements)


def _ref(graph: Graph) -> URIRef:
    """The one dataset of a graph."""
    (found,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert isinstance(found, URIRef)
    return found
