"""Decisions of the privacy gate, and the reliability of resources day by day."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = """
-- What was decided of a kind of personal data in a column; rows are only added. A decision stands
-- for its feed (territoire.feed of the DataStore) or its resource until another one comes.
CREATE TABLE territoire_privacy_decision (
    id          bigserial PRIMARY KEY,
    feed_id     text NOT NULL DEFAULT '',
    delivery_id text NOT NULL DEFAULT '',
    resource_id text NOT NULL DEFAULT '',
    owner_id    text NOT NULL DEFAULT '',
    table_title text NOT NULL DEFAULT '',
    kind        text NOT NULL,
    column_name text NOT NULL,
    decision    text NOT NULL CHECK (decision IN ('publish', 'withhold', 'mask')),
    reason      text NOT NULL,
    legal_basis text NOT NULL DEFAULT '',
    decided_by  text NOT NULL,
    decided_at  timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);
CREATE INDEX territoire_privacy_decision_feed ON territoire_privacy_decision (feed_id)
    WHERE feed_id <> '';
CREATE INDEX territoire_privacy_decision_resource ON territoire_privacy_decision (resource_id)
    WHERE resource_id <> '';

-- The reliability of a resource, or of a dataset under its own id, on a day, with its facts.
CREATE TABLE territoire_score (
    resource_id text NOT NULL,
    day         date NOT NULL,
    score       int NOT NULL CHECK (score BETWEEN 0 AND 100),
    facts       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (resource_id, day)
);
"""

TABLES = ("score", "privacy_decision")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
