"""What a table holds that examples can ask for: a point where a row is, a yes or no that is there.

One statement on the first rows of the table; a table that cannot be read has no sample.
"""

from __future__ import annotations

from psycopg2 import Error

from ckanext.territoire.api.columns import Kind, own_columns
from ckanext.territoire.api.examples import Sample
from ckanext.territoire.api.sql_text import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.merged import load_merged
from schemas.model import Schema

READ = 1_000  # rows
DIGITS = 4  # about ten metres


def sample_of(schema: Schema) -> Sample:
    """Read what the merged table of a schema holds."""
    merged = load_merged(schema.slug)
    truth = next((each for each in own_columns(schema) if each.kind is Kind.BOOLEAN), None)
    if merged is None:
        return Sample()
    column = quoted(truth.name) if truth else "NULL::boolean"
    query = f"""
        WITH some AS MATERIALIZED (
            SELECT _id, _geom, {column} AS truth FROM {quoted(merged.resource_id)}
             WHERE territoire_doublon IS NULL ORDER BY _id LIMIT {READ}
        ), place AS (
            SELECT ST_PointOnSurface(_geom) AS point FROM some
             WHERE _geom IS NOT NULL ORDER BY _id LIMIT 1
        )
        SELECT (SELECT bool_or(truth) FROM some) AS truth,
               (SELECT ST_X(point) FROM place) AS x, (SELECT ST_Y(point) FROM place) AS y
    """
    try:
        [row] = read(query)
    except Error:
        return Sample()
    near = f"{row['x']:.{DIGITS}f},{row['y']:.{DIGITS}f}" if row["x"] is not None else ""
    return Sample(near, "" if row["truth"] is None else str(row["truth"]).lower())
