"""What a check found: a state, a sentence, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum


class Verdict(Enum):
    """How serious a finding is."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


MARKS = {Verdict.FINE: "✓", Verdict.WARNING: "!", Verdict.FAULT: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor; `remedy` is empty when all is fine."""

    part: str
    verdict: Verdict
    told: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """Answer it for a program."""
        return asdict(self) | {"verdict": self.verdict.value}

    def to_line(self) -> str:
        """Answer it for a person."""
        line = f"  {MARKS[self.verdict]} {self.part:<26} {self.told}"
        return line + (f"\n      → {self.remedy}" if self.remedy else "")


def from_json(values: dict[str, str]) -> Finding:
    """Read a finding that another process printed."""
    return Finding(
        values["part"], Verdict(values["verdict"]), values["told"], values.get("remedy", "")
    )


def fine(part: str, told: str) -> Finding:
    """All is well."""
    return Finding(part, Verdict.FINE, told)


def warning(part: str, told: str, remedy: str) -> Finding:
    """It works, but not for ever."""
    return Finding(part, Verdict.WARNING, told, remedy)


def fault(part: str, told: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(part, Verdict.FAULT, told, remedy)
