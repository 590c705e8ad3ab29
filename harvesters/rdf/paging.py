"""The pages of a catalogue in RDF: Hydra, in its present words and its former ones."""

from __future__ import annotations

from harvesters.map.answer import next_page
from harvesters.model import Issue, Request, Response
from harvesters.rdf.graph import Graph, Value


def following(graph: Graph, response: Response) -> Request | Issue | None:
    """The request of the next page, on the same site; the page itself is no next page."""
    for name in ("hydra:next", "hydra:nextPage"):
        links = dict.fromkeys(text for value in graph.values(name) if (text := _text(value)))
        if links:
            return next_page(response, next(iter(links)))
    return None


def total_of(graph: Graph) -> int | None:
    """How many datasets the whole catalogue declares."""
    totals = {_text(value) for value in graph.values("hydra:totalItems")}
    return max((int(text) for text in totals if text.isdecimal() and len(text) < 10), default=None)


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else value[0]
