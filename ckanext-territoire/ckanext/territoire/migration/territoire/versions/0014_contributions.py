"""What people make of the data, ask of it, and are asked to make: reuses, questions, challenges."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UPGRADE = """
-- What a commune or the EPCI wishes that somebody made with the data, until a day.
CREATE TABLE territoire_challenge (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug         text NOT NULL UNIQUE,
    org_id       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('draft', 'open', 'withdrawn')),
    former_state text NOT NULL DEFAULT '',
    title        text NOT NULL,
    body         text NOT NULL,
    contact      text NOT NULL,
    prize        text NOT NULL DEFAULT '',
    until        date NOT NULL,
    made_by      text NOT NULL,
    made_at      timestamp NOT NULL DEFAULT timezone('utc', now()),
    changed_at   timestamp NOT NULL DEFAULT timezone('utc', now())
);
CREATE INDEX territoire_challenge_until ON territoire_challenge (until DESC) WHERE state = 'open';
CREATE TABLE territoire_challenge_data (
    challenge_id uuid NOT NULL REFERENCES territoire_challenge ON DELETE CASCADE,
    dataset_id   text NOT NULL,
    PRIMARY KEY (challenge_id, dataset_id)
);
CREATE INDEX territoire_challenge_data_dataset ON territoire_challenge_data (dataset_id);

-- What a reader writes and `org_id` reads before anybody else does (UTC): a reuse of the data, a
-- question on them, a challenge taken up. `email` and `user_id`: who wrote, told nobody; `answer`:
-- public under a question, else for the author. `told`: the state of which the author has heard.
-- `former_state`: what one undoing brings back.
CREATE TABLE territoire_contribution (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind          text NOT NULL CHECK (kind IN ('reuse', 'question', 'attempt')),
    state         text NOT NULL CHECK (state IN ('unconfirmed', 'waiting', 'changes', 'accepted',
                  'answered', 'closed', 'refused', 'withdrawn', 'dropped')),
    former_state  text NOT NULL DEFAULT '',
    former_answer text NOT NULL DEFAULT '',
    org_id        text NOT NULL,
    title         text NOT NULL,
    body          text NOT NULL,
    author        text NOT NULL DEFAULT '',
    url           text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    user_id       text NOT NULL DEFAULT '',
    challenge_id  uuid REFERENCES territoire_challenge ON DELETE CASCADE,
    answer        text NOT NULL DEFAULT '',
    told          text NOT NULL DEFAULT '',
    made_at       timestamp NOT NULL DEFAULT timezone('utc', now()),
    changed_at    timestamp NOT NULL DEFAULT timezone('utc', now()),
    decided_at    timestamp,
    decided_by    text NOT NULL DEFAULT ''
);
CREATE INDEX territoire_contribution_org ON territoire_contribution (org_id, state);
CREATE INDEX territoire_contribution_shown
    ON territoire_contribution (kind, state, decided_at DESC);
CREATE INDEX territoire_contribution_user ON territoire_contribution (user_id) WHERE user_id <> '';
CREATE INDEX territoire_contribution_told ON territoire_contribution (changed_at)
       WHERE told <> state AND email <> '';
CREATE TABLE territoire_contribution_data (
    contribution_id uuid NOT NULL REFERENCES territoire_contribution ON DELETE CASCADE,
    dataset_id      text NOT NULL,
    PRIMARY KEY (contribution_id, dataset_id)
);
CREATE INDEX territoire_contribution_data_dataset ON territoire_contribution_data (dataset_id);

-- What a reuse says besides. insee: '' is the whole territory. link_*: its address, asked monthly.
CREATE TABLE territoire_reuse (
    contribution_id uuid PRIMARY KEY REFERENCES territoire_contribution ON DELETE CASCADE,
    slug            text NOT NULL UNIQUE,
    type            text NOT NULL,
    theme           text NOT NULL,
    insee           text NOT NULL DEFAULT '',
    alt             text NOT NULL DEFAULT '',
    link_asked_at   timestamp,
    link_failures   integer NOT NULL DEFAULT 0,
    link_fault      text NOT NULL DEFAULT ''
);

-- The pictures of reuses, written anew by us: WebP, one row a size. version: the sha256 of content.
CREATE TABLE territoire_picture (
    contribution_id uuid NOT NULL REFERENCES territoire_contribution ON DELETE CASCADE,
    size            text NOT NULL CHECK (size IN ('large', 'small')),
    version         text NOT NULL,
    width           integer NOT NULL,
    height          integer NOT NULL,
    content         bytea NOT NULL,
    PRIMARY KEY (contribution_id, size)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("""
        DROP TABLE IF EXISTS territoire_picture, territoire_reuse, territoire_contribution_data,
                             territoire_contribution, territoire_challenge_data,
                             territoire_challenge
    """)
