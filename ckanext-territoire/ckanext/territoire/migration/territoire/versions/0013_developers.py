"""Keys of developers: how much each calls, which columns are used; changes that are announced."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UPGRADE = """
-- Calls of a day (of Paris) with a key of the portal (api_token.id).
CREATE TABLE territoire_key_call (
    day    date NOT NULL,
    key_id text NOT NULL,
    calls  bigint NOT NULL,
    PRIMARY KEY (key_id, day)
);

-- Calls of a day that use a column of a merged table. column_name: '*' when the call named none;
-- key_id: '' for all calls without a key.
CREATE TABLE territoire_column_use (
    day         date NOT NULL,
    slug        text NOT NULL,
    column_name text NOT NULL,
    key_id      text NOT NULL,
    calls       bigint NOT NULL,
    PRIMARY KEY (slug, column_name, day, key_id)
);

-- What officers announce. at: the last day of what ends, the day of what changes. slug: of the
-- table, '' for an address elsewhere. An announcement that is withdrawn is kept, and shown so.
CREATE TABLE territoire_announcement (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('table', 'column', 'address')),
    effect       text NOT NULL CHECK (effect IN ('end', 'change')),
    slug         text NOT NULL,
    column_name  text NOT NULL,
    address      text NOT NULL,
    since        date NOT NULL,
    at           date NOT NULL,
    becomes      text NOT NULL,
    why          text NOT NULL,
    made_by      text NOT NULL,
    made_at      timestamp NOT NULL DEFAULT timezone('utc', now()),
    withdrawn_at timestamp
);
CREATE UNIQUE INDEX territoire_announcement_one
    ON territoire_announcement (kind, slug, column_name, address) WHERE withdrawn_at IS NULL;

-- The mails on announcements (UTC): noted before they leave.
CREATE TABLE territoire_announcement_mail (
    announcement_id bigint NOT NULL,
    user_id         text NOT NULL,
    mail_id         text NOT NULL,
    claimed_at      timestamp NOT NULL,
    sent_at         timestamp,
    PRIMARY KEY (announcement_id, user_id)
);
"""

TABLES = ("announcement_mail", "announcement", "column_use", "key_call")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
