"""Keep and read reuses with their pictures and the datasets they stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.community import store
from ckanext.territoire.community.model import Contribution, Facts, NewContribution, Writer
from ckanext.territoire.picture import Picture

# what is shown of a dataset that a contribution names: nothing unless it is public
DATA = """
    (SELECT coalesce(json_agg(json_build_object('name', p.name, 'title', coalesce(
                     nullif(p.title, ''), p.name)) ORDER BY p.title, p.name), '[]')
       FROM {link} d JOIN package p ON p.id = d.dataset_id
        AND p.state = 'active' AND NOT p.private AND p.type = 'dataset'
      WHERE d.{key} = {of}) AS data
"""
REUSE = f"""
    {store.COLUMNS}, r.slug, r.type, r.theme, r.insee, r.alt, r.link_asked_at, r.link_failures,
    r.link_fault, l.version, l.width, l.height, s.version AS small_version, s.width AS small_width,
    s.height AS small_height,
    {DATA.format(link="territoire_contribution_data", key="contribution_id", of="c.id")}
"""
FROM = """
      FROM territoire_contribution c
      JOIN territoire_reuse r ON r.contribution_id = c.id
      LEFT JOIN territoire_picture l ON l.contribution_id = c.id AND l.size = 'large'
      LEFT JOIN territoire_picture s ON s.contribution_id = c.id AND s.size = 'small'
"""
LISTED = f"""
    SELECT {REUSE}, count(*) OVER () AS whole {FROM}
     WHERE c.state = 'accepted' AND (:type = '' OR r.type = :type)
       AND (:theme = '' OR r.theme = :theme) AND (:insee = '' OR r.insee IN (:insee, ''))
       AND (:challenge = '' OR c.challenge_id::text = :challenge)
       AND (:dataset = '' OR EXISTS (SELECT 1 FROM territoire_contribution_data d
                                      WHERE d.contribution_id = c.id AND d.dataset_id = :dataset))
     ORDER BY (:insee <> '' AND r.insee = :insee) DESC, c.decided_at DESC, c.id
     LIMIT :limit OFFSET :offset
"""
ADD = sa.text("""
    INSERT INTO territoire_reuse (contribution_id, slug, type, theme, insee, alt)
    VALUES (cast(:id AS uuid), :slug, :type, :theme, :insee, :alt) ON CONFLICT (slug) DO NOTHING
""")
AMEND = sa.text("""
    UPDATE territoire_reuse
       SET type = :type, theme = :theme, insee = :insee, alt = :alt, link_asked_at = NULL,
           link_failures = 0, link_fault = ''
     WHERE contribution_id = cast(:id AS uuid)
""")
SET_PICTURE = sa.text("""
    INSERT INTO territoire_picture (contribution_id, size, version, width, height, content)
    VALUES (cast(:id AS uuid), :size, :version, :width, :height, :content)
    ON CONFLICT (contribution_id, size) DO UPDATE
       SET version = excluded.version, width = excluded.width, height = excluded.height,
           content = excluded.content
