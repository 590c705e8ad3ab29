"""The statements of the bulk write: a fixed number a batch, whatever the number of datasets."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import plugin_loaded
from ckanext.harvest.model import HarvestObject

from ckanext.territoire.catalogue.bulk import insert_rows, replace_rows
from harvesters.ports import Write

if TYPE_CHECKING:
    from ckanext.territoire.catalogue.write import RunContext, Written

Row = dict[str, Any]
PACKAGE = model.Package.__table__  # type: ignore[attr-defined]
RESOURCE = model.Resource.__table__  # type: ignore[attr-defined]
TAG = model.Tag.__table__  # type: ignore[attr-defined]
PACKAGE_TAG = model.PackageTag.__table__  # type: ignore[attr-defined]
MEMBER = model.Member.__table__  # type: ignore[attr-defined]
TAG_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('territoire:tags', 0))")


@dataclass(frozen=True, slots=True)
class Existing:
    """A dataset as it stands before it is written again: its rows, its tags (name to state)."""

    package: Row
    resources: list[Row]
    tags: Mapping[str, str]


def _new_id() -> str:
    return str(uuid.uuid4())


def _all(query: Any, **values: Any) -> list[Any]:
    statement = sa.text(query) if isinstance(query, str) else query
    return list(model.Session.execute(statement, values).mappings())


def owners(ids: Sequence[str]) -> dict[str, str]:
    """Say which of these datasets exist, and the source that made each (`""`: nobody's)."""
    query = """
        SELECT p.id, coalesce(r.source_id, '') AS owner FROM package p
          LEFT JOIN territoire_source_record r ON r.dataset_id = p.id WHERE p.id = ANY(:ids)
    """
    return {row["id"]: row["owner"] for row in _all(query, ids=list(ids))}


def names(ids: Sequence[str]) -> dict[str, str]:
    """Read the names of the datasets that exist."""
    query = "SELECT id, name FROM package WHERE id = ANY(:ids)"
    return {row["id"]: row["name"] for row in _all(query, ids=list(ids))}


def titles(ids: Sequence[str]) -> dict[str, str]:
    """Read the titles of the datasets that exist."""
    query = "SELECT id, title FROM package WHERE id = ANY(:ids)"
    return {row["id"]: row["title"] or "" for row in _all(query, ids=list(ids))}


def existing(ids: Sequence[str]) -> dict[str, Existing]:
    """Read what stands before the write: rows, resources, tags (name to state)."""
    packages = _all(PACKAGE.select().where(PACKAGE.c.id.in_(list(ids))))
    if not packages:
        return {}
    known = [row["id"] for row in packages]
    resources: dict[str, list[Row]] = {}
    query = RESOURCE.select().where(RESOURCE.c.package_id.in_(known)).order_by(RESOURCE.c.position)
    for row in _all(query):
        resources.setdefault(row["package_id"], []).append(dict(row))
    tags: dict[str, dict[str, str]] = {}
    tagged = """
        SELECT pt.package_id, t.name, pt.state FROM package_tag pt JOIN tag t ON t.id = pt.tag_id
         WHERE pt.package_id = ANY(:ids) AND t.vocabulary_id IS NULL
    """
    for row in _all(tagged, ids=known):
        tags.setdefault(row["package_id"], {})[row["name"]] = row["state"]
    return {
        row["id"]: Existing(dict(row), resources.get(row["id"], []), tags.get(row["id"], {}))
        for row in packages
    }


def _upsert(table: Any, rows: Sequence[Row], kept: frozenset[str], known: Collection[str]) -> None:
    """Insert the rows that are new and replace those that are known, in a statement each."""
    insert_rows(table, [row for row in rows if row["id"] not in known])
    replace_rows(table, [row for row in rows if row["id"] in known], kept)


def write_packages(rows: Sequence[Row], before: Mapping[str, Existing]) -> None:
    """Create or replace packages; the date and the author of the creation stay."""
    kept = frozenset({"id", "metadata_created", "creator_user_id", "plugin_data"})
    _upsert(PACKAGE, rows, kept, before)


def write_resources(rows: Sequence[Row], before: Mapping[str, Existing]) -> None:
    """Create or replace resources; one that is gone is marked deleted, as CKAN does."""
    now = {row["id"] for row in rows}
    known = {r["id"] for e in before.values() for r in e.resources}
    gone = sorted(known - now)
    if gone:
        query = "UPDATE resource SET state = 'deleted' WHERE id = ANY(:ids)"
        model.Session.execute(sa.text(query), {"ids": gone})
    _upsert(RESOURCE, rows, frozenset({"id", "created"}), known)


def write_tags(
    wanted: Mapping[str, Sequence[str]], before: Mapping[str, Existing]
) -> dict[str, list[Row]]:
    """Tie tags to packages, and answer the tags of each as `{id, name}`."""
    ids = _tag_ids({name for tags in wanted.values() for name in tags})
    new, revived, dropped = [], [], []
    for package_id, tags in wanted.items():
        had = before[package_id].tags if package_id in before else {}
        for name in dict.fromkeys(tags):
            if name not in had:
                row = {"id": _new_id(), "package_id": package_id, "tag_id": ids[name]}
                new.append({**row, "state": "active"})
            elif had[name] != "active":
                revived.append((package_id, name))
        dropped += [(package_id, n) for n, s in had.items() if n not in tags and s == "active"]
    insert_rows(PACKAGE_TAG, new)
    _set_tag_state(revived, "active")
    _set_tag_state(dropped, "deleted")
    return {
        package_id: [{"id": ids[name], "name": name} for name in dict.fromkeys(tags)]
        for package_id, tags in wanted.items()
    }


def _set_tag_state(pairs: list[tuple[str, str]], state: str) -> None:
    if not pairs:
        return
    query = sa.text("""
        UPDATE package_tag pt SET state = :state
          FROM tag t, unnest(cast(:packages AS text[]), cast(:names AS text[])) AS w (package, name)
         WHERE t.id = pt.tag_id AND pt.package_id = w.package AND t.name = w.name
    """)
    packages, tags = [p for p, _ in pairs], [n for _, n in pairs]
    model.Session.execute(query, {"state": state, "packages": packages, "names": tags})


def _tag_ids(wanted: set[str]) -> dict[str, str]:
    """Find or make tags. A lock, because nothing in the table forbids doubles."""
    if not wanted:
        return {}
    query = "SELECT id, name FROM tag WHERE vocabulary_id IS NULL AND name = ANY(:names)"
    found = {row["name"]: row["id"] for row in _all(query, names=sorted(wanted))}
    if wanted - found.keys():
        model.Session.execute(TAG_LOCK)
        found = {row["name"]: row["id"] for row in _all(query, names=sorted(wanted))}
        made = {name: _new_id() for name in sorted(wanted - found.keys())}
        rows = [{"id": i, "name": n, "vocabulary_id": None} for n, i in made.items()]
        insert_rows(TAG, rows)
        found |= made
    return found


def write_members(ids: Sequence[str], organization_id: str) -> None:
    """Tie packages to their organisation; a tie of an earlier life is made active again."""
    query = "SELECT table_id FROM member WHERE table_id = ANY(:ids) AND capacity = 'organization'"
    tied = {row["table_id"] for row in _all(query, ids=list(ids))}
    if tied:
        model.Session.execute(
            sa.text("""UPDATE member SET state = 'active', group_id = :group
                        WHERE table_id = ANY(:ids) AND capacity = 'organization'
                          AND (state <> 'active' OR group_id <> :group)"""),
            {"ids": sorted(tied), "group": organization_id},
        )
    rows = [
        {"id": _new_id(), "table_name": "package", "table_id": each, "capacity": "organization",
         "group_id": organization_id, "state": "active"}
        for each in ids if each not in tied
    ]  # fmt: skip
    insert_rows(MEMBER, rows)


def write_harvest_objects(
    written: Sequence[Written], run: RunContext, before: Mapping[str, Existing], now: datetime
) -> None:
    """Write one object a dataset, the current one, for the screens of ckanext-harvest."""
    _end_objects([item.package["id"] for item in written if item.package["id"] in before])
    rows = []
    for item in written:
        item.object_id = _new_id()
        is_new = item.package["id"] not in before
        rows.append(
            {
                "id": item.object_id,
                "guid": item.write.remote_id,
                "current": True,
                "content": item.write.raw or None,
                "state": "COMPLETE",
                "report_status": "added" if is_new else "updated",
                "package_id": item.package["id"],
                **_moments(run.job_id, run.source_id, now),
            }
        )
    insert_rows(HarvestObject.__table__, rows)


def _end_objects(ids: Sequence[str]) -> None:
    if ids:
        query = "UPDATE harvest_object SET current = false WHERE current AND package_id = ANY(:ids)"
        model.Session.execute(sa.text(query), {"ids": list(ids)})


def _moments(job_id: str, source_id: str, now: datetime) -> Row:
    return {
        "harvest_job_id": job_id,
        "harvest_source_id": source_id,
        "gathered": now,
        "fetch_started": now,
        "fetch_finished": now,
        "import_started": now,
        "import_finished": now,
        "retry_times": 0,
    }


def write_records(writes: Sequence[Write], source_id: str, now: datetime) -> None:
    """Remember what was published, to compare the next run with it."""
    renamed = [w.known.remote_id for w in writes if w.known and w.known.remote_id != w.remote_id]
    if renamed:
        model.Session.execute(
            sa.text("""DELETE FROM territoire_source_record
                        WHERE source_id = :source AND remote_id = ANY(:ids)"""),
            {"source": source_id, "ids": renamed},
        )
    drafts = [(w.draft, w.dataset_id) for w in writes if w.draft]
    model.Session.execute(
        sa.text("""
            INSERT INTO territoire_source_record (source_id, remote_id, dataset_id, content_hash,
                   first_url, fingerprint, upstream_uri, state, missing_since, changed_at)
            SELECT :source, d.*, 'live', NULL, :now
              FROM unnest(cast(:ids AS text[]), cast(:datasets AS text[]),
                          cast(:hashes AS bytea[]), cast(:urls AS text[]),
                          cast(:prints AS text[]), cast(:claims AS text[])) AS d
            ON CONFLICT (source_id, remote_id) DO UPDATE
               SET content_hash = excluded.content_hash, first_url = excluded.first_url,
                   fingerprint = excluded.fingerprint, upstream_uri = excluded.upstream_uri,
                   state = 'live', missing_since = NULL, frozen_hash = NULL,
                   changed_at = excluded.changed_at"""),
        {
            "source": source_id,
            "now": now,
            "ids": [draft.remote_id for draft, _ in drafts],
            "datasets": [dataset_id for _, dataset_id in drafts],
            "hashes": [draft.content_hash + draft.seen_hash for draft, _ in drafts],
            "urls": [draft.first_url for draft, _ in drafts],
            "prints": [draft.fingerprint for draft, _ in drafts],
            "claims": [draft.claim for draft, _ in drafts],
        },
    )


def write_activities(
    shown: Sequence[tuple[str, bool, Row]], user: model.User, now: datetime, kind: str = ""
) -> None:
    """Write one activity a dataset, as ckanext-activity does after each action."""
    if not plugin_loaded("activity") or not shown:
        return
    from ckanext.activity.model import Activity

    rows = [
        {
            "id": _new_id(),
            "timestamp": now,
            "user_id": user.id,
            "object_id": dataset_id,
            "activity_type": f"{kind or ('changed' if is_known else 'new')} package",
            "data": {"package": package, "actor": user.name},
            # who may not see the dataset must not read its title in the list of activities
            "permission_labels": [
                f"member-{package['owner_org']}" if kind or package.get("private") else "public"
            ],
        }
        for dataset_id, is_known, package in shown
    ]
    insert_rows(Activity.__table__, rows)


def retire(
    ids: Sequence[str], job_id: str, source_id: str, user: model.User, now: datetime
) -> None:
    """Delete datasets softly, as `package_delete` does, and remember them as retired."""
    if not ids:
        return
    values = {"ids": list(ids), "now": now, "job": job_id, "source": source_id}
    for query in (
        "UPDATE package SET state = 'deleted' WHERE id = ANY(:ids)",
        "UPDATE member SET state = 'deleted' WHERE table_id = ANY(:ids) AND state = 'active'",
        """UPDATE territoire_source_record
              SET state = 'retired', frozen_hash = NULL, changed_at = :now
            WHERE dataset_id = ANY(:ids)""",
        """INSERT INTO harvest_object (id, guid, current, state, report_status, package_id,
                harvest_job_id, harvest_source_id, gathered, import_finished)
            SELECT gen_random_uuid()::text, remote_id, false, 'COMPLETE', 'deleted', dataset_id,
                   nullif(cast(:job AS text), ''), :source, :now, :now
              FROM territoire_source_record WHERE dataset_id = ANY(:ids)""",
    ):
        model.Session.execute(sa.text(query), values)
    _end_objects(ids)
    titles = _all(
        "SELECT id, name, title, owner_org FROM package WHERE id = ANY(:ids)", ids=list(ids)
    )
    shown = [(row["id"], True, dict(row)) for row in titles]
    write_activities(shown, user, now, kind="deleted")
