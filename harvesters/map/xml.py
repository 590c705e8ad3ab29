"""Read an XML answer without danger: no document type, no entity, no network, bounded depth.

A document type is refused before a single element is read: entities that grow without end
(billion laughs), entities that read a file or a site, and external DTDs all need one, and no
catalogue of data does. What is read comes out with local names only, because the versions of a
norm (GML 2005 and 2007, ISO 19139 and 19115-3) differ in their namespaces more than in their words.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from lxml import etree

from harvesters.map.answer import is_web_page
from harvesters.model import Issue, Response

Element = Any  # lxml has no types of its own
HREF = "{http://www.w3.org/1999/xlink}href"
EMPTY, UNSAFE = "une réponse vide", "une déclaration de type de document (DTD)"


class _RootReached(Exception):
    """The prolog is over and held no document type."""


class _DocumentType(Exception):
    """The prolog holds a document type."""


def read_xml(response: Response) -> Element | Issue:
    """Read the root of an XML answer; a web page, a broken or unsafe text answers its issue."""
    if not response.body.strip(b"\0 \t\r\n"):
        return Issue("TER-VAL-001", response.url, EMPTY)
    is_page = is_web_page(response)
    found = Issue("TER-VAL-002", response.url) if is_page else parse_xml(response.body)
    if not isinstance(found, Issue):
        return found
    return found if is_page else Issue(found.code, response.url, found.found)


def parse_xml(body: bytes) -> Element | Issue:
    """Parse a text into its root element, comments and instructions left out.

    >>> parse_xml(b"<a><b>1</b></a>").tag
    'a'
    >>> parse_xml(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>').code
    'TER-VAL-060'
    """
    try:
        if _has_document_type(body):
            return Issue("TER-VAL-060", found=UNSAFE)
        root = etree.fromstring(body, _parser())
    except (expat.ExpatError, etree.XMLSyntaxError, ValueError, LookupError) as fault:
        return Issue("TER-VAL-001", found=f"un XML illisible ({str(fault)[:80]})")
    # the second judge, should the first have read another encoding than lxml
    if root.getroottree().docinfo.doctype:
        return Issue("TER-VAL-060", found=UNSAFE)
    return root


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _has_document_type(body: bytes) -> bool:
    """Read the prolog only: expat says a document type before it looks into it."""

    def say(*_: object) -> None:
        raise _DocumentType

    def stop(*_: object) -> None:
        raise _RootReached

    reader = expat.ParserCreate()
    reader.StartDoctypeDeclHandler = say
    reader.StartElementHandler = stop
    try:
        reader.Parse(body, True)
    except _DocumentType:
        return True
    except _RootReached:
        return False
    return False


def name_of(element: Element) -> str:
    """Answer the local name of an element."""
    return str(etree.QName(element).localname)


def without_namespaces(root: Element) -> Element:
    """Rename every element below (and the root) to its local name; attributes stay."""
    for element in root.iter(etree.Element):
        element.tag = name_of(element)
    return root


def to_text(element: Element) -> str:
    """Write an element and its content as one text, as it stands in its document."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def child(element: Element, name: str) -> Element | None:
    """Find the first child of that local name."""
    return next((each for each in element if name_of(each) == name), None)
