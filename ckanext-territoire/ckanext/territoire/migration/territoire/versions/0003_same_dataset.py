"""One dataset that several sources carry: its known origins."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UPGRADE = """
-- A record that a source gives and that another source publishes: joined by its identity, or merged
-- by an officer. Its columns are those of territoire_source_record, and what the rule weighs.
CREATE TABLE territoire_origin (
    source_id    text NOT NULL,
    remote_id    text NOT NULL,
    dataset_id   text NOT NULL,
    content_hash bytea NOT NULL DEFAULT '',
    first_url    text NOT NULL DEFAULT '',
    fingerprint  text NOT NULL DEFAULT '',
    upstream_uri text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'missing', 'retired')),
    missing_since timestamp,
    changed_at   timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    stand        text NOT NULL CHECK (stand IN ('joined', 'merged')),
    title        text NOT NULL DEFAULT '',
    landing_page text NOT NULL DEFAULT '',
    modified     text NOT NULL DEFAULT '',
    completeness int NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, remote_id)
);
CREATE INDEX territoire_origin_dataset ON territoire_origin (dataset_id);

-- The files and the page of each harvested dataset, as keys (harvesters.same).
CREATE TABLE territoire_dataset_key (
    dataset_id text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('file', 'page')),
    key        bigint NOT NULL
);
CREATE INDEX territoire_dataset_key_dataset ON territoire_dataset_key (dataset_id);
CREATE INDEX territoire_dataset_key_key ON territoire_dataset_key (key, kind);

-- A dataset merged into another, whose record it was, and the old addresses that led to it.
CREATE TABLE territoire_merged_dataset (
    former_id  text PRIMARY KEY,
    dataset_id text NOT NULL,
    source_id  text NOT NULL,
    remote_id  text NOT NULL,
    addresses  text[] NOT NULL DEFAULT '{}'
);

-- Datasets judged different; likeness says why they looked the same then (empty: for good).
CREATE TABLE territoire_distinct (
    one        text NOT NULL,
    other      text NOT NULL CHECK (one < other),
    likeness   text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    decided_by text NOT NULL,
    decided_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    PRIMARY KEY (one, other)
);
CREATE INDEX territoire_distinct_other ON territoire_distinct (other);

-- The source that an officer chose to publish a dataset, over the rule.
CREATE TABLE territoire_origin_choice (
    dataset_id text PRIMARY KEY,
    source_id  text NOT NULL,
    chosen_by  text NOT NULL,
    chosen_at  timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);

-- What was done, by whom, why; rows are only added. An empty actor is a harvest.
CREATE TABLE territoire_same_event (
    id         bigserial PRIMARY KEY,
    happened_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    act        text NOT NULL CHECK (act IN
               ('join', 'take', 'hand_over', 'release', 'merge', 'separate', 'choose', 'distinct')),
    dataset_id text NOT NULL,
    source_id  text NOT NULL DEFAULT '',
    remote_id  text NOT NULL DEFAULT '',
    actor      text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    details    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX territoire_same_event_dataset ON territoire_same_event (dataset_id, id DESC);
"""

TABLES = (
    "same_event", "origin_choice", "distinct", "merged_dataset", "dataset_key", "origin",
)  # fmt: skip


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