""")
Pictures = Mapping[str, Picture]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as pages show it: its address holds its version."""

    version: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Reuse:
    """A reuse. `data` are the public datasets it stands on: name and title."""

    contribution: Contribution
    slug: str
    facts: Facts
    large: Shown | None
    small: Shown | None
    data: tuple[tuple[str, str], ...]
    link_asked_at: datetime | None
    link_failures: int
    link_fault: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accepted reuses are asked for; `""` is any. `insee` also takes those of everywhere."""

    type: str = ""
    theme: str = ""
    insee: str = ""
    dataset: str = ""
    challenge: str = ""
    limit: int = 24
    offset: int = 0


def keep(new: NewContribution, writer: Writer, facts: Facts, slug: str, pictures: Pictures) -> str:
    """Keep a reuse with its pictures, whole or not at all; answer its id."""
    with model.meta.engine.begin() as connection:
        made = store.add(connection, new, writer)
        values = {"id": made} | _values(facts)
        if not connection.execute(ADD, values | {"slug": slug}).rowcount:  # the address is taken
            connection.execute(ADD, values | {"slug": f"{slug}-{made[:8]}"})
        _set_pictures(connection, made, pictures)
    return made


def amend(contribution_id: str, new: NewContribution, facts: Facts, pictures: Pictures) -> bool:
    """Write a reuse anew; without pictures, those it has stay. `False` when it is over."""
    with model.meta.engine.begin() as connection:
        if not store.amend(connection, contribution_id, new):
            return False
        connection.execute(AMEND, {"id": contribution_id} | _values(facts))
        _set_pictures(connection, contribution_id, pictures)
    return True


def listed(wanted: Wanted) -> tuple[list[Reuse], int]:
    """Read accepted reuses, the newest first, and how many there are in all."""
    values = {name: getattr(wanted, name) for name in Wanted.__slots__}
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(LISTED), values).mappings().all()
    return [to_reuse(row) for row in rows], int(rows[0]["whole"]) if rows else 0


def load(slug: str) -> Reuse | None:
    """Read a reuse by its address, whatever its state."""
    found = _read("r.slug = :value", {"value": slug})
    return found[0] if found else None


def load_by_id(contribution_id: str) -> Reuse | None:
    """Read a reuse by the id of its contribution."""
    found = _read("c.id::text = :value", {"value": contribution_id})
    return found[0] if found else None


def of_ids(ids: Sequence[str]) -> Mapping[str, Reuse]:
    """Read these reuses, by id."""
    found = _read("c.id::text = ANY(:value)", {"value": list(ids)}) if ids else []
    return {each.contribution.id: each for each in found}


def dead_links(failures: int) -> list[Reuse]:
    """Read the accepted reuses whose address has failed so often."""
    return _read("c.state = 'accepted' AND r.link_failures >= :value", {"value": failures})


def picture(slug: str, size: str) -> tuple[bytes, str, bool] | None:
    """Read a picture, its version, and whether everybody may see it."""
    query = sa.text("""
        SELECT p.content, p.version, c.state = 'accepted' AS is_public
          FROM territoire_reuse r JOIN territoire_contribution c ON c.id = r.contribution_id
          JOIN territoire_picture p ON p.contribution_id = c.id
         WHERE r.slug = :slug AND p.size = :size
    """)
    with model.meta.engine.connect() as connection:
        row = connection.execute(query, {"slug": slug, "size": size}).first()
    return (bytes(row.content), row.version, row.is_public) if row else None


def to_reuse(row: Mapping[Any, Any]) -> Reuse:
    """Convert a row of the queries above."""
    names = Contribution.__slots__
    return Reuse(
        store.to_contribution({name: row[name] for name in names}),
        row["slug"],
        Facts(row["type"], row["theme"], row["insee"], row["alt"]),
        _shown(row, ""),
        _shown(row, "small_"),
        tuple((each["name"], each["title"]) for each in row["data"]),
        row["link_asked_at"],
        row["link_failures"],
        row["link_fault"],
    )


def _shown(row: Mapping[Any, Any], prefix: str) -> Shown | None:
    told = [row[f"{prefix}{name}"] for name in Shown.__slots__]
    return Shown(*told) if told[0] else None


def _values(facts: Facts) -> dict[str, str]:
    return {name: getattr(facts, name) for name in Facts.__slots__}


def _set_pictures(connection: Any, contribution_id: str, pictures: Pictures) -> None:
    for size, each in pictures.items():
        version = hashlib.sha256(each.content).hexdigest()[:16]
        connection.execute(SET_PICTURE, {
            "id": contribution_id, "size": size, "version": version, "width": each.width,
            "height": each.height, "content": each.content,
        })  # fmt: skip


def _read(condition: str, values: Mapping[str, Any]) -> list[Reuse]:
    query = f"SELECT {REUSE} {FROM} WHERE {condition} ORDER BY c.changed_at DESC"
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), dict(values)).mappings().all()
    return [to_reuse(row) for row in rows]
