"""Notices to the owners of sources and to officers, and the letters to communes."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UPGRADE = """
-- What somebody may have to be told: a state of a source, a delivery or a feed, from when it was
-- seen to when it was over (null: it stands). change tells apart what happens again (a run's job).
CREATE TABLE territoire_standing (
    id        bigserial PRIMARY KEY,
    kind      text NOT NULL,
    subject   text NOT NULL,
    change    text NOT NULL DEFAULT '',
    org_id    text NOT NULL,
    source_id text NOT NULL DEFAULT '',
    facts     jsonb NOT NULL DEFAULT '{}',
    since     timestamp NOT NULL,
    ended_at  timestamp
);
CREATE UNIQUE INDEX territoire_standing_open ON territoire_standing (subject, kind, change)
    WHERE ended_at IS NULL;
CREATE INDEX territoire_standing_source ON territoire_standing (source_id, since DESC);

-- What a person was told (sent_at), or is being told. person is a user's id, or org:<id> for the
-- contact address of an organisation. A mail that was cut is sent again under the same mail_id.
CREATE TABLE territoire_notice (
    person     text NOT NULL,
    subject    text NOT NULL,
    change     text NOT NULL,
    mail_id    text NOT NULL,
    claimed_at timestamp NOT NULL,
    sent_at    timestamp,
    PRIMARY KEY (person, subject, change)
);
CREATE INDEX territoire_notice_mail ON territoire_notice (mail_id);

-- What a person does not want to be told: a kind of notice. And sources of which nobody is told.
CREATE TABLE territoire_notice_mute (
    person text NOT NULL,
    kind   text NOT NULL,
    PRIMARY KEY (person, kind)
);
CREATE TABLE territoire_quiet_source (
    source_id text PRIMARY KEY,
    set_by    text NOT NULL,
    set_at    timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);

-- Addresses of mail that no longer answer, until somebody has sorted it out.
CREATE TABLE territoire_dead_address (
    id          bigserial PRIMARY KEY,
    address     text NOT NULL,
    why         text NOT NULL CHECK (why IN ('refused', 'bounced')),
    marked_by   text NOT NULL DEFAULT '',
    since       timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    resolved_at timestamp,
    resolved_by text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX territoire_dead_address_open ON territoire_dead_address (lower(address))
    WHERE resolved_at IS NULL;
"""

TABLES = ("dead_address", "quiet_source", "notice_mute", "notice", "standing")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
