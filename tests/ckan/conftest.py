"""Real CKAN, PostgreSQL, Solr and Redis: a clean start for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
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

TABLES = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables
     WHERE schemaname = 'public' AND tablename NOT LIKE '%alembic_version'
       AND tablename NOT IN ('spatial_ref_sys', 'system_info')
"""
DELIVERIES = """
    TRUNCATE territoire.feed, territoire.delivery, territoire.quarantine, territoire.correction,
             territoire.merged, territoire.gone, territoire.mandate, territoire.link
"""


@pytest.fixture
def clean(with_plugins: Any, clean_index: Any) -> None:
    """Empty tables and search. CKAN's own `clean_db` would drop our tables with the rest."""
    empty_tables()


def empty_tables() -> None:
    """Empty the tables of the catalogue and of deliveries, and forget what was read of them."""
    model.Session.remove()
    tables = model.Session.execute(text(TABLES)).scalar_one()
    model.Session.execute(text(f"TRUNCATE {tables} CASCADE"))
    model.Session.commit()
    model.Session.remove()
    with database.transaction() as cursor:
        cursor.execute(DELIVERIES)
    minute.forget()


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
