"""Datasets that went to another publisher: whom they left, so that those who follow it are told."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MARK_UPDATED = """
CREATE OR REPLACE FUNCTION territoire_mark_updated() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public AS $$
BEGIN
    INSERT INTO territoire_dataset_change AS c (dataset_id)
    SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
     WHERE n.type = 'dataset' AND (n.metadata_modified, n.state, n.private, n.owner_org)
           IS DISTINCT FROM (o.metadata_modified, o.state, o.private, o.owner_org) ORDER BY n.id
    ON CONFLICT (dataset_id) DO UPDATE SET is_marked = true WHERE NOT c.is_marked;
    {more}
    RETURN NULL;
END $$;
"""
LEAVE = """
    INSERT INTO territoire_dataset_left (dataset_id, org_id)
    SELECT n.id, o.owner_org FROM new_rows n JOIN old_rows o USING (id)
     WHERE n.type = 'dataset' AND o.owner_org <> coalesce(n.owner_org, '')
       AND o.state = 'active' AND NOT o.private ORDER BY n.id
    ON CONFLICT (dataset_id, org_id) DO UPDATE SET number = 0, at = excluded.at;
"""
UPGRADE = """
-- org_id: who published the dataset before; at: when it left (UTC); number: of that change in
-- territoire_dataset_change, 0 until it is numbered.
CREATE TABLE territoire_dataset_left (
    dataset_id text NOT NULL,
    org_id     text NOT NULL,
    number     bigint NOT NULL DEFAULT 0,
    at         timestamp NOT NULL DEFAULT timezone('utc', now()),
    PRIMARY KEY (dataset_id, org_id)
);
CREATE INDEX territoire_dataset_left_of ON territoire_dataset_left (org_id, number);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(MARK_UPDATED.format(more=LEAVE))


def downgrade() -> None:
    op.execute(MARK_UPDATED.format(more=""))
    op.execute("DROP TABLE IF EXISTS territoire_dataset_left")
