"""French typography of the templates, when they are read: no line begins with its sign.

Authors type plain spaces. What people read gets its no-break spaces as `typography.spaced` puts
them: the text between tags, and the sentences that expressions write there. Attributes and what
stands in `code`, `pre`, `script`, `style` and `textarea` stay as they are typed. Templates are read
once: no page costs more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from ckanext.territoire.portal.typography import NARROW, NBSP, spaced

OURS = str(Path(__file__).resolve().parents[1] / "templates")
KEPT = ("code", "pre", "script", "style", "textarea")
PIECE = re.compile(r"<!--.*?-->|</?[a-zA-Z!][\w-]*|[^<>\"']+|.", re.DOTALL)
SENTENCE = re.compile(r"[^\W\d_»’)…] [;!?:](?: |$)|«|^ : ")
typeset = Blueprint("territoire_typeset", __name__)


class FrenchSpaces(Extension):
    """Reads our own templates; those of CKAN are left alone."""

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterator[Token]:
        is_ours = (stream.filename or "").startswith(OURS)
        return _read(stream) if is_ours else stream


class Reader:
    """Where the reader of a template stands: among text, in a tag, in what is kept as typed."""

    def __init__(self) -> None:
        self.tag, self.quote, self.kept = "", "", ""

    @property
    def is_text(self) -> bool:
        return not (self.tag or self.kept)

    def read(self, html: str) -> str:
        """Answer a piece of HTML with the no-break spaces of its text."""
        done, text = [], ""
        for piece in PIECE.findall(html):
            was_text = self.is_text
            self._go_past(piece)
            if was_text and self.is_text and not piece.startswith("<!--"):
                text += piece
            else:
                done += [_spaced(text), piece]
                text = ""
        return "".join([*done, _spaced(text)])

    def _go_past(self, piece: str) -> None:
        if self.quote:
            self.quote = "" if piece == self.quote else self.quote
        elif self.tag and piece in "\"'":
            self.quote = piece
        elif self.tag:
            if piece == ">":
                self.kept = self.tag if self.tag in KEPT else ""
                self.tag = ""
        elif len(piece) > 1 and piece[0] == "<" and not piece.startswith("<!--"):
            name = piece[1:].casefold()
            if not self.kept or name == f"/{self.kept}":
                self.tag, self.kept = name, ""


def _spaced(text: str) -> str:
    """Space what may have its no-break spaces already, typed as their names."""
    return spaced(text.replace("&nbsp;", NBSP).replace("&#8239;", NARROW))


def _read(stream: TokenStream) -> Iterator[Token]:
    reader = Reader()
    for token in stream:
        if token.type == "data":
            yield Token(token.lineno, token.type, reader.read(token.value))
        elif token.type == "string" and reader.is_text and SENTENCE.search(token.value):
            yield Token(token.lineno, token.type, spaced(token.value))
        else:
            yield token


@typeset.record_once
def read_templates_in_french(state: BlueprintSetupState) -> None:
    """Let the application read its templates so, before it has read any."""
    state.app.jinja_env.add_extension(FrenchSpaces)
