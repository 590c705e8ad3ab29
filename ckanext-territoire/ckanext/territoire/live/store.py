"""Series and observations: bulk, idempotent by (series, time), in monthly partitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.live.values import RECENT, LastValue, StoredValue, late_after
from harvesters.ports import Live

SERIES = text("""
    INSERT INTO territoire_series
        (source_id, remote_id, dataset_id, name, unit, property, longitude, latitude)
    SELECT :source, s.id, r.dataset_id, s.name, s.unit, s.property, s.longitude, s.latitude
      FROM unnest(cast(:ids AS text[]), cast(:records AS text[]), cast(:names AS text[]),
                  cast(:units AS text[]), cast(:properties AS text[]),
                  cast(:longitudes AS float8[]), cast(:latitudes AS float8[]))
           AS s (id, record, name, unit, property, longitude, latitude)
      JOIN territoire_source_record r ON r.source_id = :source AND r.remote_id = s.record
    ON CONFLICT (source_id, remote_id) DO UPDATE
       SET dataset_id = excluded.dataset_id, name = excluded.name, unit = excluded.unit,
           property = excluded.property, longitude = excluded.longitude,
           latitude = excluded.latitude
     WHERE (territoire_series.dataset_id, territoire_series.name, territoire_series.unit,
            territoire_series.longitude, territoire_series.latitude)
           IS DISTINCT FROM (excluded.dataset_id, excluded.name, excluded.unit,
                             excluded.longitude, excluded.latitude)
""")
OBSERVATIONS = text("""
    INSERT INTO territoire_observation (series_id, time, value, text)
    SELECT DISTINCT ON (s.id, o.time) s.id, o.time, o.value, o.text
      FROM unnest(cast(:ids AS text[]), cast(:times AS timestamptz[]), cast(:values AS float8[]),
                  cast(:texts AS text[])) AS o (id, time, value, text)
      JOIN territoire_series s ON s.source_id = :source AND s.remote_id = o.id
    ON CONFLICT (series_id, time) DO UPDATE SET value = excluded.value, text = excluded.text
     WHERE territoire_observation.value IS DISTINCT FROM excluded.value
        OR territoire_observation.text <> excluded.text
""")


def store_live(source_id: str, live: Mapping[str, Live]) -> int:
    """Store the series and last values of a source, in a fixed number of statements. Commits.

    `live` is by remote id of the dataset. A value whose time is unreadable or in a far future is
    left out. Answers how many values were new or changed.
    """
    series = [(record, each) for record, values in live.items() for each in values.series]
    seen = [value for values in live.values() for value in values.observations]
    times = {value.time: _moment(value.time) for value in seen}
    seen = [value for value in seen if times[value.time]]
    columns: dict[str, Any] = {
        "source": source_id,
        "ids": [each.id for _, each in series],
        "records": [record for record, _ in series],
        "names": [each.name for _, each in series],
        "units": [each.unit for _, each in series],
        "properties": [each.property for _, each in series],
        "longitudes": [each.longitude for _, each in series],
        "latitudes": [each.latitude for _, each in series],
    }
    model.Session.execute(SERIES, columns)
    _make_partitions({moment for moment in times.values() if moment})
    done = model.Session.execute(
        OBSERVATIONS,
        {
            "source": source_id,
            "ids": [value.series for value in seen],
            "times": [times[value.time] for value in seen],
            "values": [value.value for value in seen],
            "texts": [value.text for value in seen],
        },
    )
    model.Session.commit()
    return int(done.rowcount)


def _moment(time: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(time)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if 1970 <= found.year <= datetime.now(UTC).year + 1 else None


def _make_partitions(moments: set[datetime]) -> None:
    """Make the monthly partitions that are absent; one process at a time makes any."""
    months = {(m.astimezone(UTC).year, m.astimezone(UTC).month) for m in moments}
    absent = [month for month in sorted(months) if not _has_partition(*month)]
    if absent:
        key = {"key": "territoire:observation"}
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        model.Session.execute(lock, key)
    for year, month in absent:
        following = (year + month // 12, month % 12 + 1)
        model.Session.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS territoire_observation_{year}_{month:02d} "
                f"PARTITION OF territoire_observation FOR VALUES FROM "
                f"('{year}-{month:02d}-01T00:00:00Z') TO "
                f"('{following[0]}-{following[1]:02d}-01T00:00:00Z')"
            )
        )


def _has_partition(year: int, month: int) -> bool:
    name = {"name": f"territoire_observation_{year}_{month:02d}"}
    query = text("SELECT to_regclass(:name) IS NOT NULL")
    return bool(model.Session.execute(query, name).scalar())


LAST = text("""
    SELECT s.id, s.name, s.unit, s.property, s.longitude, s.latitude,
           o.times[1] AS time, o.values[1] AS value, o.texts[1] AS text, o.times
      FROM territoire_series s LEFT JOIN LATERAL (
           SELECT array_agg(time ORDER BY time DESC) AS times,
                  array_agg(value ORDER BY time DESC) AS values,
                  array_agg(text ORDER BY time DESC) AS texts
             FROM (SELECT time, value, text FROM territoire_observation
                    WHERE series_id = s.id ORDER BY time DESC LIMIT :recent) recent) o ON true
     WHERE s.dataset_id = :id ORDER BY s.name, s.property, s.id
""")


def last_values(dataset_id: str) -> list[LastValue]:
    """Read the series of a dataset with their last value, in one statement."""
    rows = model.Session.execute(LAST, {"id": dataset_id, "recent": RECENT})
    return [
        LastValue(
            row.id, row.name, row.property, row.unit, row.longitude, row.latitude,
            row.time, row.value, row.text or "", late_after(row.times or []),
        )
        for row in rows
    ]  # fmt: skip


def dataset_of(series_id: int) -> str | None:
    """Say to which dataset a series belongs."""
    query = text("SELECT dataset_id FROM territoire_series WHERE id = :id")
    found = model.Session.execute(query, {"id": series_id}).scalar()
    return str(found) if found else None


def observations(
    series_id: int, since: datetime | None, until: datetime | None, limit: int
) -> list[StoredValue]:
    """Read the values of a series from `since` and before `until`, newest first."""
    query = text("""
        SELECT time, value, text FROM territoire_observation
         WHERE series_id = :id AND (cast(:since AS timestamptz) IS NULL OR time >= :since)
           AND (cast(:until AS timestamptz) IS NULL OR time < :until)
         ORDER BY time DESC LIMIT :limit
    """)
    values = {"id": series_id, "since": since, "until": until, "limit": limit}
    rows = model.Session.execute(query, values)
    return [StoredValue(row.time, row.value, row.text) for row in rows]
