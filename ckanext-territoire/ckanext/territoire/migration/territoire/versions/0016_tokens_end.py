"""Tokens of the API are kept as a hash, and each has an end.

The tokens that exist go on: their id becomes the hash that `security.tokens` looks for, and those
without an end get one in six months, which their owner reads on the page of tokens.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HASHED = "encode(sha256(convert_to({column}, 'UTF8')), 'hex')"
CALLS = f"""
UPDATE territoire_key_call SET key_id = {HASHED.format(column="key_id")} WHERE key_id <> '';
UPDATE territoire_column_use SET key_id = {HASHED.format(column="key_id")} WHERE key_id <> '';
"""
TOKENS = f"""
UPDATE api_token SET id = {HASHED.format(column="id")};
UPDATE api_token
   SET plugin_extras = jsonb_set(coalesce(plugin_extras, '{{}}'), '{{territoire}}',
         jsonb_build_object('had_no_end', true, 'expires_at',
           to_char(timezone('utc', now()) + interval '6 months', 'YYYY-MM-DD"T"HH24:MI:SS')))
 WHERE plugin_extras->'territoire'->>'expires_at' IS NULL;
"""


def upgrade() -> None:
    op.execute(CALLS)
    op.execute(TOKENS)


def downgrade() -> None:
    """A hash does not go back: what was made is refused by the version before, and made anew."""
    op.execute("DELETE FROM api_token")
