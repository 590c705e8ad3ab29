"""From the distributions of a DCAT dataset to resources.

The file (`downloadURL`) comes before the page (`accessURL`) and the service (`accessService`).
Formats are texts, media types, or addresses of the European and IANA tables.
"""

from __future__ import annotations

import re

from harvesters.map.online import Online, format_of_online
from harvesters.map.table_schema import table_schema_of
from harvesters.map.text import clean_date, clean_text, one_line
from harvesters.map.words import format_of
from harvesters.model import Issue, Resource
from harvesters.rdf.values import Tree, address_of, french, label_of, nodes, text_of, told, values
from schemas.values import to_web_address
from schemas.vocabulary import load_vocabulary

IANA = re.compile(r"iana\.org/assignments/media-types/(.+)$")
MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+")
ADDRESSES = ("dcat:downloadURL", "dcat:accessURL")
PAGE = "Page web"


def resources_of(tree: Tree, title: str) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    """Make the resources of a dataset in the order of its text; say those without an address."""
    found: list[Resource] = []
    issues: list[Issue] = []
    for node in nodes(tree, "dcat:distribution"):
        written = [text for text in _addresses(node) if text]
        url = next((good for text in written if (good := to_web_address(text))), "")
        if url:
            found.append(_resource(node, url, title))
        elif len(node) > ("@id" in node):  # a distribution that its page describes
            issues.append(Issue("TER-MAP-002", title, (written or [label_of(node)])[0][:200]))
    if not found and not issues:
        issues.append(Issue("TER-MAP-004", title))
    return tuple(found), tuple(issues)


def _addresses(node: Tree) -> list[str]:
    own = [address_of(v) or text_of(v) for name in ADDRESSES for v in values(node, name)]
    services = nodes(node, "dcat:accessService")
    ends = [address_of(v) or text_of(v) for s in services for v in values(s, "dcat:endpointURL")]
    return [*own, *ends]


def _resource(node: Tree, url: str, title: str) -> Resource:
    media_type = _media_type(node)
    return Resource(
        url=url,
        title=one_line(french(node, "dct:title")),
        description=clean_text(french(node, "dct:description"), title)[0],
        format=_format(node, url, media_type),
        media_type=media_type,
        size_bytes=_size(node),
        modified=clean_date(french(node, "dct:modified"), title)[0],
        table_schema=_table_schema(node),
    )


def _media_type(node: Tree) -> str:
    """A media type out of `dcat:mediaType`, else out of `dct:format`.

    >>> _media_type({"dcat:mediaType": [
    ...     {"@id": "https://www.iana.org/assignments/media-types/text/csv"}]})
    'text/csv'
    """
    for name in ("dcat:mediaType", "dct:format"):
        inside = [text_of(v) for each in nodes(node, name) for v in values(each, "rdf:value")]
        for text in [*told(node, name), *inside]:
            iana = IANA.search(text)
            word = (iana[1] if iana else text).split(";")[0].strip().lower()
            if MEDIA.fullmatch(word):
                return word
    return ""


def _format(node: Tree, url: str, media_type: str) -> str:
    """The declared format, else the service, the media type, the end of the address."""
    words = [_last(text) for text in told(node, "dct:format")]
    services = [
        text for s in nodes(node, "dcat:accessService") for text in told(s, "dct:conformsTo")
    ]
    protocol = " ".join([*words, *services, *told(node, "dct:conformsTo")])
    known = _known(words)
    if known and known != PAGE:
        return known
    told_word = next((f for word in words if "/" not in word and (f := format_of(word, ""))), "")
    return (
        (told_word if not known else "")
        or format_of_online(Online(url, protocol, one_line(french(node, "dct:title"))))
        or known
        or _known([media_type])
        or format_of("", url)
    )


def _last(text: str) -> str:
    """The end of an address of a table of formats; a media type stays whole."""
    iana = IANA.search(text)
    return iana[1] if iana else text.rsplit("/", 1)[-1] if "://" in text else text


def _known(words: list[str]) -> str:
    vocabulary = load_vocabulary("formats")
    for word in words:
        term = vocabulary.get(vocabulary.match(word) or "")
        if term:
            return term.label
    return ""


def _size(node: Tree) -> int | None:
    """Bytes, written `12323`, `43008.0` or `4.3E4`."""
    try:
        size = int(float(french(node, "dcat:byteSize")))
    except (ValueError, OverflowError):
        return None
    return size if 0 <= size < 2**53 else None


def _table_schema(node: Tree) -> str:
    """The table schema that the file says to follow, when it is one of ours."""
    named = (address_of(v) or text_of(v) for v in values(node, "dct:conformsTo"))
    return next((found for text in named if (found := table_schema_of("", "", text))), "")
