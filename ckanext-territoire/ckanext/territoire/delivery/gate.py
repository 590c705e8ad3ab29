"""The privacy gate of a feed: what was decided for it, and what its rows would let out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.inspect_file import Look
from ckanext.territoire.delivery.model import Feed
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.privacy.store import decisions_for
from ckanext.territoire.territory import members
from harvesters.privacy.decisions import Decision, is_held, masked_columns
from harvesters.privacy.find import find_personal
from harvesters.privacy.findings import Finding, PrivacyContext
from harvesters.table.received import column
from schemas.model import Schema


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What was decided for a feed."""

    feed: Feed
    decisions: tuple[Decision, ...]

    @property
    def hidden(self) -> frozenset[str]:
        """The columns that are emptied before publication."""
        return frozenset(masked_columns(self.decisions))

    def find(self, look: Look) -> tuple[Finding, ...]:
        """Look for personal data in the rows that would be published."""
        schema = look.verdict.schema
        if schema is None:
            return ()
        look.base.execute(f"CREATE OR REPLACE TEMP TABLE published AS {self._rows(schema)}")
        populations = {c.insee: c.population for c in members.members() if c.population}
        context = PrivacyContext(
            datetime.now(PARIS).date(), schema.title, self.feed.insee, populations
        )
        columns = [_Column(each.name, each.title) for each in schema.fields]
        return find_personal(look.base, "published", columns, schema, context)

    def is_held(self, findings: Sequence[Finding]) -> bool:
        """Say whether something found still needs a decision."""
        return is_held(findings, self.decisions)

    def _rows(self, schema: Schema) -> str:
        cells = ", ".join(
            f"{'NULL' if each.name in self.hidden else quoted(column(each.name))} "
            f"AS {quoted(each.name)}"
            for each in schema.fields
        )
        return f"SELECT line, {cells} FROM good"


def gate_of(feed: Feed) -> Gate:
    """Read what was decided for a feed."""
    return Gate(feed, decisions_for(feed.resource_id, feed.id))
