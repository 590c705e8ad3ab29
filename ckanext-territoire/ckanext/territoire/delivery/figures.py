"""What a merged table holds and lacks: rows, waiting rows, communes that never delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.merged import FORMATS, Merged, address
from ckanext.territoire.portal.typography import number
from ckanext.territoire.territory import members
from schemas.load import load, slugs
from schemas.model import Schema
from schemas.vocabulary import plain

TABLES = "SELECT slug, schema_id, dataset_id, resource_id, cursor FROM territoire.merged"
COUNT = """
    SELECT count(*) FILTER (WHERE territoire_doublon IS NULL) AS rows,
           count(*) FILTER (WHERE territoire_doublon IS NOT NULL) AS duplicates,
           count(*) FILTER (WHERE territoire_hors_epci AND territoire_doublon IS NULL) AS outside,
           array_agg(DISTINCT territoire_commune)
               FILTER (WHERE territoire_commune IS NOT NULL) AS communes FROM {table}
"""
FEEDS = """
    SELECT array_agg(DISTINCT f.insee) AS communes, coalesce(sum(d.bad), 0) AS waiting,
           max(d.published_at) AS changed_at
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state = 'live' AND f.slug = %s
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one theme. `absent` are the names of members that never delivered, when the
    table is expected of every commune."""

    slug: str
    schema_id: str
    title: str
    dataset_id: str
    resource_id: str
    cursor: int
    changed_at: datetime | None
    rows: int
    duplicates: int
    outside: int
    waiting: int
    members: int
    delivered: int
    absent: tuple[str, ...]


def figures_of(slug: str) -> Figures | None:
    """Count one theme; `None` before its first delivery."""
    rows = read(f"{TABLES} WHERE slug = %s", (slug,)) if slug in slugs() else []
    return _count(Merged(**rows[0])) if rows else None


def of_fixed_rows(schema: Schema, merged: Merged, changed_at: datetime) -> Figures:
    """Count a table that no commune delivers: nothing waits, nobody is absent."""
    counted = read(COUNT.format(table=quoted(merged.resource_id)))[0]
    given = len(counted["communes"] or ())
    return Figures(
        schema.slug, schema.id, schema.title, merged.dataset_id, merged.resource_id, merged.cursor,
        changed_at, counted["rows"], counted["duplicates"], 0, 0, given, given, (),
    )  # fmt: skip


def merged_tables() -> list[Merged]:
    """Every theme that has rows."""
    return [Merged(**row) for row in read(TABLES) if row["slug"] in slugs()]


def all_figures() -> list[Figures]:
    """Count every theme that has rows, in alphabetical order of their titles."""
    found = [_count(each) for each in merged_tables()]
    return sorted(found, key=lambda each: plain(each.title))


def _count(merged: Merged) -> Figures:
    counted = read(COUNT.format(table=quoted(merged.resource_id)))[0]
    fed = read(FEEDS, (merged.slug,))[0]
    schema = load(*merged.schema_id.split("/"))
    known = {each.insee: each.name for each in members.members()}
    given = {*(counted["communes"] or ()), *(fed["communes"] or ())} & known.keys()
    absent = _absent(schema, known, given)
    return Figures(
        schema.slug, schema.id, schema.title, merged.dataset_id, merged.resource_id, merged.cursor,
        fed["changed_at"], counted["rows"], counted["duplicates"], counted["outside"],
        int(fed["waiting"]), len(known), len(given), absent,
    )  # fmt: skip


def _absent(schema: Schema, known: Mapping[str, str], given: set[str]) -> tuple[str, ...]:
    if not schema.is_expected:
        return ()
    return tuple(name for insee, name in known.items() if insee not in given)


def to_sentence(told: Figures) -> str:
    """Say the figures in one French sentence."""
    parts = [f"{_plural(told.delivered, 'commune')} sur {number(told.members)}"]
    if told.absent:
        count = len(told.absent)
        verb = "n’a jamais livré" if count == 1 else "n’ont jamais livré"
        parts.append(f"{number(count)} {verb}")
    parts.append(_plural(told.rows, "ligne"))
    if told.waiting:
        parts.append(f"{number(told.waiting)} en attente de correction")
    return ", ".join(parts)


def to_dict(told: Figures, where: str = "") -> dict[str, Any]:
    """The figures as the API shows them; `where` is the address of the table, when it is not that
    of its slug."""
    where = where or address(told.slug)
    shown = asdict(told) | {"absent": list(told.absent), "sentence": to_sentence(told)}
    shown["changed_at"] = told.changed_at.isoformat(timespec="seconds") if told.changed_at else None
    is_placed = load(*told.schema_id.split("/")).position is not None
    endings = [ending for ending, _, _ in FORMATS if is_placed or ending != "geojson"]
    shown["files"] = {ending: f"{where}.{ending}" for ending in endings}
    shown["read"] = f"{where}/rows"
    shown["changes"] = f"{where}/changes"
    shown["schema"] = f"{where}/schema"
    return shown


def _plural(count: int, word: str) -> str:
    return f"{number(count)} {word}{'s' if count > 1 else ''}"
