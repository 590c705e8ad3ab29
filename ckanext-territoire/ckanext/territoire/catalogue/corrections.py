"""Corrections of officers lie over what a harvest writes (`harvesters.overlay`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.catalogue import tables
from ckanext.territoire.catalogue.content import FIELDS, FILE_FIELDS, TAGS, content_of
from harvesters.overlay import FILE, Correction, flat, lay_over

if TYPE_CHECKING:
    from ckanext.territoire.catalogue.write import Written

Row = dict[str, Any]
Said = tuple[str, Correction]  # of the dataset with this id


def load(dataset_ids: Sequence[str]) -> dict[str, list[Correction]]:
    """Read the corrections of datasets, in one statement."""
    query = sa.text("""SELECT dataset_id, field, correction, said, says FROM territoire_overlay
                        WHERE dataset_id = ANY(:ids) ORDER BY field""")
    found: dict[str, list[Correction]] = {}
    for row in model.Session.execute(query, {"ids": list(dataset_ids)}):
        each = Correction(row.field, row.correction, row.said, row.says)
        found.setdefault(row.dataset_id, []).append(each)
    return found


def correct(written: Sequence[Written], existing: Mapping[str, tables.Existing]) -> None:
    """Lay the corrections over the rows about to be written, and note what the source says now."""
    known = [i.package["id"] for i in written if i.package["id"] in existing]
    corrections = load(known) if known else {}
    kept: list[Said] = []
    dropped: list[tuple[str, str]] = []
    for item in written:
        dataset_id = item.package["id"]
        mine = corrections.get(dataset_id)
        if mine:
            said = flat(content_of(item.package, item.resources, item.tags))
            merged = lay_over(said, mine)
            item.tags = set_values(item.package, item.resources, item.tags, merged.values)
            kept += [(dataset_id, each) for each in merged.kept]
            dropped += [(dataset_id, field) for field in merged.dropped]
    note(kept)
    drop(dropped)


def set_values(
    package: Row, resources: Sequence[Row], tags: list[str], values: Mapping[str, str]
) -> list[str]:
    """Write field values (`flat` names) into rows, in place; answer the tags."""
    files = {row["id"]: row for row in resources}
    for name, value in values.items():
        if name.startswith(FILE):
            key, field = name.removeprefix(FILE).split(":", 1)
            if key in files:
                _set(files[key], field, value, FILE_FIELDS)
        elif name == TAGS:
            tags = [tag.strip() for tag in value.split(",") if tag.strip()]
        else:
            _set(package, name, value, FIELDS)
    return tags


def _set(row: Row, field: str, value: str, columns: Sequence[str]) -> None:
    if field in columns:
        row[field] = value or None if field not in ("format", "title") else value
        return
    extras = {**(row.get("extras") or {}), field: value}
    if not value:
        del extras[field]
    # PostgreSQL sorts the keys of JSONB so: what is sent to search is what is stored
    row["extras"] = dict(sorted(extras.items(), key=lambda e: (len(e[0].encode()), e[0].encode())))


def note(kept: Sequence[Said]) -> None:
    """Store what sources say now of corrected fields, in one statement."""
    if not kept:
        return
    query = sa.text("""
        UPDATE territoire_overlay o SET says = w.says, said = w.said
          FROM unnest(cast(:ids AS text[]), cast(:fields AS text[]), cast(:says AS text[]),
                      cast(:said AS text[])) AS w (dataset_id, field, says, said)
         WHERE o.dataset_id = w.dataset_id AND o.field = w.field
           AND (o.says IS DISTINCT FROM w.says OR o.said <> w.said)
    """)
    values = {
        "ids": [dataset_id for dataset_id, _ in kept],
        "fields": [each.field for _, each in kept],
        "says": [each.says for _, each in kept],
        "said": [each.said for _, each in kept],
    }
    model.Session.execute(query, values)


def drop(fields: Sequence[tuple[str, str]]) -> None:
    """Drop the corrections of these (dataset, field), which need none any more."""
    if not fields:
        return
    query = sa.text("""
        DELETE FROM territoire_overlay o
         USING unnest(cast(:ids AS text[]), cast(:fields AS text[])) AS w (dataset_id, field)
         WHERE o.dataset_id = w.dataset_id AND o.field = w.field
    """)
    ids, names = zip(*fields, strict=True)
    model.Session.execute(query, {"ids": list(ids), "fields": list(names)})
