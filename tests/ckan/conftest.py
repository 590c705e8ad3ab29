"""What the tests on a real CKAN share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.territoire import coverage, publishers


@pytest.fixture(scope="session", autouse=True)
def keep_tables() -> None:
    """Keep the tables that set-up made: CKAN's first `clean_db` drops all, PostGIS included."""
    model.repo.tables_created_and_initialised = True


@pytest.fixture
def clean_db(reset_db: Callable[[], None]) -> None:
    """Empty CKAN's tables, as its own fixture does, and ours, and what was kept of them."""
    with model.meta.engine.begin() as connection:
        tables = [
            t for t in sa.inspect(connection).get_table_names() if t.startswith("territoire_")
        ]
        own = [t for t in tables if not t.endswith("alembic_version")]
        if own:
            connection.execute(sa.text(f"TRUNCATE {', '.join(own)} CASCADE"))
    reset_db()
    coverage.forget()
    publishers.forget()
