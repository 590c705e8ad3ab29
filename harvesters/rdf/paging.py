"""The pages of a catalogue in RDF: Hydra, in its present words and its former ones, and CSW.

A geographic catalogue gives DCAT in the answer of CSW 2.0.2: `<csw:SearchResults nextRecord="3">`
around the RDF. The next page begins at that record; 0 says that there is none.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.map.answer import next_page
from harvesters.model import Issue, Request, Response
from harvesters.rdf.graph import Graph, Value

HEAD = 5_000
FIRST = "startPosition"
SEARCH_RESULTS = re.compile(rb"<(?:\w+:)?SearchResults\b([^>]*)>")
NEXT_RECORD = re.compile(rb"\bnextRecord\s*=\s*[\"'](\d{1,9})[\"']")


def following(graph: Graph, response: Response) -> Request | Issue | None:
    """The request of the next page, on the same site; the page itself is no next page."""
    for name in ("hydra:next", "hydra:nextPage"):
        links = dict.fromkeys(text for value in graph.values(name) if (text := _text(value)))
        if links:
            return next_page(response, next(iter(links)))
    return _next_of_csw(response)


def _next_of_csw(response: Response) -> Request | Issue | None:
    """The page that begins at the next record of an answer of CSW, when it goes forward."""
    told = SEARCH_RESULTS.search(response.body[:HEAD])
    found = NEXT_RECORD.search(told[1]) if told else None
    parts = urlsplit(response.request.url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    here = next((value for name, value in query if name.lower() == FIRST.lower()), "1")
    if not found or not here.isdecimal() or int(found[1]) <= int(here):
        return None
    kept = [(name, value) for name, value in query if name.lower() != FIRST.lower()]
    asked = urlencode([*kept, (FIRST, found[1].decode())])
    return next_page(response, urlunsplit((*parts[:3], asked, "")))


def total_of(graph: Graph) -> int | None:
    """How many datasets the whole catalogue declares."""
    totals = {_text(value) for value in graph.values("hydra:totalItems")}
    return max((int(text) for text in totals if text.isdecimal() and len(text) < 10), default=None)


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else value[0]
