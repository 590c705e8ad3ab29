"""How near a source is to the producers, as an officer says it."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UPGRADE = """
-- nearness (harvesters.origin): '' is what the address of the source lets think.
ALTER TABLE territoire_harvest_rule ADD COLUMN nearness text NOT NULL DEFAULT ''
      CHECK (nearness IN ('', 'producer', 'region', 'nation'));
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("ALTER TABLE territoire_harvest_rule DROP COLUMN IF EXISTS nearness")
