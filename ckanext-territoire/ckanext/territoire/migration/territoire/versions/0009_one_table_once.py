"""One table that a dataset gives in two formats is read once; a table may wait for its server."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UPGRADE = """
-- state 'same': the rows are those of the resource same_as, in another format.
-- held_until: UTC, the end of the rest of its server.
ALTER TABLE territoire_table DROP CONSTRAINT territoire_table_state_check;
ALTER TABLE territoire_table ADD CONSTRAINT territoire_table_state_check
      CHECK (state IN ('waiting', 'loaded', 'failed', 'same'));
ALTER TABLE territoire_table ADD COLUMN same_as text;
ALTER TABLE territoire_table ADD COLUMN held_until timestamp;
CREATE INDEX territoire_table_same ON territoire_table (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX territoire_table_dataset ON territoire_table (dataset_id);
"""

DOWNGRADE = """
UPDATE territoire_table SET state = 'waiting' WHERE state = 'same';
DROP INDEX territoire_table_dataset;
DROP INDEX territoire_table_same;
ALTER TABLE territoire_table DROP COLUMN same_as, DROP COLUMN held_until;
ALTER TABLE territoire_table DROP CONSTRAINT territoire_table_state_check;
ALTER TABLE territoire_table ADD CONSTRAINT territoire_table_state_check
      CHECK (state IN ('waiting', 'loaded', 'failed'));
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
