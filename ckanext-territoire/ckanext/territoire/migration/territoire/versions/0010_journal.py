"""The journal: what each account has changed."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UPGRADE = """
-- What a signed-in person did (UTC). subject, title: of what, as it was named then; org_id: whose.
-- No address and no value is kept. The name of the person is read from the account.
CREATE TABLE territoire_act (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamp NOT NULL DEFAULT timezone('utc', now()),
    user_id text NOT NULL,
    action  text NOT NULL,
    subject text NOT NULL,
    title   text NOT NULL,
    org_id  text NOT NULL
);
CREATE INDEX territoire_act_user ON territoire_act (user_id, id);
CREATE INDEX territoire_act_org ON territoire_act (org_id, id);

-- Accounts that nobody uses any more, and when their owner was told (UTC) that they will close.
CREATE TABLE territoire_idle_account (
    user_id   text PRIMARY KEY,
    warned_at timestamp NOT NULL DEFAULT timezone('utc', now())
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS territoire_idle_account, territoire_act")
