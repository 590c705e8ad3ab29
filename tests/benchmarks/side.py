"""One side of the harvest benchmark: loads CKAN once, then forks a process for each step.

`python -m tests.benchmarks.side INI` is told `[side, step, url, last]` (`apart.py`) and answers:
`seconds` until the last dataset is found by `package_search`, `cpu_s`, `rss_mb` (peak of the
process), `start_mb` (before the run), `statements`, `writes` (table to how many statements),
`found`. An address in `.ttl` is a DCAT catalogue, another a CKAN portal. A step is `reset` (empty
everything, register the source; several, parted by `,`), `run`, `profile` (a run under cProfile,
told on the standard error), `together` (all sources, two at once: adds `runs`, for each when it
began and ended), or `dump` (what is stored; `dump-dcat`, what both sides read of DCAT).
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import resource
import sys
import time
from collections import Counter
from typing import Any

from tests.benchmarks.apart import serve

NAME = "source-bench"
LONGEST_S = 1800
HARVESTERS = {"ckan": "CKANHarvester", "dcat_rdf": "DCATRDFHarvester"}
# of DCAT, what both sides store alike: the others go to fields that only one side has
DCAT = "title notes url issued modified publisher_name contact_name contact_email".split()
DCAT_FILE = "url name description format mimetype size".split()
# what belongs to each side, or to the moment: ids, dates of writing, marks of the harvest
OWN = frozenset("id name metadata_created metadata_modified creator_user_id created package_id "
                "extras organization owner_org cache_url cache_last_updated".split())  # fmt: skip
RUNS = """
    SELECT extract(epoch FROM started_at - min(started_at) OVER ())::float AS began,
           extract(epoch FROM finished_at - min(started_at) OVER ())::float AS ended
      FROM territoire_run ORDER BY started_at
"""
TABLES = """
    SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables
     WHERE schemaname = 'public' AND tablename NOT LIKE '%alembic_version'
       AND tablename NOT IN ('spatial_ref_sys', 'system_info')
"""


def act(action: str, /, **data: Any) -> Any:
    from ckan.plugins import toolkit

    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return toolkit.get_action(action)({"user": user, "ignore_auth": True}, data)


def reset(side: str, urls: list[str]) -> None:
    """Empty the database and search; make an organisation and the sources."""
    from ckan import model
    from ckan.lib.search import clear_all
    from sqlalchemy import text

    tables = model.Session.execute(text(TABLES)).scalar_one()
    model.Session.execute(text(f"TRUNCATE {tables} CASCADE"))
    model.Session.commit()
    clear_all()
    org = act("organization_create", name="banc-essai", title="Banc d’essai")
    is_ours, is_dcat = side == "ours", urls[0].endswith(".ttl")
    kind = ("dcat_catalog" if is_ours else "dcat_rdf") if is_dcat else (
        "ckan_portal" if is_ours else "ckan")  # fmt: skip
    config = "" if is_ours or is_dcat else json.dumps({"force_all": True})
    for number, url in enumerate(urls):
        name = f"{NAME}-{number}" if number else NAME
        act("harvest_source_create", name=name, title=f"Banc {number}", url=url,
             source_type=kind, owner_org=org["id"], config=config)  # fmt: skip


def run_ours() -> None:
    """One run of our engine, as the runner makes it."""
    from ckanext.territoire.harvest_adapter.runner import run_now
    from ckanext.territoire.harvest_adapter.sources import load_source

    _, report = run_now(load_source(NAME))
    sys.stderr.write(f"{report.sentence}\n")


def run_stock(is_by_date: bool) -> None:
    """One run of ckanext-harvest, its own stages called in a row without waiting for a queue."""
    import ckanext.dcat.harvesters as dcat
    from ckan import model
    from ckan.lib.search import commit
    from ckanext.harvest import harvesters, queue
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    source = model.Session.query(HarvestSource).one()
    if source.type == "ckan":
        source.config = "" if is_by_date else json.dumps({"force_all": True})
    job = HarvestJob(source=source, status="Running")
    job.save()
    harvester = getattr(
        dcat if source.type == "dcat_rdf" else harvesters, HARVESTERS[source.type]
    )()
    for object_id in queue.gather_stage(harvester, job) or ():
        queue.fetch_and_import_stages(harvester, HarvestObject.get(object_id))
        model.Session.expunge_all()
    job = HarvestJob.get(job.id)
    job.status = "Finished"
    job.save()
    commit()


def run_together() -> list[dict[str, float]]:
    """Ask for a run of every source and do them as the service does; answer when each ran."""
    from ckan import model
    from sqlalchemy import text

    from ckanext.territoire.harvest_adapter import jobs, runner, sources

    for source in sources.list_sources():
        jobs.open_job(source)
    runner.run_waiting()
    rows = model.Session.execute(text(RUNS)).mappings()
    return [dict(row) for row in rows]


def _cpu_s() -> float:
    """Processor time of this process and of the runs that it began."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(each.ru_maxrss for each in used) / 1024


