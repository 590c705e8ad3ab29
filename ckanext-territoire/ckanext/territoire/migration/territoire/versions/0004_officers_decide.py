"""What officers decide of a harvest: versions of datasets, corrections, moderation."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UPGRADE = """
-- What an officer does not want of this record: a content by its hash, or its absence (empty).
-- The record stays as it is here until the source says something else, or the officer releases it.
ALTER TABLE territoire_source_record ADD COLUMN frozen_hash bytea;

-- A run may be a preview, and may be rolled back.
ALTER TABLE territoire_run DROP CONSTRAINT territoire_run_state_check;
ALTER TABLE territoire_run ADD CONSTRAINT territoire_run_state_check CHECK (state IN
    ('running', 'finished', 'held', 'accepted', 'refused', 'failed', 'interrupted', 'preview',
     'rolled_back'));

-- What a run did to each dataset, or would do (planned). before: the rows that stood before an
-- update, zlib of JSON. details: what changed, as harvesters.diff tells it.
CREATE TABLE territoire_change (
    id         bigserial PRIMARY KEY,
    job_id     text NOT NULL,
    source_id  text NOT NULL,
    dataset_id text NOT NULL,
    remote_id  text NOT NULL,
    action     text NOT NULL,
    title      text NOT NULL DEFAULT '',
    details    jsonb NOT NULL DEFAULT '[]',
    hash       bytea NOT NULL DEFAULT '',
    before     bytea,
    state      text NOT NULL CHECK (state IN ('planned', 'done', 'undone')),
    written_at timestamp NOT NULL,
    undone_at  timestamp
);
CREATE INDEX territoire_change_job ON territoire_change (job_id, id);
CREATE INDEX territoire_change_source ON territoire_change (source_id, written_at);
CREATE INDEX territoire_change_dataset ON territoire_change (dataset_id);

-- Datasets that wait for an officer to read them: a new one is private until then; of an update,
-- the rows wait here (zlib of JSON).
CREATE TABLE territoire_review (
    dataset_id text PRIMARY KEY,
    source_id  text NOT NULL,
    remote_id  text NOT NULL,
    title      text NOT NULL DEFAULT '',
    kind       text NOT NULL CHECK (kind IN ('new', 'update')),
    details    jsonb NOT NULL DEFAULT '[]',
    content    bytea,
    since      timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);
CREATE INDEX territoire_review_source ON territoire_review (source_id);

-- How a source is harvested, by source or by organisation: the source's own rule comes first.
CREATE TABLE territoire_harvest_rule (
    owner_id   text PRIMARY KEY,
    review     text NOT NULL DEFAULT '' CHECK (review IN ('', 'at_once', 'first')),
    grace_days real
);

-- Fields that an officer has corrected. said: what the source said then; says: what it says now,
-- when it has changed that field since and a choice waits.
CREATE TABLE territoire_overlay (
    dataset_id   text NOT NULL,
    field        text NOT NULL,
    correction   text NOT NULL,
    said         text NOT NULL,
    says         text,
    corrected_by text NOT NULL,
    corrected_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    PRIMARY KEY (dataset_id, field)
);

-- What was decided of a source; rows are only added.
CREATE TABLE territoire_source_decision (
    id         bigserial PRIMARY KEY,
    source_id  text NOT NULL,
    job_id     text NOT NULL DEFAULT '',
    kind       text NOT NULL,
    facts      jsonb NOT NULL DEFAULT '{}',
    decided_by text NOT NULL,
    decided_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);
CREATE INDEX territoire_source_decision_source ON territoire_source_decision (source_id, id);
"""

TABLES = ("source_decision", "overlay", "harvest_rule", "review", "change")
DOWNGRADE = """
ALTER TABLE territoire_source_record DROP COLUMN IF EXISTS frozen_hash;
UPDATE territoire_run SET state = 'finished' WHERE state = 'rolled_back';
DELETE FROM territoire_run WHERE state = 'preview';
ALTER TABLE territoire_run DROP CONSTRAINT IF EXISTS territoire_run_state_check;
ALTER TABLE territoire_run ADD CONSTRAINT territoire_run_state_check CHECK (state IN
    ('running', 'finished', 'held', 'accepted', 'refused', 'failed', 'interrupted'));
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
    op.execute(DOWNGRADE)
