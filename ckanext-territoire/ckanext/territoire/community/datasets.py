"""The public datasets that contributions name: looked up by name, and searched for by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import publishers

FOUND = 12
NAMED = sa.text("""
    SELECT id, name, coalesce(nullif(title, ''), name) AS title, coalesce(owner_org, '') AS org_id
      FROM package
     WHERE (name = ANY(:asked) OR id = ANY(:asked))
       AND state = 'active' AND NOT private AND type = 'dataset'
     ORDER BY title, name
""")
# the datasets of a contribution or of a challenge become those that are given: `:id`, `:ids`
SET_DATA = """
    WITH gone AS (DELETE FROM {link} WHERE {key} = cast(:id AS uuid)
                                       AND NOT dataset_id = ANY(:ids))
    INSERT INTO {link} SELECT cast(:id AS uuid), unnest(cast(:ids AS text[]))
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public dataset: its id, address, title and organisation."""

    id: str
    name: str
    title: str
    org_id: str


def public_datasets(asked: Sequence[str]) -> tuple[Dataset, ...]:
    """Look public datasets up by name or id; those that are not, or are hidden, are left out."""
    if not asked:
        return ()
    with model.meta.engine.connect() as connection:
        rows = connection.execute(NAMED, {"asked": list(asked)}).all()
    return tuple(Dataset(row.id, row.name, row.title, row.org_id) for row in rows)


def search(words: str) -> list[tuple[str, str, str]]:
    """Search public datasets; answer name, title and organisation of the first ones."""
    asked = {
        "q": words[:200], "rows": FOUND, "fq": "dataset_type:dataset", "include_private": False
    }  # fmt: skip
    found = toolkit.get_action("package_search")({}, asked)["results"]
    return [
        (
            each["name"],
            each["title"] or each["name"],
            (each.get("organization") or {}).get("title", ""),
        )
        for each in found
    ]


def epci_id() -> str:
    """The organisation that reads what concerns the whole territory; `""` when there is none."""
    known = publishers.publishers().values()
    return next((each.id for each in known if each.kind == "epci"), "")
