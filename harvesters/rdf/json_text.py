"""Look at a JSON-LD text before it is parsed: its depth, and contexts that stand elsewhere.

A remote `@context` is never fetched. Those of DCAT are answered by our own list of the same words;
any other is told, for without it the words of the text have no meaning.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from harvesters.model import Issue
from harvesters.rdf.names import PREFIXES

MAX_DEPTH = 100
REMOTE = re.compile(rb'"@context"\s*:\s*(?:\[\s*)?"')
# the portals of udata, SEMIC, W3C, Hydra: the words of DCAT under their usual names
DCAT_CONTEXT = re.compile(
    r"/context\.jsonld$|semiceu\.github\.io|data\.europa\.eu|w3\.org/ns/(?:dcat|hydra)"
    r"|dcat[\w.-]*\.jsonld|purl\.org/(?:dcat|hydra)|w3id\.org/hydra|project-open-data",
    re.IGNORECASE,
)
DCT_WORDS = (
    "abstract accessRights accrualPeriodicity conformsTo created creator description format "
    "identifier issued language license modified publisher rights spatial temporal title type"
)
DCAT_WORDS = (
    "accessService accessURL bbox byteSize centroid contactPoint dataset distribution downloadURL "
    "endDate endpointURL keyword landingPage mediaType startDate theme Catalog Dataset "
    "Distribution DataService"
)
HYDRA_WORDS = "first last member next nextPage totalItems view Collection PartialCollectionView"


def _words() -> dict[str, Any]:
    found: dict[str, Any] = {prefix: bases[0] for prefix, bases in PREFIXES.items()}
    found |= {"dcterms": found["dct"], "xsd": "http://www.w3.org/2001/XMLSchema#"}
    for prefix, words in (("dct", DCT_WORDS), ("dcat", DCAT_WORDS), ("hydra", HYDRA_WORDS)):
        found |= {word: f"{prefix}:{word}" for word in words.split()}
    found |= {"name": "foaf:name", "mbox": "foaf:mbox", "homepage": "foaf:homepage"}
    found |= {"fn": "vcard:fn", "hasEmail": "vcard:hasEmail", "prefLabel": "skos:prefLabel"}
    return found


OURS = _words()


def look_at(body: bytes) -> bytes | Issue:
    """Answer the text with its remote contexts replaced, or what is wrong.

    >>> look_at(b'{"@context": "https://a.fr/mots.json", "nom": "x"}').code
    'TER-VAL-052'
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        if "recursion" in str(fault).lower():
            return Issue("TER-VAL-053", "JSON-LD", expected=str(MAX_DEPTH))
        return Issue("TER-VAL-051", "JSON-LD", f"ligne {fault.lineno}", "JSON mal formé")
    if _is_deep(found, MAX_DEPTH):
        return Issue("TER-VAL-053", "JSON-LD", expected=str(MAX_DEPTH))
    if not REMOTE.search(body):
        return body
    unknown: list[str] = []
    local = _with_local(found, unknown)
    if unknown:
        return Issue("TER-VAL-052", found=unknown[0][:200])
    return orjson.dumps(local)


def _is_deep(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        return left == 0 or any(_is_deep(each, left - 1) for each in value.values())
    if isinstance(value, list):
        return left == 0 or any(_is_deep(each, left - 1) for each in value)
    return False


def _with_local(value: Any, unknown: list[str]) -> Any:
    if isinstance(value, list):
        return [_with_local(each, unknown) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _context(each, unknown) if key == "@context" else _with_local(each, unknown)
        for key, each in value.items()
    }


def _context(value: Any, unknown: list[str]) -> Any:
    """A context whose addresses became our words."""
    if isinstance(value, list):
        return [_context(each, unknown) for each in value]
    if not isinstance(value, str):
        return value
    if not DCAT_CONTEXT.search(value):
        unknown.append(value)
    return OURS
