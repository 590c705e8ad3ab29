"""Read an RDF text into plain dicts, indexed by subject, once.

Only the terms of `harvesters.rdf.names` are kept; of the others, those that a dataset or a
distribution carries are named, so that a change upstream is heard. A value is a `str` (a plain
literal), `(text, language, datatype)`, or a `Ref`. Relative addresses stay as written: a dataset
keeps its identity when its page moves. RDF/XML, Turtle, TriG, N-Triples, N-Quads and JSON-LD.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox

from harvesters.map.answer import BOM, is_web_page
from harvesters.model import Issue, Response
from harvesters.rdf import json_text, xml_text
from harvesters.rdf.names import CATALOG, DATASET, DISTRIBUTION, GEOMETRIES, KNOWN, READ, TYPE

XML_START = re.compile(rb"\s*<(?:\?|!|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?[\s/>])")
JSON_START = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\]\"\d]|null|true|false))")
OUTSIDE = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
POSITION = re.compile(r"line (\d+)")
# GeoNetwork writes a property with both an address and a text, which RDF/XML forbids
TWICE_TOLD = re.compile(rb"(<[\w:.-]+(?=\s[^<>]*\brdf:resource=)[^<>]*[^<>/])>[^<>]+</[\w:.-]+>")
FORMATS = {"rdf": "xml", "xml": "xml", "jsonld": "json", "ttl": "text", "nt": "text", "nq": "quads"}


class Ref(str):
    """The address of a node; `_:…` for a blank one, whose label means nothing elsewhere."""

    __slots__ = ()


Value = str | tuple[str, str, str]
Node = dict[str, Value | list[Value]]  # a list where there are several: most terms have one value


def values_of(node: Node, name: str) -> Sequence[Value]:
    """Every value of a term of a node."""
    found = node.get(name)
    if found is None:
        return ()
    return found if isinstance(found, list) else (found,)


@dataclass(slots=True)
class Graph:
    """Nodes by subject; `typed` counts how often a node is said to be a dataset, in order."""

    nodes: dict[str, Node] = field(default_factory=dict)
    typed: Counter[str] = field(default_factory=Counter)
    catalogues: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    def values(self, name: str) -> Iterator[Value]:
        """Every value of a term, whoever carries it."""
        for node in self.nodes.values():
            yield from values_of(node, name)


def read_graph(response: Response, told: str = "") -> Graph | Issue:
    """Read the graph of an answer; `told` is its format when the source had to say it."""
    body = response.body.removeprefix(BOM)
    if not body.strip(b"\0 \t\r\n"):
        return Issue("TER-VAL-001", response.url, "une réponse vide")
    if is_web_page(response) and b"RDF" not in body[:4000]:
        return Issue("TER-VAL-002", response.url)
    found = _read(body, told or _kind_of(body, response))
    if isinstance(found, Issue):
        where = response.url if found.where == "" else f"{response.url} ({found.where})"
        return Issue(found.code, where, found.found, found.expected)
    return found


def _kind_of(body: bytes, response: Response) -> str:
    """What the first bytes look like, else what is declared, else Turtle."""
    if XML_START.match(body) or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "rdf"
    if JSON_START.match(body):
        return "jsonld"
    return "nq" if response.media_type == "application/n-quads" else "ttl"


def _read(body: bytes, kind: str) -> Graph | Issue:
    syntax = FORMATS.get(kind, "text")
    if syntax == "xml":
        return _read_xml(body)
    fault = _encoding_fault(body)
    if fault:
        return fault
    if syntax == "json":
        local = json_text.look_at(body)
        if isinstance(local, Issue):
            return local
        return _collect([local], ox.RdfFormat.JSON_LD, "JSON-LD")
    form = ox.RdfFormat.N_QUADS if syntax == "quads" else ox.RdfFormat.TRIG
    return _collect([body], form, "Turtle")


def _read_xml(body: bytes) -> Graph | Issue:
    text = xml_text.to_utf8(body)
    if isinstance(text, Issue):
        return text
    fault = _encoding_fault(text)
    places = fault or xml_text.look_at(text)
    if isinstance(places, Issue):
        return places
    if not places:
        return Issue("TER-VAL-054", "RDF/XML", "un XML sans graphe RDF")
    before = OUTSIDE.sub(b"", text[: places[0][0]]).strip()
    is_bare = len(places) == 1 and not before
    pieces = [text] if is_bare else [text[b : text.index(b">", e) + 1] for b, e in places]
    found = _collect(pieces, ox.RdfFormat.RDF_XML, "RDF/XML")
    if isinstance(found, Issue):
        mended = [TWICE_TOLD.sub(rb"\1/>", piece) for piece in pieces]
        return found if mended == pieces else _collect(mended, ox.RdfFormat.RDF_XML, "RDF/XML")
    return found


def _encoding_fault(body: bytes) -> Issue | None:
    try:
        body.decode()
    except UnicodeDecodeError as fault:
        line = body.count(b"\n", 0, fault.start) + 1
        return Issue("TER-VAL-057", found=f"UTF-8, ligne {line}")
    return None


def _collect(pieces: Iterable[bytes], form: ox.RdfFormat, name: str) -> Graph | Issue:
    """Index the quads of texts; labels of blank nodes are those of one text only."""
    graph = Graph()
    carried: dict[str, set[str]] = {}
    files: set[str] = set()
    pieces = list(pieces)
    for piece in pieces:
        try:
            quads = ox.parse(piece, format=form, lenient=True, rename_blank_nodes=len(pieces) > 1)
            _index(quads, graph, carried, files)
        except SyntaxError as fault:
            line = POSITION.search(str(fault))
            where = f"ligne {line[1]}" if line else "position inconnue"
            return Issue("TER-VAL-051", name, where, str(fault).split(": ", 1)[-1][:120])
        except ValueError as fault:
            return Issue("TER-VAL-051", name, "position inconnue", str(fault)[:120])
    for address, subjects in carried.items():
        if address not in KNOWN and any(s in graph.typed or s in files for s in subjects):
            graph.unread.add(address)
    return graph


def _index(
    quads: Iterable[Any], graph: Graph, carried: dict[str, set[str]], files: set[str]
) -> None:
    nodes, literal, blank = graph.nodes, ox.Literal, ox.BlankNode
    for quad in quads:
        address = quad.predicate.value
        name = READ.get(address)
        subject = quad.subject
        key = f"_:{subject.value}" if type(subject) is blank else subject.value
        if name is None:
            if address == TYPE:
                _take_type(key, quad.object, graph, files)
            elif address not in KNOWN:
                carried.setdefault(address, set()).add(key)
            continue
        found = quad.object
        value: Value
        if type(found) is literal:
            value, language = found.value, found.language
            if language:
                value = (value, language, "")
            elif name in GEOMETRIES:
                value = (value, "", found.datatype.value)
        else:
            value = Ref(f"_:{found.value}" if type(found) is blank else found.value)
        node = nodes.get(key)
        if node is None:
            nodes[key] = {name: value}
            continue
        before = node.get(name)
        if before is None:
            node[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            node[name] = [before, value]


def _take_type(key: str, kind: Any, graph: Graph, files: set[str]) -> None:
    if kind.value == DATASET:
        graph.typed[key] += 1
    elif kind.value == CATALOG:
        graph.catalogues.add(key)
    elif kind.value == DISTRIBUTION:
        files.add(key)
