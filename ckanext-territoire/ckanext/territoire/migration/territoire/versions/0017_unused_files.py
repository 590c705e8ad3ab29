"""Files that nothing refers to any more, and since when (UTC)."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UPGRADE = """
-- name: the sha256 of a kept file, or `resources/<id of the resource>` for one of CKAN's uploads.
CREATE TABLE territoire_unused_file (
    name  text PRIMARY KEY,
    since timestamp NOT NULL DEFAULT timezone('utc', now())
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS territoire_unused_file")
