"""Put the good rows of one delivery into the merged table: all of them or none.

The rows are compared with those of the same feed: only what differs is written, and carries the
number of this change (`_cursor`), from which the delta feed is read. A row that is now refused
keeps its former state. Rows with the same key from several feeds are all kept; one is preferred,
the others say why not. All statements are of the size of the delivery, none of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ckanext.territoire.delivery import table_of
from ckanext.territoire.delivery.columns import own_names, quoted, typed
from ckanext.territoire.table.datastore import words_of
from schemas.model import Schema


@dataclass(frozen=True, slots=True)
class Staged:
    """Good rows as a CSV for `COPY`: the columns of the schema, then key, INSEE code, longitude,
    latitude, out of the territory, line. `refused` is a CSV of the keys of the rows set aside."""

    schema: Schema
    rows: Path
    refused: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows go: the table of the theme, the feed that brings them, its dataset."""

    slug: str
    resource_id: str
    feed_id: str
    delivery_id: str
    dataset_id: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a delivery changes among the rows of its feed. `kept` rows are refused now and stay
    as they were."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0
    kept: int = 0

    @property
    def before(self) -> int:
        """How many rows the feed had."""
        return self.changed + self.removed + self.same + self.kept

    @property
    def is_empty(self) -> bool:
        """Say whether nothing would be written."""
        return not (self.added or self.changed or self.removed)


COMPARE = """
    SELECT count(*) FILTER (WHERE m._key IS NULL),
           count(*) FILTER (WHERE r._key IS NOT NULL AND m._mark <> r._mark),
           count(*) FILTER (WHERE r._key IS NULL AND NOT m.is_kept),
           count(*) FILTER (WHERE r._key IS NOT NULL AND m._mark = r._mark),
           count(*) FILTER (WHERE r._key IS NULL AND m.is_kept)
      FROM (SELECT _key, _mark, EXISTS (SELECT 1 FROM refused WHERE refused._key = t._key)
                   AS is_kept FROM {table} t WHERE _feed = %(feed)s) m
      FULL JOIN received r USING (_key)
"""
REMOVE = """
    WITH gone AS (
        DELETE FROM {table} m WHERE _feed = %(feed)s
           AND NOT EXISTS (SELECT 1 FROM received r WHERE r._key = m._key)
           AND NOT EXISTS (SELECT 1 FROM refused b WHERE b._key = m._key)
        RETURNING _key)
    INSERT INTO touched SELECT _key FROM gone
"""
CHANGE = """
    WITH new AS (
        UPDATE {table} m SET ({names}) = ROW({values}), _full_text = to_tsvector({words}),
               territoire_commune = r._insee, territoire_commune_nom = {commune},
               territoire_jeu = %(dataset)s, territoire_ressource = %(source)s,
               territoire_livraison = %(delivery)s, territoire_ligne = r._line,
               territoire_maj = now(), territoire_hors_epci = r._is_out,
               _mark = r._mark, _cursor = %(cursor)s, _geom = {geom}
          FROM received r WHERE m._feed = %(feed)s AND m._key = r._key AND m._mark <> r._mark
        RETURNING m._key)
    INSERT INTO touched SELECT _key FROM new
"""
ADD = """
    WITH new AS (
        INSERT INTO {table} ({names}, _full_text, territoire_commune, territoire_commune_nom,
               territoire_jeu, territoire_ressource, territoire_livraison, territoire_ligne,
               territoire_maj, territoire_hors_epci, _key, _mark, _feed, _cursor, _added, _geom)
        SELECT {values}, to_tsvector({words}), r._insee, {commune}, %(dataset)s, %(source)s,
               %(delivery)s, r._line, now(), r._is_out, r._key, r._mark, %(feed)s, %(cursor)s,
               %(cursor)s, {geom}
          FROM received r
         WHERE NOT EXISTS (SELECT 1 FROM {table} m WHERE m._feed = %(feed)s AND m._key = r._key)
         ORDER BY r._line
        RETURNING _key)
    INSERT INTO touched SELECT _key FROM new
"""
# the preferred row of a key: of the commune where it stands, then the newest, then by feed
PREFER = """
    WITH several AS (
        SELECT m._id, m.territoire_doublon, (f.insee <> '' AND f.insee = m.territoire_commune)
               AS is_own, first_value(m._id) OVER best AS best,
               first_value(f.insee <> '' AND f.insee = m.territoire_commune) OVER best AS by_place
          FROM {table} m JOIN territoire.feed f ON f.id = m._feed
         WHERE m._key IN (SELECT _key FROM touched)
        WINDOW best AS (PARTITION BY m._key ORDER BY
               (f.insee <> '' AND f.insee = m.territoire_commune) DESC,
               m.territoire_maj DESC, m._feed)),
    told AS (
        SELECT _id, CASE WHEN _id = best THEN NULL WHEN by_place AND NOT is_own
                    THEN %(by_place)s ELSE %(by_date)s END AS rule FROM several)
    UPDATE {table} m SET territoire_doublon = told.rule, _cursor = %(cursor)s
      FROM told WHERE told._id = m._id AND m.territoire_doublon IS DISTINCT FROM told.rule
"""
FORGET = """
    INSERT INTO territoire.gone (slug, row_key, cursor)
    SELECT DISTINCT %(slug)s, _key, %(cursor)s::bigint FROM touched t
     WHERE NOT EXISTS (SELECT 1 FROM {table} m WHERE m._key = t._key)
    ON CONFLICT (slug, row_key) DO UPDATE SET cursor = excluded.cursor, gone_at = now()
"""
REMEMBER = """
    DELETE FROM territoire.gone g USING touched t
     WHERE g.slug = %(slug)s AND g.row_key = t._key
       AND EXISTS (SELECT 1 FROM {table} m WHERE m._key = t._key)
"""
BY_PLACE = "la ligne livrée par la commune du lieu est préférée"
BY_DATE = "une ligne de même identifiant, livrée plus récemment, est préférée"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('territoire:merged:' || %s, 0))"
MANY = 5_000


