"""Fields that officers corrected on harvested datasets: noted, listed, given back to the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.catalogue import corrections, restore
from ckanext.territoire.catalogue.content import Former, content_of
from ckanext.territoire.harvest_adapter import decisions
from ckanext.territoire.harvest_adapter.runner import refresh_search
from harvesters.border import Border, reach
from harvesters.diff import file_title
from harvesters.overlay import FILE, Correction, corrections_of, flat

Row = dict[str, Any]


def source_of(dataset_id: str) -> str:
    """Answer the source that publishes a dataset, `""` when it is nobody's or retired."""
    query = text("""SELECT source_id FROM territoire_source_record
                     WHERE dataset_id = :id AND state <> 'retired'""")
    return str(model.Session.execute(query, {"id": dataset_id}).scalar() or "")


def fields_of(dataset_id: str) -> dict[str, str]:
    """Read the fields of a dataset that may be corrected, as they stand."""
    former = restore.as_it_stands([dataset_id]).get(dataset_id)
    return _flat(former) if former else {}


def _flat(former: Former) -> dict[str, str]:
    return flat(content_of(former.package, former.resources, former.tags))


def note_changes(dataset_id: str, before: Mapping[str, str], user: str) -> None:
    """Note what a person has just changed, in the transaction that changes it."""
    known = {c.field: c for c in corrections.load([dataset_id]).get(dataset_id, [])}
    made, given_back = corrections_of(before, fields_of(dataset_id), known)
    for each in made.values():
        _keep(dataset_id, each, user)
    corrections.drop([(dataset_id, field) for field in given_back])


def _keep(dataset_id: str, each: Correction, user: str) -> None:
    model.Session.execute(
        text("""INSERT INTO territoire_overlay (dataset_id, field, correction, said, corrected_by)
                VALUES (:id, :field, :correction, :said, :by)
                ON CONFLICT (dataset_id, field) DO UPDATE
                   SET correction = excluded.correction, said = excluded.said, says = NULL,
                       corrected_by = excluded.corrected_by,
                       corrected_at = excluded.corrected_at"""),
        {"id": dataset_id, "field": each.field, "correction": each.correction,
         "said": each.said, "by": user},
    )  # fmt: skip


def list_corrections(dataset_id: str) -> list[Row]:
    """List the corrected fields of a dataset: by whom, when, and what the source says."""
    query = text("""
        SELECT o.field, o.correction, o.said, o.says, o.corrected_at,
               coalesce(nullif(u.fullname, ''), o.corrected_by) AS corrected_by
          FROM territoire_overlay o LEFT JOIN "user" u ON u.name = o.corrected_by
         WHERE o.dataset_id = :id ORDER BY o.says IS NULL, o.corrected_at, o.field
    """)
    rows = [dict(r) for r in model.Session.execute(query, {"id": dataset_id}).mappings()]
    if not any(row["field"].startswith(FILE) for row in rows):
        return [row | {"file": ""} for row in rows]
    former = restore.as_it_stands([dataset_id]).get(dataset_id)
    titles = {r["id"]: file_title(r) for r in former.resources} if former else {}
    return [_with_file(row, titles) for row in rows]


def _with_file(row: Row, titles: Mapping[str, str]) -> Row:
    if not row["field"].startswith(FILE):
        return row | {"file": ""}
    key, field = row["field"].removeprefix(FILE).split(":", 1)
    return row | {"file": titles.get(key, "fichier"), "name": field}


def list_choices(source_id: str, limit: int = 50) -> list[Row]:
    """List the datasets of a source where a choice between it and a correction waits."""
    query = text("""
        SELECT p.name, p.title, count(*) AS fields
          FROM territoire_overlay o JOIN territoire_source_record r ON r.dataset_id = o.dataset_id
          JOIN package p ON p.id = o.dataset_id
         WHERE r.source_id = :source AND o.says IS NOT NULL AND p.state = 'active'
         GROUP BY p.name, p.title ORDER BY p.title LIMIT :limit
    """)
    rows = model.Session.execute(query, {"source": source_id, "limit": limit}).mappings()
    return [dict(row) for row in rows]


def decide(dataset_id: str, field: str, keep: bool, user: str) -> bool:
    """Keep a correction over what the source says now, or give the field back to the source.

    Answers whether there was such a correction. Commits.
    """
    known = {c.field: c for c in corrections.load([dataset_id]).get(dataset_id, [])}
    each = known.get(field)
    if each is None:
        return False
    says = each.said if each.says is None else each.says
    if keep:
        corrections.note([(dataset_id, Correction(field, each.correction, says))])
    else:
        _write(dataset_id, {field: says}, user)
        corrections.drop([(dataset_id, field)])
    kind = "keep_correction" if keep else "take_source"
    source_id = source_of(dataset_id)
    if source_id:
        decisions.remember(source_id, kind, user, dataset=dataset_id, field=field)
    reach(Border.CHOICE_WRITTEN)
    model.Session.commit()
    reach(Border.CHOICE_KEPT)
    refresh_search()
    return True


def _write(dataset_id: str, values: Mapping[str, str], user: str) -> None:
    former = restore.as_it_stands([dataset_id])[dataset_id]
    package, resources = dict(former.package), [dict(r) for r in former.resources]
    tags = corrections.set_values(package, resources, former.tags, values)
    changed = Former(package, resources, tags, {})
    restore.write_back({dataset_id: changed}, restore.actor(user), restore.moment())
