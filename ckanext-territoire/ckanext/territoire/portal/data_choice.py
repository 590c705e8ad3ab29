"""Choose datasets on a page without script: words are searched, links add and take away.

The choice stands in the address (`jeu`, once for each dataset), so that a page can lead here with
its dataset chosen, and so that nothing that is typed below is sent to make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from ckanext.territoire.community import datasets
from ckanext.territoire.community.model import MAX_DATASETS

NAME, WORDS = "jeu", "mots"


@dataclass(frozen=True, slots=True)
class Choice:
    """A dataset that is chosen, or found: `url` takes it away, or adds it."""

    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What is chosen, what was searched and found. `kept` are the hidden fields of the search."""

    names: tuple[str, ...]
    chosen: tuple[Choice, ...]
    words: str
    found: tuple[Choice, ...]
    kept: tuple[tuple[str, str], ...]
    query: str


def read_choice(before: Sequence[str] = ()) -> DataChoice:
    """Read the choice of this page; `before` is that of a thing that is changed, until another one
    is made."""
    is_made = NAME in request.args or WORDS in request.args
    asked = request.args.getlist(NAME) if is_made else before
    chosen = datasets.public_datasets(list(asked)[:MAX_DATASETS])
    names = tuple(each.name for each in chosen)
    words = " ".join(request.args.get(WORDS, "").split())[:200]
    found = [each for each in datasets.search(words) if each[0] not in names] if words else []
    others = [pair for pair in request.args.items(multi=True) if pair[0] not in (NAME, WORDS)]
    return DataChoice(
        names,
        tuple(Choice(e.title, "", _url(others, [n for n in names if n != e.name]))
              for e in chosen),
        words,
        tuple(Choice(title, note, _url(others, [*names, name])) for name, title, note in found),
        (*others, *((NAME, name) for name in names)),
        _url(others, names),
    )  # fmt: skip


def _url(others: Sequence[tuple[str, str]], names: Sequence[str]) -> str:
    # an empty choice is one too: it is told apart from none by the words of the search
    pairs = [*others, *((NAME, name) for name in names)]
    return f"{request.path}?{urlencode(pairs if names else [*pairs, (WORDS, '')])}"
