"""The closed catalogue of error codes, and the sentence each says in French.

The entries stand in `codes.yaml`. A code is `TER-<step>-<nnn>` and is never reused. `template` may
use `{where}`, `{found}` and `{expected}`; `remedy` says what to do. House tests hold that every
code used in the tree stands here and in `docs/codes.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from harvesters.model import Issue
from schemas.yaml_text import read_yaml


class Consequence(Enum):
    """What the runner does of an issue."""

    STOP_SOURCE = "stop"
    SKIP_RECORD = "skip"
    RETRY = "retry"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the catalogue."""

    consequence: Consequence
    template: str
    remedy: str


class TerritoireError(Exception):
    """The root of our exceptions: a caller's mistake or a lost connection."""


class Refused(TerritoireError):
    """A request that cannot be served; its text is the French sentence of its issue."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(sentence(issue))
        self.issue = issue


@cache
def catalogue() -> dict[str, Code]:
    """Load every code once from `codes.yaml`."""
    text = (Path(__file__).parent / "codes.yaml").read_text(encoding="utf-8")
    return {
        code: Code(Consequence(entry["consequence"]), entry["template"], entry["remedy"])
        for code, entry in read_yaml(text).items()
    }


def sentence(issue: Issue) -> str:
    """Say an issue in French: where, what was found, what was expected, what to do."""
    return f"{issue.code} : {cause(issue)} {catalogue()[issue.code].remedy}".strip()


def cause(issue: Issue) -> str:
    """Say what happened, without the code and without what to do."""
    template = catalogue()[issue.code].template
    return template.format(where=issue.where, found=issue.found, expected=issue.expected)


def consequence(issue: Issue) -> Consequence:
    """Look up what the runner must do of an issue."""
    return catalogue()[issue.code].consequence
