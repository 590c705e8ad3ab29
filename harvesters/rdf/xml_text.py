"""Look at an RDF/XML text before it is parsed: is it safe, is it whole, where do its graphs stand.

One pass of expat: a document type is refused (entities that grow or that read files need one), so
is a nesting that no catalogue has and on which a parser would spend hours; what is broken is told
with its line. A CSW answer carries its graphs inside an envelope: each is given alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from harvesters.model import Issue

MAX_DEPTH = 100
ROOT = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"
DECLARED = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*?\?>")
BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
UNSAFE, DEEP = "une déclaration de type de document (DTD)", "plus de {} niveaux imbriqués"


class _Refused(Exception):
    """Something that is not read further."""


@dataclass(slots=True)
class _Look:
    """What the pass has seen: how deep it is, and where `rdf:RDF` begins and ends."""

    parser: expat.XMLParserType
    depth: int = 0
    inside: int = 0
    graphs: list[tuple[int, int]] = field(default_factory=list)
    refused: str = ""

    def refuse(self, what: str) -> None:
        self.refused = what
        raise _Refused

    def start(self, name: str, _: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(DEEP.format(MAX_DEPTH))
        if name == ROOT and not self.inside:
            self.inside = self.depth
            self.graphs.append((self.parser.CurrentByteIndex, -1))

    def end(self, _: str) -> None:
        if self.depth == self.inside:
            begin = self.graphs.pop()[0]
            self.graphs.append((begin, self.parser.CurrentByteIndex))
            self.inside = 0
        self.depth -= 1


def to_utf8(body: bytes) -> bytes | Issue:
    """Write a text in UTF-8 whose declaration, or first bytes, name another encoding."""
    name = next((name for bom, name in BOMS if body.startswith(bom)), "")
    declared = DECLARED.match(body[:300])
    name = name or (declared[1].decode("ascii") if declared else "")
    if not name or name.lower() in ("utf-8", "utf8", "us-ascii"):
        return body
    try:
        text = body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return Issue("TER-VAL-057", found=name)
    return re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.removeprefix("\ufeff")).encode()


def look_at(body: bytes) -> list[tuple[int, int]] | Issue:
    """Answer where each `rdf:RDF` begins and where its end tag begins, or what is wrong.

    >>> look_at(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>').code
    'TER-VAL-060'
    >>> look_at(b"<a><b></a>").found
    'ligne 1'
    """
    parser = expat.ParserCreate("utf-8", " ")
    look = _Look(parser)
    parser.StartDoctypeDeclHandler = lambda *_: look.refuse(UNSAFE)
    parser.StartElementHandler = look.start
    parser.EndElementHandler = look.end
    try:
        parser.Parse(body, True)
    except _Refused:
        return Issue("TER-VAL-060", found=look.refused)
    except expat.ExpatError as fault:
        return Issue("TER-VAL-051", "RDF/XML", f"ligne {fault.lineno}", _why(fault))
    return look.graphs


def _why(fault: expat.ExpatError) -> str:
    reasons = {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "le texte s’arrête avant la fin",
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "le texte s’arrête avant la fin",
        expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]: "une balise n’est pas fermée",
    }
    return reasons.get(fault.code, f"XML mal formé ({expat.ErrorString(fault.code)})")
