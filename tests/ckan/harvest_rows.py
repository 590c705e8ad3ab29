"""Sources and runs as rows, without any harvest: what screens and notices are made from."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model
from sqlalchemy import text

from tests.ckan.conftest import act

SOURCE = text("""
    INSERT INTO package (id, name, title, type, state, owner_org, private, metadata_created,
                         metadata_modified, url)
    VALUES (:id, :name, :title, 'harvest', :state, :org, false, :now, :now, :url)
""")
HARVEST = text("""
    INSERT INTO harvest_source (id, url, title, config, created, type, active, frequency)
    VALUES (:id, :url, :title, '{}', :now, :kind, :active, :frequency)
""")
RUN = text("""
    INSERT INTO territoire_run (job_id, source_id, state, started_at, finished_at, report)
    VALUES (:job, :source, :state, :at, :ended, cast(:report AS jsonb))
""")
READ = {"is_complete": True, "read": 12, "created": 0, "updated": 0, "retired": 0, "renamed": 0,
        "reactivated": 0, "sentence": "Moisson terminée."}  # fmt: skip


def add_source(name: str, organization: str, **more: Any) -> str:
    """Add a source of an organisation; answer its id."""
    org = act("organization_show", id=organization)["id"]
    values = {"id": str(uuid.uuid4()), "name": name, "title": name.capitalize(), "org": org,
              "url": f"https://{name}.example?cle=secret", "kind": "ckan_portal", "state": "active",
              "active": True, "frequency": "DAILY", "now": _naive(0)}  # fmt: skip
    values |= more
    for query in (SOURCE, HARVEST):
        model.Session.execute(query, values)
    model.Session.commit()
    return str(values["id"])


def add_run(source_id: str, state: str = "finished", hours_ago: float = 1, **report: Any) -> str:
    """Add a run that ended so long ago; answer its job id."""
    job, at = str(uuid.uuid4()), _naive(hours_ago)
    values = {"job": job, "source": source_id, "state": state, "at": at,
              "ended": None if state == "running" else at,
              "report": json.dumps(READ | report)}  # fmt: skip
    model.Session.execute(RUN, values)
    model.Session.commit()
    return job


def execute(query: str, **values: Any) -> None:
    """Change rows."""
    model.Session.execute(text(query), values)
    model.Session.commit()


def _naive(hours_ago: float) -> datetime:
    return (datetime.now(UTC) - timedelta(hours=hours_ago)).replace(tzinfo=None)