def lock(cursor: Any, slug: str) -> None:
    """Wait for the delivery that is writing this theme; held until the transaction ends."""
    cursor.execute("SET LOCAL lock_timeout = '120s'")
    cursor.execute(LOCK, (slug,))


def stage(cursor: Any, staged: Staged) -> int:
    """Copy the good rows into `received`, a table of this transaction; answer how many."""
    own = own_names(staged.schema)
    extra = "_key text, _insee text, _x float8, _y float8, _is_out bool, _line bigint"
    cursor.execute(f"CREATE TEMP TABLE received ({typed(staged.schema)}, {extra}) ON COMMIT DROP")
    cursor.execute("CREATE TEMP TABLE refused (_key text) ON COMMIT DROP")
    cursor.execute("CREATE TEMP TABLE touched (_key text) ON COMMIT DROP")
    for name, path in (("received", staged.rows), ("refused", staged.refused)):
        with path.open("rb") as rows:
            cursor.copy_expert(f"COPY {name} FROM STDIN (FORMAT csv)", rows)
    cursor.execute(
        "ALTER TABLE received ADD COLUMN _mark text; "
        f"UPDATE received SET _mark = md5(ROW({', '.join(own)}, _insee, _is_out)::text)"
    )
    count = int(cursor.rowcount)
    cursor.execute("CREATE INDEX ON received (_key); CREATE INDEX ON refused (_key)")
    cursor.execute("ANALYZE received; ANALYZE refused")
    return count


def let_go(cursor: Any, place: Place, undone_id: str) -> None:
    """Let rows leave that only the delivery which is taken back had brought, refused or not."""
    cursor.execute(
        f"DELETE FROM refused USING {quoted(place.resource_id)} m WHERE m._key = refused._key "
        "AND m._feed = %s AND m.territoire_livraison = %s",
        (place.feed_id, undone_id),
    )


def compare(cursor: Any, resource_id: str, feed_id: str) -> Difference:
    """Count what the staged rows would change; writes nothing."""
    cursor.execute(COMPARE.format(table=quoted(resource_id)), {"feed": feed_id})
    return Difference(*map(int, cursor.fetchone()))


