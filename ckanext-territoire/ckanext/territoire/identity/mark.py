"""CKAN's look at its settings before each answer, in one statement on a line of its own.

CKAN asks for the mark through its session: an object of SQLAlchemy, a transaction, its end. Here it
is one value; only a mark that has changed, or cannot be read, is looked at in CKAN's way (ADR 17).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.app_globals import app_globals

MARK = "ckan.config_update"  # what CKAN's processes compare
READ = sa.text("SELECT value FROM system_info WHERE key = :key")


def is_known(ours: Any) -> bool:
    """Say whether this process has followed the mark that stands in the database."""
    try:
        with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            return bool(line.execute(READ, {"key": MARK}).scalar() == ours._config_update)
    except sa.exc.SQLAlchemyError:
        return False


def look() -> None:
    """Follow what was published since this process looked last."""
    if not is_known(app_globals):
        type(app_globals)._check_uptodate(app_globals)


def look_lightly() -> None:
    """Let CKAN look that way; said as often as one likes."""
    app_globals._check_uptodate = look
