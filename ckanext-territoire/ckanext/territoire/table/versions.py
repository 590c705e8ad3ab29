"""The states that the rows of a file have had: kept as the load leaves them, told on the history of
their dataset. The last `KEPT` of each file; a state that was private then stays so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire import files

KEPT = 20
ADD = sa.text("""
    INSERT INTO territoire_table_version (resource_id, dataset_id, sha256, file_name, size,
                                          row_count, told)
    SELECT :resource, :dataset, :sha256, :name, :size, :rows, cast(:told AS jsonb)
     WHERE :sha256 IS DISTINCT FROM (SELECT sha256 FROM territoire_table_version
                                      WHERE resource_id = :resource ORDER BY id DESC LIMIT 1)
""")
FORGET = sa.text("""
    DELETE FROM territoire_table_version
     WHERE resource_id = :resource
       AND id <= (SELECT id FROM territoire_table_version WHERE resource_id = :resource
                   ORDER BY id DESC OFFSET :kept LIMIT 1)
""")
COLUMNS = "id, resource_id, dataset_id, at, sha256, file_name, size, row_count, told, hidden_at"
HIDE = sa.text("""
    UPDATE territoire_table_version
       SET hidden_at = timezone('utc', now()), hidden_by = :by, told = told - 'examples'
     WHERE sha256 = :sha256 AND dataset_id = :dataset AND hidden_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the rows of a file (UTC). `told`: what changed, see `difference.compare`, with
    `way` (how it came) and `is_private` (what its dataset was then)."""

    id: int
    resource_id: str
    dataset_id: str
    at: datetime
    sha256: str
    file_name: str
    size: int
    row_count: int
    told: Mapping[str, Any]
    hidden_at: datetime | None

    @property
    def is_kept(self) -> bool:
        """Say whether its file can still be served."""
        return self.hidden_at is None and files.path_of(self.sha256).is_file()


def add(resource: Any, sha256: str, row_count: int, told: Mapping[str, Any]) -> None:
    """Remember the state that is being loaded, in the caller's transaction; the same file again is
    no new state. `resource` is a `model.Resource`."""
    last = str(resource.url or "").split("?")[0].rsplit("/", 1)[-1]
    values = {
        "resource": resource.id,
        "dataset": resource.package_id,
        "sha256": sha256,
        "name": last if "." in last and len(last) < 120 else f"{resource.id}.csv",
        "size": files.path_of(sha256).stat().st_size,
        "rows": row_count,
        "told": json.dumps({**told, "is_private": bool(resource.package.private)}),
    }
    model.Session.execute(ADD, values)
    model.Session.execute(FORGET, {"resource": resource.id, "kept": KEPT})


def of_dataset(dataset_id: str) -> list[Version]:
    """Read the states of the files of a dataset, newest first."""
    query = sa.text(f"""SELECT {COLUMNS} FROM territoire_table_version
                         WHERE dataset_id = :id ORDER BY id DESC""")
    rows = model.Session.execute(query, {"id": dataset_id}).mappings()
    return [Version(**row) for row in rows]


def hide(version: Version, by: str) -> None:
    """Take the file of a state, and its examples, out of the public history. Commits."""
    values = {"sha256": version.sha256, "dataset": version.dataset_id, "by": by}
    model.Session.execute(HIDE, values)
    model.Session.commit()


def forget(resource_ids: list[str]) -> None:
    """Drop the states of resources that are gone; in the caller's transaction."""
    query = sa.text("DELETE FROM territoire_table_version WHERE resource_id = ANY(:ids)")
    model.Session.execute(query, {"ids": resource_ids})
