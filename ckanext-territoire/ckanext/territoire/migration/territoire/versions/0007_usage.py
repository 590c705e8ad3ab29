"""How much the data is used, by day."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UPGRADE = """
-- Uses of a day (of Paris), counted, with nothing on who used. act: view, download, call. agent:
-- person, program, robot. dataset_id, resource_id: '' when the page is of no dataset; page: then
-- `commune:<slug>`, `page:<name>`, else ''.
CREATE TABLE territoire_usage (
    day         date NOT NULL,
    act         text NOT NULL,
    agent       text NOT NULL,
    dataset_id  text NOT NULL,
    resource_id text NOT NULL,
    page        text NOT NULL,
    hits        bigint NOT NULL,
    PRIMARY KEY (day, act, agent, dataset_id, resource_id, page)
);
CREATE INDEX territoire_usage_dataset ON territoire_usage (dataset_id, day);

-- What was taken from Redis, so that a batch whose process died is stored once.
CREATE TABLE territoire_usage_batch (
    id        text PRIMARY KEY,
    stored_at timestamp NOT NULL DEFAULT timezone('utc', now())
);
"""

TABLES = ("usage_batch", "usage")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
