"""The side of stock: ckanext-harvest and ckanext-dcat, as their consumers and their cron run them.

`python -m tests.faults.stock.side INI` is told steps (`tests/benchmarks/apart.py`):
`["reset", URL]` empties everything and registers a source; `["add", URL]` a second one, of another
organisation; `["run", NAME]` harvests (`["run", NAME, SOLR_URL]` with search elsewhere) and answers
`finished`; `["defer", {id: title}]` corrects titles in a batch with `defer_commit`; `["look"]`
answers `datasets`, those that are both published and found by search, and the `errors` that owners
can read. What a supervisor does is given to stock: a consumer that crashes is started again at
once, its cron passes again and again, and what waits too long is old enough to be tried again.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

from tests.benchmarks.apart import Told, serve
from tests.benchmarks.side import NAME, act, reset

SECOND = f"{NAME}-second"
BOUND_S = 60  # a healthy run of these few datasets takes two seconds, ten on a busy machine
TURNS = 7  # an object is given up at its fifth try


def begin(url: str) -> Told:
    """Start from nothing with one source."""
    from ckanext.harvest import queue

    queue.purge_queues()
    reset("stock", [url])
    return {}


def add(url: str) -> Told:
    """Register a source of the same kind for another organisation."""
    from ckan import model
    from ckanext.harvest.model import HarvestSource

    first = model.Session.query(HarvestSource).one()
    org = act("organization_create", name="autre", title="Autre")
    act("harvest_source_create", name=SECOND, title="Seconde", url=url, owner_org=org["id"],
         source_type=first.type, config=first.config or "")  # fmt: skip
    return {}


def run(name: str, solr_url: str = "") -> Told:
    """Harvest one source through the queues until its job is finished, or no turn changes it."""
    from ckan.common import config
    from ckanext.harvest import queue

    if solr_url:
        config["solr_url"] = solr_url
    source_id = act("harvest_source_show", id=name)["id"]
    job_id = act("harvest_job_create", source_id=source_id)["id"]
    for _ in range(TURNS):
        _consume(queue.get_gather_consumer(), queue.gather_callback)
        _consume(queue.get_fetch_consumer(), queue.fetch_callback)
        _pass_cron(source_id)
        if _is_finished(job_id):
            return {"finished": True}
    return {"finished": False}


def _is_finished(job_id: str) -> bool:
    from ckanext.harvest.model import HarvestJob

    return bool(HarvestJob.get(job_id).status == "Finished")


def _consume(consumer: Any, callback: Any) -> None:
    """Do what waits in a queue; a crash costs its message, not those that follow."""
    while consumer.redis.llen(consumer.routing_key):
        method, header, body = next(consumer.consume(""))
        _survive(lambda m=method, h=header, b=body: callback(consumer, m, h, b))


def _pass_cron(source_id: str) -> None:
    """Let hours pass over what is not acknowledged, and run the cron of stock."""
    from ckanext.harvest import queue

    redis = queue.get_connection()
    for key in (queue.get_gather_routing_key(), queue.get_fetch_routing_key()):
        for message in redis.keys(f"{key}:*"):
            redis.set(message, f"{datetime.now() - timedelta(hours=3):%Y-%m-%d %H:%M:%S.%f}")
    _survive(lambda: act("harvest_jobs_run", source_id=source_id))


def _survive(do: Any) -> None:
    """Go on after a crash as a process that is started again: with a session of its own."""
    from ckan import model

    try:
        do()
    except Exception as fault:
        print(f"      consommateur arrêté : {fault!r:.100}", file=sys.stderr, flush=True)
        model.Session.rollback()
    model.Session.remove()


def defer(titles: dict[str, str]) -> Told:
    """Correct titles with one commit at the end; answer whether this was refused."""
    from ckan import model
    from ckan.plugins import toolkit

    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    try:
        for dataset_id, title in titles.items():
            context = {"user": user, "ignore_auth": True, "defer_commit": True}
            shown = act("package_show", id=dataset_id)
            toolkit.get_action("package_update")(context, {**shown, "title": title})
        model.repo.commit()
    except toolkit.ValidationError:
        return {"refused": True}
    return {"refused": False}


def look() -> Told:
    """What is left of the catalogue, and what can be read of the faults."""
    from ckan import model
    from ckanext.harvest.model import HarvestGatherError, HarvestObjectError

    found = {each["id"] for each in act("package_search", rows=1000)["results"]}
    rows = model.Session.query(model.Package).filter_by(type="dataset", state="active").all()
    shown = [act("package_show", id=row.id) for row in rows if row.id in found and not row.private]
    kinds = (HarvestGatherError, HarvestObjectError)
    errors = [each.message[:300] for kind in kinds for each in model.Session.query(kind)]
    return {"errors": errors, "datasets": [
        {"id": each["id"], "name": each["name"], "title": each["title"], "owner": each["owner_org"],
         "files": sorted(file["url"] for file in each["resources"])} for each in shown
    ]}  # fmt: skip


def do(step: str, *told: Any) -> Told:
    """Do one step in this process."""
    steps = {"reset": begin, "add": add, "run": run, "defer": defer, "look": look}
    return steps[step](*told)


if __name__ == "__main__":
    serve(sys.argv[1], do, BOUND_S)
