"""The monthly letters to communes: as they were made, to whom they were sent."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UPGRADE = """
-- What the letter of a month tells of a commune, as JSON; the row without organisation says that
-- the letters of the month were made. month is YYYY-MM.
CREATE TABLE territoire_letter (
    month   text NOT NULL,
    org_id  text NOT NULL,
    facts   jsonb NOT NULL,
    made_at timestamp NOT NULL,
    PRIMARY KEY (month, org_id)
);

-- To whom a letter was sent (sent_at), or is being sent. person as in territoire_notice; without
-- organisation: the letter to an officer, which tells of all communes. A letter that was cut is
-- sent again under the same mail_id.
CREATE TABLE territoire_letter_mail (
    month      text NOT NULL,
    org_id     text NOT NULL,
    person     text NOT NULL,
    mail_id    text NOT NULL,
    claimed_at timestamp NOT NULL,
    sent_at    timestamp,
    PRIMARY KEY (month, org_id, person)
);
CREATE INDEX territoire_letter_mail_id ON territoire_letter_mail (mail_id);

-- Communes of whose letter nobody is told.
CREATE TABLE territoire_quiet_letter (
    org_id text PRIMARY KEY,
    set_by text NOT NULL,
    set_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
);
"""

TABLES = ("quiet_letter", "letter_mail", "letter")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
