"""The tables of the platform: harvest state, search outbox, territory, tables, live values."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UPGRADE = """
-- What each source has published here. The engine compares a run with these rows. content_hash is
-- 16 bytes of the mapped dataset, then 16 of the record as received (none: map it at each run).
CREATE TABLE territoire_source_record (
    source_id    text NOT NULL,
    remote_id    text NOT NULL,
    dataset_id   text NOT NULL,
    content_hash bytea NOT NULL,
    first_url    text NOT NULL DEFAULT '',
    fingerprint  text NOT NULL DEFAULT '',
    upstream_uri text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'missing', 'retired')),
    missing_since timestamp,
    changed_at   timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    PRIMARY KEY (source_id, remote_id)
);
CREATE UNIQUE INDEX territoire_source_record_dataset ON territoire_source_record (dataset_id);
CREATE INDEX territoire_source_record_upstream ON territoire_source_record (upstream_uri)
    WHERE upstream_uri <> '';

-- One row a run; job_id is ckanext-harvest's harvest_job.id.
CREATE TABLE territoire_run (
    job_id      text PRIMARY KEY,
    source_id   text NOT NULL,
    state       text NOT NULL CHECK (state IN
                ('running', 'finished', 'held', 'accepted', 'refused', 'failed', 'interrupted')),
    started_at  timestamp NOT NULL,
    finished_at timestamp,
    progress    jsonb NOT NULL DEFAULT '{}',
    report      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX territoire_run_source ON territoire_run (source_id, started_at DESC);

-- Secrets of sources: never in a place the API shows.
CREATE TABLE territoire_source_secret (
    source_id text NOT NULL,
    name      text NOT NULL,
    value     text NOT NULL,
    PRIMARY KEY (source_id, name)
);

-- Datasets whose search document is late. Written in the transaction of the dataset.
CREATE TABLE territoire_index_outbox (
    dataset_id text PRIMARY KEY,
    queued_at  timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);

-- Former names and ids of datasets, redirected to the dataset of today.
CREATE TABLE territoire_old_address (
    old_name   text PRIMARY KEY,
    dataset_id text NOT NULL
);

-- Public facts on communes: outline (WGS 84) and town hall.
CREATE TABLE territoire_commune (
    insee       text PRIMARY KEY,
    name        text NOT NULL,
    outline     geometry(Geometry, 4326),
    town_hall   jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX territoire_commune_outline ON territoire_commune USING gist (outline);

-- Dated membership of communes in the EPCI; a merger closes rows and names the heir.
CREATE TABLE territoire_membership (
    insee      text NOT NULL,
    epci_siren text NOT NULL,
    since      date NOT NULL,
    until      date,
    heir_insee text,
    PRIMARY KEY (insee, epci_siren, since)
);

-- What was understood of each tabular resource, and where its file is kept (sha256).
CREATE TABLE territoire_table (
    resource_id text PRIMARY KEY,
    dataset_id  text NOT NULL,
    source_url  text NOT NULL DEFAULT '',
    sha256      text NOT NULL DEFAULT '',
    state       text NOT NULL CHECK (state IN ('waiting', 'loaded', 'failed')),
    row_count   bigint,
    reading     jsonb NOT NULL DEFAULT '{}',
    issues      jsonb NOT NULL DEFAULT '[]',
    checked_at  timestamp,
    loaded_at   timestamp
);
CREATE INDEX territoire_table_waiting ON territoire_table (state) WHERE state = 'waiting';

-- Series of sensors and their observations, partitioned by month.
CREATE TABLE territoire_series (
    id         bigserial PRIMARY KEY,
    source_id  text NOT NULL,
    remote_id  text NOT NULL,
    dataset_id text,
    name       text NOT NULL DEFAULT '',
    unit       text NOT NULL DEFAULT '',
    property   text NOT NULL DEFAULT '',
    longitude  double precision,
    latitude   double precision,
    UNIQUE (source_id, remote_id)
);
CREATE INDEX territoire_series_dataset ON territoire_series (dataset_id);
CREATE TABLE territoire_observation (
    series_id bigint NOT NULL,
    time      timestamptz NOT NULL,
    value     double precision,
    text      text NOT NULL DEFAULT '',
    PRIMARY KEY (series_id, time)
) PARTITION BY RANGE (time);
"""

TABLES = (
    "observation", "series", "table", "membership", "commune", "old_address",
    "index_outbox", "source_secret", "run", "source_record",
)  # fmt: skip


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