def write(cursor: Any, staged: Staged, place: Place, names: Mapping[str, str]) -> Difference:
    """Make the rows of the feed those that are staged; `names` gives the name of a commune.

    The caller has taken the lock and staged the rows in the same transaction.
    """
    difference = compare(cursor, place.resource_id, place.feed_id)
    if difference.is_empty:
        return difference
    values = _values(cursor, place, names)
    is_first = _is_first(cursor, place) and difference.added > MANY
    if is_first:
        table_of.drop_indexes(cursor, place.resource_id)
    parts = parts_of(staged.schema, place.resource_id)
    for statement in (REMOVE, CHANGE, ADD):
        cursor.execute(statement.format(**parts), values)
    if is_first:
        table_of.make_indexes(cursor, place.resource_id)
        cursor.execute(REMEMBER.format(**parts), values)
    else:
        cursor.execute("ANALYZE touched")
        _settle(cursor, place, values)
    _count(cursor, place.resource_id)
    return difference


def remove_feed(cursor: Any, place: Place) -> int:
    """Take out every row of a feed; the caller holds the lock."""
    values = _values(cursor, place, {})
    cursor.execute("CREATE TEMP TABLE touched (_key text) ON COMMIT DROP")
    table = quoted(place.resource_id)
    cursor.execute(
        f"WITH gone AS (DELETE FROM {table} WHERE _feed = %(feed)s RETURNING _key) "
        "INSERT INTO touched SELECT _key FROM gone",
        values,
    )
    count = int(cursor.rowcount)
    _settle(cursor, place, values)
    _count(cursor, place.resource_id)
    return count


def _settle(cursor: Any, place: Place, values: dict[str, Any]) -> None:
    """Choose among rows of the same key, and keep the list of the keys that are gone."""
    for statement in (PREFER, FORGET, REMEMBER):
        cursor.execute(statement.format(table=quoted(place.resource_id)), values)


def add_rows(
    cursor: Any, schema: Schema, place: Place, told: tuple[int, Mapping[str, str]]
) -> None:
    """Put the staged rows into a table that has none of them, under a number of change and with
    the names of the communes; the table is none of the territory."""
    number, names = told
    parts = parts_of(schema, place.resource_id)
    cursor.execute(ADD.format(**parts), _told(place, number, names))
    _count(cursor, place.resource_id)


def _values(cursor: Any, place: Place, names: Mapping[str, str]) -> dict[str, Any]:
    cursor.execute(
        "UPDATE territoire.merged SET cursor = cursor + 1, changed_at = now() "
        "WHERE slug = %s RETURNING cursor",
        (place.slug,),
    )
    return _told(place, cursor.fetchone()[0], names)


def _told(place: Place, number: int, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "slug": place.slug,
        "feed": place.feed_id,
        "delivery": place.delivery_id,
        "dataset": place.dataset_id,
        "source": place.source_id,
        "cursor": number,
        "communes": orjson.dumps(dict(names)).decode(),
        "by_place": BY_PLACE,
        "by_date": BY_DATE,
    }


def parts_of(schema: Schema, resource_id: str) -> dict[str, str]:
    """The names and values that the statements on a table are written with."""
    own = own_names(schema)
    return {
        "table": quoted(resource_id),
        "names": ", ".join(own),
        "values": ", ".join(f"r.{name}" for name in own),
        "words": words_of([f"r.{name}" for name in own]),
        "commune": "(%(communes)s::jsonb ->> r._insee)",
        "geom": _geom(schema),
    }


def _geom(schema: Schema) -> str:
    point = "ST_SetSRID(ST_MakePoint(r._x, r._y), 4326)"
    if schema.position and schema.position.geojson:
        shape = f"r.{quoted(schema.position.geojson)}"
        return f"coalesce(ST_SetSRID(ST_GeomFromGeoJSON({shape}), 4326), {point})"
    return point


def _is_first(cursor: Any, place: Place) -> bool:
    cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {quoted(place.resource_id)})")
    return bool(cursor.fetchone()[0])


def _count(cursor: Any, resource_id: str) -> None:
    """Keep the count that the DataStore answers, and the statistics of the planner."""
    cursor.execute(
        "INSERT INTO _table_stats SELECT %s, jsonb_build_object('rows', count(*)) "
        f"FROM {quoted(resource_id)} "
        "ON CONFLICT (resource_id) DO UPDATE SET stats = excluded.stats",
        (resource_id,),
    )
    cursor.execute(f"ANALYZE {quoted(resource_id)}")
