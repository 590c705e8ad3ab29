"""When and how a source is asked: quiet hours, rhythm, validators of its answers."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
SELECT 1;
"""

TABLES: tuple[str, ...] = ()


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS territoire_{table}")
