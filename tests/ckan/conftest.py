"""Real CKAN, PostgreSQL, Solr and Redis: a clean start for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from ckanext.harvest.model import HarvestJob
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.catalogue import RunContext
from ckanext.territoire.delivery import database
from ckanext.territoire.harvest_adapter import sources
from tests.ckan.portal_server import Portal, package, portal_of

# each table of a schema, and the tables that point at it
TABLES = """
    SELECT t.oid::regclass::text, array_remove(array_agg(f.conrelid::regclass::text), NULL)
      FROM pg_class t
      LEFT JOIN pg_constraint f ON f.confrelid = t.oid AND f.conrelid <> t.oid AND f.contype = 'f'
     WHERE t.relnamespace = '{schema}'::regnamespace AND t.relkind IN ('r', 'p')
       AND NOT t.relispartition AND t.relname <> ALL (ARRAY['spatial_ref_sys', 'system_info'])
       AND t.relname !~ 'alembic_version$'
     GROUP BY t.oid
"""


@pytest.fixture
def clean(with_plugins: Any, clean_index: Any) -> None:
    """Empty tables and search. CKAN's own `clean_db` would drop our tables with the rest."""
    empty_tables()


def empty_tables() -> None:
    """Empty the tables of the catalogue and of deliveries, and forget what was read of them."""
    empty_catalogue()
    with database.transaction() as cursor:
        cursor.execute(TABLES.format(schema="territoire"))
        cursor.execute(emptying(cursor.fetchall()))
    minute.forget()


def empty_catalogue() -> None:
    """Empty the tables of the catalogue alone."""
    model.Session.remove()
    found = model.Session.execute(text(TABLES.format(schema="public")))
    model.Session.execute(text(emptying(found)))
    model.Session.commit()
    model.Session.remove()


def emptying(tables: Iterable[Any]) -> str:
    """Write what empties tables, those that point at others first.

    Most are empty already: there `DELETE` does nothing, where `TRUNCATE` makes files again.
    """
    order = TopologicalSorter(dict(map(tuple, tables))).static_order()
    return ";".join(f"DELETE FROM {table}" for table in order)


def act(action: str, **data: Any) -> Any:
    """Call an action as the site's own user."""
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    return toolkit.get_action(action)({"user": user["name"], "ignore_auth": True}, data)


@pytest.fixture
def organization(clean: None) -> dict[str, Any]:
    """One organisation."""
    return act("organization_create", name="acigne", title="Acigné")


@pytest.fixture
def portal(organization: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal of twelve datasets that this process may reach."""
    with portal_of(*(package(n) for n in range(12))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served


def add_source(portal: Portal, **changes: Any) -> sources.StoredSource:
    """Add a portal as a source of Acigné."""
    made = act(
        "territoire_source_create",
        **{"kind": "ckan_portal", "url": portal.url, "organization": "acigne", "title": "P"}
        | changes,
    )
    return sources.load_source(made["id"])


@pytest.fixture
def run_for(organization: dict[str, Any]) -> Callable[..., RunContext]:
    """Make a source of this kind and a job for it; answer its context."""

    def make(title: str = "Portail", kind: str = "ckan_portal") -> RunContext:
        name = f"source-{uuid.uuid4().hex[:8]}"
        made = act(
            "harvest_source_create",
            name=name, title=title, url=f"https://{name}.example", source_type=kind,
            owner_org=organization["id"],
        )  # fmt: skip
        job = HarvestJob(source_id=made["id"])
        model.Session.add(job)
        model.Session.commit()
        return RunContext(made["id"], title, job.id, organization["id"])

    return make