def _run(side: str, step: str) -> list[dict[str, float]]:
    if step == "together":
        return run_together()
    if step == "profile":
        profiled = cProfile.Profile()
        profiled.runcall(run_ours)
        told = pstats.Stats(profiled, stream=sys.stderr)
        told.sort_stats("tottime").print_stats(60)
        told.sort_stats("cumtime").print_stats(90)
        return []
    run_ours() if side == "ours" else run_stock(side == "stock-by-date")
    return []


def measure(side: str, step: str, last: str) -> dict[str, Any]:
    """Run once, wait until the last dataset is found, and count."""
    from ckan import model
    from sqlalchemy import event

    from tests.ckan.statements import tables_written

    statements: list[int] = [0]
    writes: Counter[str] = Counter()

    def count(_c: Any, _cursor: Any, statement: str, values: Any, _: Any, is_many: bool) -> None:
        times = len(values) if is_many else 1  # sent row by row
        statements[0] += times
        for table in tables_written(statement):
            writes[table] += times

    event.listen(model.meta.engine, "before_cursor_execute", count)
    start_mb = _peak_mb()
    cpu, started = _cpu_s(), time.perf_counter()
    runs = _run(side, step)
    while not act("package_search", fq=f'title_string:"{last}"', rows=0)["count"]:
        if time.perf_counter() - started > LONGEST_S:
            raise TimeoutError(f"{last} is not found by package_search")
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    cpu = _cpu_s() - cpu
    event.remove(model.meta.engine, "before_cursor_execute", count)
    return {
        "seconds": seconds,
        "cpu_s": cpu,
        "load": os.getloadavg()[0],
        "start_mb": start_mb,
        "rss_mb": _peak_mb(),
        "statements": statements[0],
        "writes": dict(writes),
        "found": act("package_search", rows=0)["count"],
        "runs": runs,
    }


def dump() -> dict[str, Any]:
    """What is stored, by title, without what belongs to a side or to the moment."""
    from ckan import model

    found = {}
    rows = model.Session.query(model.Package).filter_by(type="dataset", state="active").all()
    for row in rows:
        shown = act("package_show", id=row.id)
        told = {key: value for key, value in shown.items() if key not in OWN}
        told["tags"] = sorted(tag["name"] for tag in shown["tags"])
        told["resources"] = [
            {k: v for k, v in r.items() if k not in (*OWN, "name")} | {"name": r["name"]}
            for r in shown["resources"]
        ]
        found[shown["title"]] = told
    return found


def dump_dcat() -> dict[str, Any]:
    """What is stored of DCAT, by title: the fields that both sides have."""
    from ckan import model

    found = {}
    for row in model.Session.query(model.Package).filter_by(type="dataset", state="active").all():
        shown = act("package_show", id=row.id)
        told = shown | {extra["key"]: extra["value"] for extra in shown.get("extras", ())}
        files = [{key: file.get(key) or "" for key in DCAT_FILE} for file in shown["resources"]]
        found[shown["title"]] = {
            **{key: told.get(key) or "" for key in DCAT},
            "tags": sorted(tag["name"] for tag in shown["tags"]),
            "resources": sorted(files, key=lambda file: str(file["url"])),
        }
    return found


def do(side: str, step: str, url: str, last: str) -> dict[str, Any]:
    """Do one step in this process."""
    steps = {"reset": lambda: reset(side, url.split(",")), "dump": dump, "dump-dcat": dump_dcat}
    return (steps[step]() or {}) if step in steps else measure(side, step, last)


if __name__ == "__main__":
    serve(sys.argv[1], do)
