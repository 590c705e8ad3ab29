"""The identity of the EPCI: each look it has had, its logos; and the versions of files."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UPGRADE = """
-- Each identity that an officer has published (UTC), the last one is in force. told: name, text,
-- contact, colour, accent, logo (sha256, '' for none); {} is that of the settings of the operator.
CREATE TABLE territoire_identity (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at    timestamp NOT NULL DEFAULT timezone('utc', now()),
    by_id text NOT NULL,
    told  jsonb NOT NULL
);

-- Logos, decoded and written anew: WebP for the header, PNG for the tab of the browser.
CREATE TABLE territoire_logo (
    sha256  text PRIMARY KEY,
    content bytea NOT NULL,
    icon    bytea NOT NULL,
    width   int NOT NULL,
    height  int NOT NULL
);

-- Each state of the rows of a resource that was loaded, newest last (UTC). file_name, size: of the
-- file as it was kept, named by its content. told: what changed since the state before (see
-- table/versions.py). hidden_at: when somebody took the file out of the public history.
CREATE TABLE territoire_table_version (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource_id text NOT NULL,
    dataset_id  text NOT NULL,
    at          timestamp NOT NULL DEFAULT timezone('utc', now()),
    sha256      text NOT NULL,
    file_name   text NOT NULL,
    size        bigint NOT NULL,
    row_count   bigint NOT NULL,
    told        jsonb NOT NULL DEFAULT '{}',
    hidden_at   timestamp,
    hidden_by   text
);
CREATE INDEX territoire_table_version_of ON territoire_table_version (dataset_id, id);
CREATE INDEX territoire_table_version_resource ON territoire_table_version (resource_id, id);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(
        "DROP TABLE IF EXISTS territoire_table_version, territoire_logo, territoire_identity"
    )
