"""What the gate finds: the values that leave this package, and their JSON.

A finding never holds a whole datum: `masked_sample` shows its shape alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from harvesters.model import Issue

SMALL_POPULATION = 2_000


class Kind(Enum):
    """The kinds of personal data that are looked for."""

    NIR = "nir"
    PHONE = "phone"
    EMAIL = "email"
    IBAN = "iban"
    NAMED_PERSON = "named_person"
    BIRTH_DATE = "birth_date"
    HOME_ADDRESS = "home_address"
    SMALL_COUNT = "small_count"
    PLATE = "plate"


LABELS = {
    Kind.NIR: "numéros de sécurité sociale",
    Kind.PHONE: "numéros de téléphone",
    Kind.EMAIL: "adresses électroniques de personnes",
    Kind.IBAN: "comptes bancaires (IBAN)",
    Kind.NAMED_PERSON: "noms de personnes",
    Kind.BIRTH_DATE: "dates de naissance",
    Kind.HOME_ADDRESS: "adresses de personnes",
    Kind.SMALL_COUNT: "effectifs de moins de 11 personnes",
    Kind.PLATE: "plaques d’immatriculation",
}
CODES = {kind: f"TER-PUB-{number}" for number, kind in enumerate(Kind, start=100)}


class Certainty(Enum):
    """How sure we are. What is only possible is shown and holds nothing."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of datum in one column: how many cells, the first lines, the shape of the first.

    `allowed_by` says, in French, what lets it through; `label` is the header people know.
    """

    kind: Kind
    column: str
    count: int
    lines: tuple[int, ...]
    masked_sample: str
    certainty: Certainty
    allowed_by: str = ""
    label: str = ""

    @property
    def is_holding(self) -> bool:
        """Whether publication waits for a decision."""
        return not self.allowed_by and self.certainty is not Certainty.POSSIBLE


@dataclass(frozen=True, slots=True)
class PrivacyContext:
    """What is known around the table: the day, the title people gave, and how many live where.

    `insee` is the commune of a table that has no column for it; `populations` maps INSEE codes to
    inhabitants, and small counts are looked for under `small_population`.
    """

    today: date
    title: str = ""
    insee: str = ""
    populations: Mapping[str, int] = field(default_factory=dict)
    small_population: int = SMALL_POPULATION
    max_lines: int = 5


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """Give a finding as JSON; `is_holding` and the French words are for those who only read."""
    told = asdict(finding) | {"kind": finding.kind.value, "certainty": finding.certainty.value}
    told["lines"] = list(finding.lines)
    return told | {"kind_label": LABELS[finding.kind], "is_holding": finding.is_holding}


def finding_from_dict(told: Mapping[str, Any]) -> Finding:
    """Read a finding as `finding_to_dict` wrote it."""
    return Finding(
        kind=Kind(told["kind"]),
        column=str(told["column"]),
        count=int(told["count"]),
        lines=tuple(int(line) for line in told["lines"]),
        masked_sample=str(told["masked_sample"]),
        certainty=Certainty(told["certainty"]),
        allowed_by=str(told.get("allowed_by") or ""),
        label=str(told.get("label") or ""),
    )


def finding_to_issue(finding: Finding) -> Issue:
    """Say a finding by its code: the column, how many cells, the first lines."""
    lines = ", ".join(str(line) for line in finding.lines)
    more = "…" if finding.count > len(finding.lines) else ""
    where = finding.label or finding.column
    return Issue(CODES[finding.kind], where, str(finding.count), f"{lines}{more}")
