r"""From a pattern of a schema, in Python's notation, to the one that DuckDB's RE2 reads alike.

Table Schema's judge matches `^pattern$` from the first letter on, with Python's `re`: `\w` and `\s`
know every alphabet, `$` lets a last line end by. RE2 has neither look-around nor back-references:
what needs them is answered `None`, and Python evaluates it. `\d` is 0 to 9 here, on purpose.
"""

from __future__ import annotations

import re

from schemas.sql_text import BLANKS

_WORD = r"\p{L}\p{N}_"
_SPACE = r"\s\x{0b}\x{1c}-\x{1f}\x{85}\p{Z}"
_END = r"\n?\z"
_CLASSES = {"w": _WORD, "s": _SPACE, "d": "0-9"}
_SPECIAL = re.compile(r"\\(?P<escaped>u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)|\(\?(?P<group>.)|.", re.S)
_KEPT = frozenset("AtnrfvD")
_BIG = re.compile(r"\{\d*,?\d{4,}\}")


def to_re2(pattern: str, is_strict: bool = True) -> str | None:
    r"""Write a pattern for `regexp_matches`; `None` when RE2 cannot say it.

    `is_strict`: `$` lets a last line end by, as Python does; a trimmed text has none.

    >>> to_re2(r"^\w+$"), to_re2(r"(a)\1")
    ('\\A(?:^^[\\p{L}\\p{N}_]+\\n?\\z\\n?\\z)', None)
    """
    written: list[str] = []
    is_in_class = False
    if _BIG.search(pattern):
        return None
    for token in _SPECIAL.finditer(f"^{pattern}$"):
        text = token[0]
        if token["escaped"]:
            escaped = _escaped(token["escaped"], is_in_class)
            if escaped is None:
                return None
            text = escaped
        elif token["group"]:
            if not is_in_class and token["group"] != ":":
                return None
        elif text == "$" and not is_in_class:
            text = _END if is_strict else r"\z"
        elif text == "[":
            text = "\\[" if is_in_class else "["
            is_in_class = True
        elif text == "]":
            is_in_class = False
        written.append(text)
    return rf"\A(?:{''.join(written)})"


def _escaped(escaped: str, is_in_class: bool) -> str | None:
    first = escaped[0]
    if len(escaped) > 1:
        return rf"\x{{{escaped[1:]}}}"
    if first in _CLASSES:
        return _CLASSES[first] if is_in_class else f"[{_CLASSES[first]}]"
    if first.lower() in _CLASSES and first != "D":
        return None if is_in_class else f"[^{_CLASSES[first.lower()]}]"
    if first == "Z":
        return r"\z"
    if first.isascii() and first.isalnum():
        return f"\\{first}" if first in _KEPT else None
    return f"\\{first}" if first.isascii() else first


def may_match_blanks(pattern: str) -> bool:
    r"""Say whether a text that matches may begin or end with a blank; `True` when it is not sure.

    >>> may_match_blanks(r"^[A-Z]\d{5}(-[a-zà-ÿ]+)*$"), may_match_blanks(r"^[^|]*$")
    (False, True)
    """
    bare = re.sub(r"\\[^sSWDxuU]", "", pattern)
    ranges = re.findall(r"(.)-(.)", pattern, re.S)
    return (
        any(c.isspace() for c in pattern)
        or any(told in bare for told in (".", "[^", "\\"))
        or any(low <= blank <= high for low, high in ranges for blank in BLANKS)
    )
