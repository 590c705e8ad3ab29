"""When and how a source is asked: quiet hours, rhythm, validators of its answers."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
-- What is remembered of each page of a source (harvesters.pages), so that an unchanged one is not
-- read again. held: JSON of the ids, hashes and following requests; no record, no secret.
CREATE TABLE territoire_source_page (
    source_id     text NOT NULL,
    url_hash      bytea NOT NULL,
    url           text NOT NULL,
    asked         bytea NOT NULL,
    answered      bytea NOT NULL,
    last_url      text NOT NULL,
    etag          text NOT NULL,
    last_modified text NOT NULL,
    read_at       timestamp NOT NULL,
    held          bytea NOT NULL,
    PRIMARY KEY (source_id, url_hash)
);

-- Servers that asked to wait or that fail: tries that failed in a row, and the end of their rest.
CREATE TABLE territoire_host (
    host     text PRIMARY KEY,
    failures int NOT NULL,
    until    timestamp,
    is_asked boolean NOT NULL DEFAULT false
);

-- When a source is read next (UTC). is_auto: it follows the changes of the source. quiet: hours
-- during which no run begins, as the officer wrote them.
CREATE TABLE territoire_source_rhythm (
    source_id text PRIMARY KEY,
    is_auto   boolean NOT NULL DEFAULT false,
    quiet     text NOT NULL DEFAULT '',
    next_run  timestamp
);
"""

TABLES = ("source_rhythm", "host", "source_page")


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
