"""The parameters of a request as they came, and the faults found while they are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ckanext.territoire.api.asked import Fault, Known
from ckanext.territoire.api.columns import Column
from ckanext.territoire.api.values import is_clean, read_truth
from harvesters.model import Issue

SHOWN = 60  # letters of a wrong value that an answer repeats
NEAR = 5
MAX_LISTED = 20


@dataclass(slots=True)
class Given:
    """The parameters by name, each value in its order; `faults` grows while they are read."""

    known: Known
    values: dict[str, list[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, code: str, name: str, found: str = "", accepted: Iterable[str] = ()) -> None:
        """Note a fault of a parameter."""
        listed = tuple(accepted)
        told = ", ".join(listed)
        issue = Issue(code, where=cut(name), found=cut(found), expected=told)
        self.faults.append(Fault(issue, cut(name), listed))

    def one(self, name: str) -> str:
        """Answer the value of a parameter that is given once, `""` when absent or wrong."""
        found = self.values.get(name, [""])
        if len(found) > 1:
            self.blame("TER-API-166", name)
            return ""
        if not is_clean(found[0]):
            self.blame("TER-API-162", name, found[0], ("un texte lisible",))
            return ""
        return found[0].strip()

    def many(self, name: str, most: int = MAX_LISTED) -> list[str]:
        """Answer the parts of a parameter, cut at commas."""
        parts = [part.strip() for part in self.one(name).split(",") if part.strip()]
        if len(parts) > most:
            self.blame("TER-API-167", name, str(len(parts)), (str(most),))
        return parts[:most]

    def truth(self, name: str) -> bool:
        """Answer a parameter that is yes or no; no when absent."""
        text = self.one(name)
        told = read_truth(text) if text else False
        if told is None:
            self.blame("TER-API-162", name, text, ("true", "false"))
        return bool(told)

    def column(self, name: str, parameter: str) -> Column | None:
        """Look up a column that a parameter names."""
        found = self.known.columns.get(name)
        if found is None:
            self.blame("TER-API-160", parameter, name, near(name, self.known.columns))
        return found


def gather(pairs: Sequence[tuple[str, str]], known: Known) -> Given:
    """Gather the values of each parameter."""
    given = Given(known)
    for name, value in pairs:
        given.values.setdefault(name, []).append(value)
    return given


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Propose the names that somebody may have meant; all of them when none is near.

    >>> near("nb_place", ["nb_places", "nom"])
    ('nb_places',)
    """
    by_case = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold()[:SHOWN], by_case, n=NEAR)
    return tuple(by_case[each] for each in close) or tuple(by_case.values())


def cut(text: str) -> str:
    """Shorten what an answer repeats, and make it printable.

    >>> cut("a" * 70)[-2:], cut("a\\0b")
    ('a…', 'a b')
    """
    clean = "".join(letter if letter.isprintable() else " " for letter in text[: SHOWN + 1])
    return clean if len(clean) <= SHOWN else f"{clean[:SHOWN]}…"
