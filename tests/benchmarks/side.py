"""One side of the harvest benchmark, in a process of its own: reset, run one harvest, tell.

`python -m tests.benchmarks.side INI ours|stock STEP URL LAST_ID`; the last line of the standard
output is a JSON object: `seconds` until the last dataset is found by `package_search`, `cpu_s`,
`rss_mb` (peak of the process), `statements`, `writes` (table to number of statements), `found`.
STEP is `reset` (empty everything, register the source), `run`, or `dump` (what is stored).
"""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import sys
import time
from collections import Counter
from typing import Any

WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
NAME = "source-bench"
# what belongs to each side, or to the moment: ids, dates of writing, marks of the harvest
OWN = frozenset("id name metadata_created metadata_modified creator_user_id created package_id "
                "extras organization owner_org cache_url cache_last_updated".split())  # fmt: skip
TABLES = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables
     WHERE schemaname = 'public' AND tablename NOT LIKE '%alembic_version'
       AND tablename NOT IN ('spatial_ref_sys', 'system_info')
"""


def _act(action: str, /, **data: Any) -> Any:
    from ckan.plugins import toolkit

    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return toolkit.get_action(action)({"user": user, "ignore_auth": True}, data)


def reset(side: str, url: str) -> None:
    """Empty the database and search; make an organisation and the source."""
    from ckan import model
    from ckan.lib.search import clear_all
    from sqlalchemy import text

    tables = model.Session.execute(text(TABLES)).scalar_one()
    model.Session.execute(text(f"TRUNCATE {tables} CASCADE"))
    model.Session.commit()
    clear_all()
    org = _act("organization_create", name="banc-essai", title="Banc d’essai")
    kind = "ckan_portal" if side == "ours" else "ckan"
    config = "" if side == "ours" else json.dumps({"force_all": True})
    _act("harvest_source_create", name=NAME, title="Banc", url=url, source_type=kind,
         owner_org=org["id"], config=config)  # fmt: skip


def run_ours() -> None:
    """One run of our engine, as the runner makes it."""
    from ckanext.territoire.harvest_adapter.runner import run_now
    from ckanext.territoire.harvest_adapter.sources import load_source

    _, report = run_now(load_source(NAME))
    sys.stderr.write(f"{report.sentence}\n")


def run_stock(is_by_date: bool) -> None:
    """One run of ckanext-harvest, its own stages called in a row without waiting for a queue."""
    from ckan import model
    from ckan.lib.search import commit
    from ckanext.harvest import queue
    from ckanext.harvest.harvesters import CKANHarvester
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    source = model.Session.query(HarvestSource).one()
    source.config = "" if is_by_date else json.dumps({"force_all": True})
    job = HarvestJob(source=source, status="Running")
    job.save()
    harvester = CKANHarvester()
    for object_id in queue.gather_stage(harvester, job) or ():
        queue.fetch_and_import_stages(harvester, HarvestObject.get(object_id))
        model.Session.expunge_all()
    job = HarvestJob.get(job.id)
    job.status = "Finished"
    job.save()
    commit()


def measure(side: str, last: str) -> dict[str, Any]:
    """Run once, wait until the last dataset is found, and count."""
    from ckan import model
    from sqlalchemy import event

    statements: list[int] = [0]
    writes: Counter[str] = Counter()

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements[0] += 1
        if found := WRITE.match(statement):
            writes[found.group(1)] += 1

    event.listen(model.meta.engine, "before_cursor_execute", count)
    cpu, started = time.process_time(), time.perf_counter()
    run_ours() if side == "ours" else run_stock(side == "stock-by-date")
    while not _act("package_search", fq=f'title_string:"{last}"', rows=0)["count"]:
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu
    event.remove(model.meta.engine, "before_cursor_execute", count)
    return {
        "seconds": seconds,
        "cpu_s": cpu,
        "load": os.getloadavg()[0],
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "statements": statements[0],
        "writes": dict(writes),
        "found": _act("package_search", rows=0)["count"],
    }


def dump() -> dict[str, Any]:
    """What is stored, by title, without what belongs to a side or to the moment."""
    from ckan import model

    found = {}
    rows = model.Session.query(model.Package).filter_by(type="dataset", state="active").all()
    for row in rows:
        shown = _act("package_show", id=row.id)
        told = {key: value for key, value in shown.items() if key not in OWN}
        told["tags"] = sorted(tag["name"] for tag in shown["tags"])
        told["resources"] = [
            {k: v for k, v in r.items() if k not in (*OWN, "name")} | {"name": r["name"]}
            for r in shown["resources"]
        ]
        found[shown["title"]] = told
    return found


def main(ini: str, side: str, step: str, url: str, last: str) -> None:
    """Load CKAN and do one step."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    app = make_app(load_config(ini))
    logging.disable(logging.ERROR)
    with app._wsgi_app.test_request_context():  # the application below CKAN's middleware
        if step == "reset":
            reset(side, url)
        told = {"run": lambda: measure(side, last), "dump": dump}.get(step, dict)()
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:6])
