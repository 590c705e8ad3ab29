"""Whom was told that a token of the API ends: a mail for each token and each delay, once."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UPGRADE = """
-- days: how long before the end it is told; claimed_at, sent_at: UTC. A token that is erased takes
-- them with it.
CREATE TABLE territoire_token_mail (
    token_id   text NOT NULL REFERENCES api_token (id) ON UPDATE CASCADE ON DELETE CASCADE,
    days       smallint NOT NULL,
    mail_id    text NOT NULL UNIQUE,
    claimed_at timestamp NOT NULL,
    sent_at    timestamp,
    PRIMARY KEY (token_id, days)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS territoire_token_mail")
