"""Webhooks: who is told of what at which address, what was sent; changes of datasets, numbered."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UPGRADE = """
-- Datasets that have changed. The trigger only marks; numbers are given later by one process, so
-- that their order is that of commits. number: of its last change; shown_from: of the change since
-- which it is public; is_shown: whether that change left it public; org_id: who published it then.
-- A dataset that was never public has no row but its mark.
CREATE TABLE territoire_dataset_change (
    dataset_id text PRIMARY KEY,
    number     bigint NOT NULL DEFAULT 0,
    shown_from bigint NOT NULL DEFAULT 0,
    org_id     text NOT NULL DEFAULT '',
    is_shown   boolean NOT NULL DEFAULT false,
    is_marked  boolean NOT NULL DEFAULT true
);
CREATE SEQUENCE territoire_dataset_change_number;
CREATE INDEX territoire_dataset_change_number_of ON territoire_dataset_change (number);
CREATE INDEX territoire_dataset_change_marked ON territoire_dataset_change (dataset_id)
 WHERE is_marked;

INSERT INTO territoire_dataset_change (dataset_id, number, shown_from, org_id, is_shown, is_marked)
SELECT id, n, n, coalesce(owner_org, ''), true, false
  FROM (SELECT id, owner_org, nextval('territoire_dataset_change_number') AS n FROM package
         WHERE type = 'dataset' AND state = 'active' AND NOT private) shown;

CREATE FUNCTION territoire_mark_inserted() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public AS $$
BEGIN
    INSERT INTO territoire_dataset_change AS c (dataset_id)
    SELECT id FROM new_rows WHERE type = 'dataset' ORDER BY id
    ON CONFLICT (dataset_id) DO UPDATE SET is_marked = true WHERE NOT c.is_marked;
    RETURN NULL;
END $$;
CREATE FUNCTION territoire_mark_updated() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public AS $$
BEGIN
    INSERT INTO territoire_dataset_change AS c (dataset_id)
    SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
     WHERE n.type = 'dataset' AND (n.metadata_modified, n.state, n.private, n.owner_org)
           IS DISTINCT FROM (o.metadata_modified, o.state, o.private, o.owner_org) ORDER BY n.id
    ON CONFLICT (dataset_id) DO UPDATE SET is_marked = true WHERE NOT c.is_marked;
    RETURN NULL;
END $$;
CREATE FUNCTION territoire_mark_deleted() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public AS $$
BEGIN
    UPDATE territoire_dataset_change c SET is_marked = true FROM old_rows o
     WHERE c.dataset_id = o.id AND NOT c.is_marked;
    RETURN NULL;
END $$;
CREATE TRIGGER territoire_inserted AFTER INSERT ON package REFERENCING NEW TABLE AS new_rows
   FOR EACH STATEMENT EXECUTE FUNCTION territoire_mark_inserted();
CREATE TRIGGER territoire_updated AFTER UPDATE ON package
   REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
   FOR EACH STATEMENT EXECUTE FUNCTION territoire_mark_updated();
CREATE TRIGGER territoire_deleted AFTER DELETE ON package REFERENCING OLD TABLE AS old_rows
   FOR EACH STATEMENT EXECUTE FUNCTION territoire_mark_deleted();

-- An address of somebody, told of changes. kind: all, table (subject: its slug), dataset (its
-- id), commune (its INSEE code). The secret is made from that of the site, the id and
-- secret_number: it is not stored. why: the code of what paused or stopped it.
CREATE TABLE territoire_webhook (
    id            text PRIMARY KEY,
    user_id       text NOT NULL,
    url           text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('all', 'table', 'dataset', 'commune')),
    subject       text NOT NULL DEFAULT '',
    state         text NOT NULL CHECK (state IN ('waiting', 'active', 'paused', 'stopped')),
    secret_number int NOT NULL DEFAULT 1,
    rotated_at    timestamp,
    made_at       timestamp NOT NULL DEFAULT timezone('utc', now()),
    verified_at   timestamp,
    ended_at      timestamp,
    told_at       timestamp,
    why           text NOT NULL DEFAULT ''
);
CREATE INDEX territoire_webhook_user ON territoire_webhook (user_id);

-- Where it stands in each stream: `datasets`, or `table:<slug>`. cursor `hidden`: it was told that
-- the table is no longer public.
CREATE TABLE territoire_webhook_stream (
    webhook_id text NOT NULL REFERENCES territoire_webhook ON DELETE CASCADE,
    stream     text NOT NULL,
    cursor     text NOT NULL,
    PRIMARY KEY (webhook_id, stream)
);

-- A message: the changes of a stream since a cursor, read when it is sent. A webhook has one at a
-- time that moves its cursor, so that all comes in order; is_again: asked for by its owner.
CREATE TABLE territoire_webhook_message (
    id         text PRIMARY KEY,
    webhook_id text NOT NULL REFERENCES territoire_webhook ON DELETE CASCADE,
    stream     text NOT NULL,
    since      text NOT NULL,
    until      text NOT NULL DEFAULT '',
    changes    int NOT NULL DEFAULT 0,
    state      text NOT NULL CHECK (state IN ('pending', 'delivered', 'dropped')),
    tries      int NOT NULL DEFAULT 0,
    is_again   boolean NOT NULL DEFAULT false,
    made_at    timestamp NOT NULL DEFAULT timezone('utc', now()),
    due_at     timestamp NOT NULL DEFAULT timezone('utc', now())
);
CREATE UNIQUE INDEX territoire_webhook_one ON territoire_webhook_message (webhook_id)
 WHERE state = 'pending' AND NOT is_again;
CREATE INDEX territoire_webhook_message_of ON territoire_webhook_message (webhook_id, made_at);

-- status: what the address answered, NULL when it did not; code: the fault of the network.
CREATE TABLE territoire_webhook_attempt (
    message_id  text NOT NULL REFERENCES territoire_webhook_message ON DELETE CASCADE,
    at          timestamp NOT NULL,
    status      int,
    duration_ms int NOT NULL,
    code        text NOT NULL DEFAULT ''
);
CREATE INDEX territoire_webhook_attempt_of ON territoire_webhook_attempt (message_id, at);
"""

TABLES = (
    "territoire_webhook_attempt",
    "territoire_webhook_message",
    "territoire_webhook_stream",
    "territoire_webhook",
    "territoire_dataset_change",
)
MARKS = ("inserted", "updated", "deleted")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for mark in MARKS:
        op.execute(f"DROP TRIGGER IF EXISTS territoire_{mark} ON package")
        op.execute(f"DROP FUNCTION IF EXISTS territoire_mark_{mark}")
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS {table}")
    op.execute("DROP SEQUENCE IF EXISTS territoire_dataset_change_number")
