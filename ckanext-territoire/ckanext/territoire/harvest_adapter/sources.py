"""The sources of ckanext-harvest as our own values, and their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ckan import model
from ckanext.harvest.model import HarvestSource
from sqlalchemy import text

from ckanext.territoire import publishers
from ckanext.territoire.harvest_adapter.kinds import read_config
from harvesters.errors import Refused
from harvesters.model import Config, Issue
from harvesters.model import Source as Kind
from harvesters.registry import SOURCES


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as it is registered here. `is_draft`: kept, but never reached yet. `frequency` is a
    value of `harvesters.rhythm.Frequency`; `quiet` its quiet hours as they were typed."""

    id: str
    name: str
    title: str
    kind: str
    url: str
    organization_id: str
    settings: Mapping[str, str]
    frequency: str
    is_active: bool
    is_draft: bool
    quiet: str = ""


_SELECT = """
    SELECT s.id, p.name, coalesce(p.title, '') AS title, s.type AS kind, s.url,
           coalesce(p.owner_org, '') AS organization_id, coalesce(s.config, '') AS config,
           CASE WHEN r.is_auto AND coalesce(s.frequency, 'MANUAL') = 'MANUAL' THEN 'AUTO'
                ELSE coalesce(s.frequency, 'MANUAL') END AS frequency,
           coalesce(r.quiet, '') AS quiet, s.active, p.state
      FROM harvest_source s JOIN package p ON p.id = s.id
      LEFT JOIN territoire_source_rhythm r ON r.source_id = s.id
     WHERE p.state <> 'deleted'
"""


def _to_source(row: Mapping[str, object]) -> StoredSource:
    values = {k: str(row[k]) for k in ("id", "name", "title", "kind", "url", "frequency", "quiet")}
    return StoredSource(
        **values,
        organization_id=str(row["organization_id"]),
        settings=read_config(str(row["config"])),
        is_active=bool(row["active"]) and row["state"] == "active",
        is_draft=row["state"] == "draft",
    )


def list_sources() -> list[StoredSource]:
    """Read every source of our kinds, by title."""
    rows = model.Session.execute(text(f"{_SELECT} ORDER BY p.title, p.name")).mappings()
    return [_to_source(dict(row)) for row in rows if row["kind"] in SOURCES]


def load_source(name_or_id: str) -> StoredSource:
    """Read one source, or raise `Refused` with the near names."""
    query = text(f"{_SELECT} AND (s.id = :key OR p.name = :key)")
    row = model.Session.execute(query, {"key": name_or_id}).mappings().first()
    if row:
        return _to_source(dict(row))
    names = [source.name for source in list_sources()]
    near = get_close_matches(name_or_id, names, n=3, cutoff=0.4)
    told = ", ".join(f"« {n} »" for n in near or names[:5]) or "aucune"
    raise Refused(Issue("TER-SRC-065", found=name_or_id, expected=told))


def kind_of(source: StoredSource) -> Kind:
    """Answer the kind of a stored source."""
    return SOURCES[source.kind]


def config_of(source: StoredSource) -> Config:
    """Put together the address, the settings and the secrets of a source, for a run only."""
    query = text("SELECT name, value FROM territoire_source_secret WHERE source_id = :id")
    secrets = {row.name: row.value for row in model.Session.execute(query, {"id": source.id})}
    defaults = {s.name: s.default for s in kind_of(source).settings if s.default}
    return Config(source.url, defaults | dict(source.settings) | secrets)


def keep_secrets(source_id: str, secrets: Mapping[str, str]) -> None:
    """Store the secrets of a source where no screen and no API shows them. Does not commit."""
    query = text("""
        INSERT INTO territoire_source_secret (source_id, name, value) VALUES (:id, :name, :value)
        ON CONFLICT (source_id, name) DO UPDATE SET value = excluded.value
    """)
    for name, value in secrets.items():
        model.Session.execute(query, {"id": source_id, "name": name, "value": value})


def set_draft(source_id: str, is_draft: bool) -> None:
    """Keep a source as a draft (never run), or make it active. Does not commit."""
    values = {"id": source_id, "state": "draft" if is_draft else "active"}
    model.Session.execute(text("UPDATE package SET state = :state WHERE id = :id"), values)
    HarvestSource.get(source_id).active = not is_draft


def organization_of(source: StoredSource) -> str:
    """Answer the title of the organisation that owns a source."""
    owner = publishers.find(source.organization_id)
    return owner.title if owner else ""
