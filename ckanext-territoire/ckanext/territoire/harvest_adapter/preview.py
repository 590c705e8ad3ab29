"""Try a source without writing: one that is registered, or one that an officer is about to add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import coverage
from ckanext.territoire.catalogue import RunContext
from ckanext.territoire.harvest_adapter import jobs, sources
from ckanext.territoire.harvest_adapter.add import kind_named, refuse_account
from ckanext.territoire.harvest_adapter.kinds import check_settings
from ckanext.territoire.harvest_adapter.runner import fetcher
from ckanext.territoire.harvest_adapter.store import CkanStore
from harvesters.fetch import Limits
from harvesters.identity import Draft
from harvesters.model import Config, Source
from harvesters.ports import Ports
from harvesters.preview import preview_source, to_json

DEADLINE_S = 60
LIMITS = Limits(connect_s=5, read_s=20, total_s=45, run_s=DEADLINE_S, tries=2)
MAX_DUPLICATES = 50
# what is published already and is not of this source, as far as this organisation may know
OTHERS = """
      AND p.state = 'active' AND p.type = 'dataset' AND (NOT p.private OR p.owner_org = :owner)
      AND NOT EXISTS (SELECT FROM territoire_source_record o
                       WHERE o.source_id = :source AND o.dataset_id = p.id)
"""
BY_CLAIM = """
    SELECT r.upstream_uri AS key, p.name, p.title
      FROM territoire_source_record r JOIN package p ON p.id = r.dataset_id
     WHERE r.upstream_uri = ANY(:keys)
"""
BY_FILE = """
    SELECT f.url AS key, p.name, p.title FROM resource f JOIN package p ON p.id = f.package_id
     WHERE f.url = ANY(:keys) AND f.state = 'active'
"""
BY_TITLE = """
    SELECT lower(p.title) AS key, p.name, p.title FROM package p
     WHERE lower(p.title) = ANY(:keys) AND p.owner_org = :owner
"""


def preview_stored(source: sources.StoredSource) -> dict[str, Any]:
    """Preview a source that is registered here."""
    kind = sources.kind_of(source)
    return _preview(kind, sources.config_of(source), source.id, source.organization_id)


def preview_address(
    kind_name: str, url: str, settings: Mapping[str, str], organization_id: str
) -> dict[str, Any]:
    """Preview an address that is no source yet; raises `Refused` for what cannot be one."""
    refuse_account(url)
    kind = kind_named(kind_name)
    check_settings(kind, settings)
    defaults = {s.name: s.default for s in kind.settings if s.default}
    return _preview(kind, Config(url, defaults | dict(settings)), "", organization_id)


def _preview(kind: Source, config: Config, source_id: str, owner: str) -> dict[str, Any]:
    way_out = fetcher(LIMITS)
    store = CkanStore(RunContext(source_id, "", "", owner))
    try:
        ports = Ports(way_out.fetch, store, jobs.utc_now)
        found = preview_source(kind, config, ports, store.load_known(), DEADLINE_S)
    finally:
        way_out.close()
    told = to_json(found)
    names = coverage.communes().names
    doubles = find_doubles(found.drafts, source_id, owner)
    for record in told["records"]:
        record["communes"] = [names.get(code, code) for code in record["communes"]]
        record["double"] = doubles.get(record["remote_id"])
    shown = list(doubles.values())[:MAX_DUPLICATES]
    return told | {
        "kind": kind.kind,
        "kind_label": kind.label_fr,
        "url": config.url,
        "doubles": shown,
        "double_count": len(doubles),
    }


def find_doubles(drafts: Sequence[Draft], source_id: str, owner: str) -> dict[str, dict[str, Any]]:
    """Say what is published here already, by remote id: same identifier, file, or title and owner.

    The surest likeness wins. `owner` is the id of the organisation that would publish.
    """
    ways = (
        ("titre", BY_TITLE, {d.remote_id: d.title.lower() for d in drafts}),
        ("fichier", BY_FILE, {d.remote_id: d.first_url for d in drafts}),
        ("identifiant", BY_CLAIM, {d.remote_id: d.claim for d in drafts}),
    )
    titles = {d.remote_id: d.title for d in drafts}
    found: dict[str, dict[str, Any]] = {}
    for by, query, keys in ways:
        wanted = sorted({key for key in keys.values() if key})
        values = {"keys": wanted, "source": source_id, "owner": owner}
        rows = model.Session.execute(text(query + OTHERS), values).all() if wanted else ()
        published = {row.key: row for row in rows}
        for remote_id, key in keys.items():
            if key in published:
                row = published[key]
                found[remote_id] = {
                    "title": titles[remote_id], "by": by,
                    "dataset": row.name, "dataset_title": row.title or row.name,
                }  # fmt: skip
    model.Session.rollback()
    return found
