"""Look into the tree of a dataset: the French text of a term, its addresses, its nodes.

A tree may hold anything: what has not the expected shape says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Tree = Mapping[str, Any]
LABELS = ("rdfs:label", "skos:prefLabel", "dct:title", "foaf:name", "vcard:fn", "schema:name")


def values(tree: Tree, name: str) -> list[Any]:
    """Every value of a term, in the order of the text."""
    found = tree.get(name)
    return found if isinstance(found, list) else []


def nodes(tree: Tree, name: str) -> list[dict[str, Any]]:
    """The values of a term that are nodes, described or not."""
    return [v for v in values(tree, name) if isinstance(v, dict) and "@value" not in v]


def text_of(value: object) -> str:
    """The text of a literal, `""` of anything else."""
    if isinstance(value, dict):
        value = value.get("@value")
    return value if isinstance(value, str) else ""


def language_of(value: object) -> str:
    """The language of a literal, lower case, `""` when it says none."""
    told = value.get("@language") if isinstance(value, dict) else ""
    return told.lower() if isinstance(told, str) else ""


def is_french(value: object) -> bool:
    """Say whether a literal is French: `fr`, `fr-FR`, `fre`, `fra`."""
    return language_of(value).split("-")[0] in ("fr", "fre", "fra")


def address_of(value: object) -> str:
    """The address of a node, `""` of a blank one and of a literal."""
    found = value.get("@id") if isinstance(value, dict) else ""
    return found if isinstance(found, str) else ""


def french(tree: Tree, name: str) -> str:
    """The French text of a term, else its first text, else the label of its first node.

    >>> french({"dct:title": [{"@value": "Trees", "@language": "en"},
    ...                       {"@value": "Arbres", "@language": "fr"}]}, "dct:title")
    'Arbres'
    """
    found = values(tree, name)
    told = next((text for v in found if is_french(v) and (text := text_of(v))), "")
    told = told or next((text for v in found if (text := text_of(v))), "")
    return told or next((said for node in nodes(tree, name) if (said := label_of(node))), "")


def label_of(node: Tree) -> str:
    """The name of a node, else its address."""
    return next((text for name in LABELS if (text := _own(node, name))), "") or address_of(node)


def _own(node: Tree, name: str) -> str:
    """The text of a term of a node, French first, without looking further down."""
    found = [v for v in values(node, name) if text_of(v)]
    return text_of(next((v for v in found if is_french(v)), found[0])) if found else ""


def told(tree: Tree, name: str) -> Iterator[str]:
    """Everything a term says: texts, labels of nodes and their addresses."""
    for value in values(tree, name):
        text = text_of(value)
        if text:
            yield text
        elif isinstance(value, dict):
            label, address = label_of(value), address_of(value)
            if label:
                yield label
            if address and address != label:
                yield address
