"""A catalogue in RDF: DCAT, DCAT-AP 2 and 3, GeoDCAT-AP; DCAT-US where its JSON has no context.

RDF/XML, Turtle, TriG, N-Triples, N-Quads or JSON-LD, in one file or by Hydra pages
(`hydra:next`, formerly `hydra:nextPage`, and `hydra:totalItems`). Each subject that is a
`dcat:Dataset` is a record; what it is called stays the same when the page moves.
Source: https://www.w3.org/TR/vocab-dcat-3/, https://semiceu.github.io/DCAT-AP/.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload
from urllib.parse import urlsplit

import orjson

from harvesters.map import dcat, dcat_us
from harvesters.map.answer import an_object, named, objects, unread_fields
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Response,
    Setting,
    Source,
)
from harvesters.rdf.graph import Graph, read_graph
from harvesters.rdf.names import short
from harvesters.rdf.paging import following, total_of
from harvesters.rdf.tree import Trees

ACCEPT = (
    "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.9, "
    "application/n-triples;q=0.8, application/trig;q=0.8, */*;q=0.1"
)
NAMED = (
    ("rdf", "RDF/XML"),
    ("ttl", "Turtle"),
    ("jsonld", "JSON-LD"),
    ("nt", "N-Triples"),
    ("nq", "N-Quads"),
)


def start(config: Config) -> Request:
    return _request(config.url.strip())


def _request(url: str) -> Request:
    """Ask for RDF; the home page of a site is no catalogue in another form."""
    is_home = not urlsplit(url).path.strip("/")
    return Request(url, headers=() if is_home else (("Accept", ACCEPT),))


def read(response: Response, config: Config) -> Page:
    entries = _dcat_us(response)
    if entries is not None:
        return read_dcat_us(entries)
    found = read_graph(response, config.get("format"))
    if isinstance(found, Issue):
        return Page(issues=(found,))
    link = following(found, response)
    fault = _not_a_catalogue(found, response) if link is None else None
    if fault:
        return Page(issues=(fault,))
    records = TreeRecords(found, response.url)
    told = records.issues(found)
    heard = unread_fields(frozenset(), (short(address) for address in found.unread))
    return Page(
        records,
        (_request(link.url),) if isinstance(link, Request) else (),
        total_of(found),
        (*told, *((link,) if isinstance(link, Issue) else ()), *heard),
    )


def _not_a_catalogue(graph: Graph, response: Response) -> Issue | None:
    """An RDF without catalogue, or a catalogue that only lists datasets described elsewhere."""
    if graph.typed:
        return None
    if not graph.catalogues:
        found = "un RDF qui ne contient ni catalogue ni jeu de données DCAT"
        return Issue("TER-VAL-054", response.url, found)
    listed = sum(1 for _ in graph.values("dcat:dataset"))
    found = f"{listed} jeux de données nommés, et aucun décrit"
    return Issue("TER-VAL-054", response.url, found) if listed else None


class TreeRecords(Sequence[Record]):
    """The records of a graph, one a dataset. Each is made as it is asked for, from its tree: in a
    whole catalogue of one page only the graph is in memory, not every tree beside it."""

    def __init__(self, graph: Graph, page: str) -> None:
        self._subjects = tuple(graph.typed)
        self._trees = Trees(graph, page)

    def __len__(self) -> int:
        return len(self._subjects)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | Sequence[Record]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        number = range(len(self))[place]
        tree = self._trees.of(self._subjects[number])
        remote_id = dcat.identity_of(tree)[0]
        return Record(remote_id, tree, f"fiche {number + 1} ({remote_id})"[:200])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # as a list

    def issues(self, graph: Graph) -> Iterator[Issue]:
        """Say the datasets described twice, and those without a name."""
        for number, (subject, times) in enumerate(graph.typed.items(), start=1):
            where = f"fiche {number}"
            if times == 1 and subject and not subject.startswith("_:"):
                continue
            tree = self._trees.of(subject)
            remote_id, is_given = dcat.identity_of(tree)
            if times > 1:
                yield Issue("TER-VAL-055", where, remote_id, str(times))
            if not is_given:
                yield Issue("TER-VAL-056", where, dcat.title_of(tree))


def _dcat_us(response: Response) -> list[dict[str, Any]] | None:
    """The datasets of a DCAT-US feed, which is JSON that no context of its own makes RDF."""
    start_of_body = response.body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start_of_body.startswith(b"{"):
        return None
    try:
        body = an_object(orjson.loads(response.body.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError:
        return None
    context = body.get("@context")
    is_feed = "project-open-data" in str(body.get("conformsTo"))
    has_own_words = isinstance(context, dict | list)
    if not isinstance(body.get("dataset"), list) or has_own_words or not is_feed:
        return None
    return objects(body["dataset"])


def read_dcat_us(entries: list[dict[str, Any]]) -> Page:
    """The records of a DCAT-US feed, which has no pages."""
    records, nameless = named(
        Record(dcat_us.identity_of(entry), entry, f"fiche {number}")
        for number, entry in enumerate(entries, start=1)
    )
    heard = unread_fields(dcat_us.READ, (key for entry in entries for key in entry))
    return Page(records, issues=nameless + heard)


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    if "title" in record.payload or "distribution" in record.payload:
        return dcat_us.to_dataset(record)
    return dcat.to_dataset(record)


def looks_like(response: Response) -> bool:
    if response.media_type == "text/html" or _dcat_us(response) is not None:
        return False
    found = read_graph(response)
    return isinstance(found, Graph) and bool(found.typed or found.catalogues)


SOURCE = Source(
    kind="dcat_catalog",
    label_fr="Catalogue DCAT (RDF)",
    description_fr="Un catalogue au format européen DCAT-AP : RDF/XML, Turtle ou JSON-LD.",
    example_url="https://data.exemple.fr/catalog.ttl",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting(
            "format",
            "Format du fichier",
            "À dire si le serveur l’annonce mal.",
            choices=NAMED,
        ),
    ),
    usual_paths=("catalog.ttl", "catalog.rdf", "catalog.jsonld", "catalog.xml"),
)
