"""A letter as values, written as plain text and as bare HTML. Pure.

Paragraphs, headings, lists and links are all that a letter holds: no image, nothing to load. What
people typed (titles, names) stands in it as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ckanext.territoire.portal.typography import spaced

PAGE = (
    '<!doctype html>\n<html lang="fr"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>\n'
    "<style>h2 {{ font-size: 1.125em; margin: 1.5em 0 0 }} ol, ul {{ padding-left: 1.5em }}</style>"
    "</head>\n"
    '<body style="font: 16px/1.5 sans-serif; max-width: 36em; overflow-wrap: anywhere">\n'
    "{body}\n</body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: a name, what is said of it, and where to look (`""`: nowhere)."""

    name: str
    text: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Item, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """An address to open, with its label."""

    label: str
    address: str


Block = str | Heading | Items | Way


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and blocks; a text alone is a paragraph."""

    subject: str
    blocks: tuple[Block, ...]


def to_text(letter: Letter) -> str:
    """Write a letter as plain text, each address on a line of its own."""
    return "\n\n".join(_text(block) for block in letter.blocks) + "\n"


def to_html(letter: Letter) -> str:
    """Write a letter as bare HTML."""
    return PAGE.format(title=escape(subject_of(letter)), body=to_fragment(letter))


def to_fragment(letter: Letter) -> str:
    """Write the blocks of a letter as HTML, to stand in a page."""
    return "\n".join(_html(block) for block in letter.blocks)


def subject_of(letter: Letter) -> str:
    """The subject on one line, whatever a title holds."""
    return spaced(" ".join(letter.subject.split()))


def _text(block: Block) -> str:
    match block:
        case Heading(text):
            told = spaced(text)
            return f"{told}\n{'-' * len(told)}"
        case Items(items, is_numbered):
            marks = (f"{n}." if is_numbered else "-" for n in range(1, len(items) + 1))
            lines = zip(marks, items, strict=True)
            return "\n".join(_text_item(mark, item) for mark, item in lines)
        case Way(label, address):
            return f"{spaced(label + ' :')}\n{address}"
        case _:
            return spaced(block)


def _text_item(mark: str, item: Item) -> str:
    indent = " " * (len(mark) + 1)
    where = f"\n{indent}{item.address}" if item.address else ""
    return f"{mark} {_said(item)}{where}"


def _said(item: Item) -> str:
    return spaced(f"{item.name} : {item.text}" if item.text else item.name)


def _html(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{escape(spaced(text))}</h2>"
        case Items(items, is_numbered):
            tag = "ol" if is_numbered else "ul"
            lines = "\n".join(f"<li>{_html_item(item)}</li>" for item in items)
            return f"<{tag}>\n{lines}\n</{tag}>"
        case Way(label, address):
            href = escape(address)
            return f'<p><a href="{href}">{escape(label)}</a><br>\n<small>{href}</small></p>'
        case _:
            return f"<p>{escape(spaced(block))}</p>"


def _html_item(item: Item) -> str:
    name = escape(spaced(item.name))
    if item.address:
        name = f'<a href="{escape(item.address)}">{name}</a>'
    return f"{name}{escape(spaced(' : ' + item.text))}" if item.text else name
