"""From a graph to one tree a dataset, in the shape of JSON-LD: what travels in a `Record`.

`{"@id": …, "dct:title": ["…", {"@value": "…", "@language": "fr"}], "dcat:distribution": [{…}]}`:
texts are plain, those with a language or a datatype are objects, so are nodes. Labels of blank
nodes are left out: they change at each reading.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from harvesters.rdf.graph import Graph, Ref, Value, values_of
from harvesters.rdf.names import NESTED

MAX_FILES = 10_000  # of one dataset
MAX_VALUES = 300  # of one term, deeper down
DEPTH = 4
MAX_KEPT = 200  # nodes that the next trees may share
ADDRESSES = frozenset("dcat:accessURL dcat:downloadURL dcat:endpointURL dcat:landingPage".split())
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|www\.|_:")

Tree = dict[str, Any]


class Trees:
    """The trees of one graph; a node that several share is made once at each depth.

    Addresses of files that are relative are completed by that of their page.
    """

    def __init__(self, graph: Graph, page: str) -> None:
        self._nodes = graph.nodes
        self._page = page
        self._made: dict[tuple[str, int], Tree] = {}

    def of(self, subject: str, depth: int = DEPTH) -> Tree:
        """Make the tree of a subject."""
        if depth == DEPTH and len(self._made) > MAX_KEPT:
            self._made.clear()
        made = self._made.get((subject, depth))
        if made is not None:
            return made
        tree: Tree = {} if subject.startswith("_:") else {"@id": subject}
        limit = MAX_FILES if depth == DEPTH else MAX_VALUES
        node = self._nodes.get(subject, {})
        for name in node:
            kept = values_of(node, name)[:limit]
            if name in ADDRESSES:
                kept = [self._complete(value) for value in kept]
            is_nested = depth > 0 and name in NESTED
            tree[name] = [self._value(value, depth, is_nested) for value in kept]
        if depth < DEPTH:
            self._made[subject, depth] = tree
        return tree

    def _complete(self, value: Value) -> Value:
        is_relative = isinstance(value, Ref) and value and not SCHEME.match(value)
        try:
            return Ref(urljoin(self._page, str(value))) if is_relative else value
        except ValueError:  # brackets that are no address
            return value

    def _value(self, value: Value, depth: int, is_nested: bool) -> Any:
        if isinstance(value, Ref):
            if is_nested and value in self._nodes:
                return self.of(value, depth - 1)
            return {} if value.startswith("_:") else {"@id": str(value)}
        if isinstance(value, str):
            return value
        text, language, datatype = value
        if language:
            return {"@value": text, "@language": language}
        return {"@value": text, "@type": datatype}
