"""The words of `words.yaml` and `first_names.yaml`, as sets for headers, regexes for cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from schemas.yaml_text import read_yaml

FOLDER = Path(__file__).parent
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


@cache
def _read(name: str) -> dict[str, Any]:
    return dict(read_yaml((FOLDER / name).read_text(encoding="utf-8")))


@cache
def of_headers(group: str) -> frozenset[str]:
    """Answer the header words of a group."""
    return frozenset(_read("words.yaml")["headers"][group])


@cache
def of_values(group: str) -> tuple[str, ...]:
    """Answer the words of a group met in cells, in the order of the file."""
    return tuple(_read("words.yaml")[group])


@cache
def first_names() -> tuple[str, ...]:
    """Answer the first names, folded."""
    return tuple(_read("first_names.yaml")["names"].split())


def any_of(words: Iterable[str]) -> str:
    """Write a group of a regex that matches any of the words."""
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", " ") for word in words) + ")"


def header_words(*titles: str) -> tuple[str, ...]:
    """Cut titles of a column into folded words.

    >>> header_words("nomBeneficiaire"), header_words("Date d’arrêté n°2")
    (('nom', 'beneficiaire'), ('date', 'd', 'arrete', 'n', '2'))
    """
    plain = unicodedata.normalize("NFKD", _HUMP.sub("_", " ".join(titles))).replace("’", " ")
    folded = plain.encode("ascii", "ignore").decode().lower()
    return tuple(re.findall(r"[a-z]+|[0-9]+", folded))
