"""One side of benchmark P2, in a process of its own: load files until their last row is found.

`python -m tests.benchmarks.table_side INI ours|crawler FILE [FILE…]`; the last line of the standard
output is a JSON object: `seconds` until the last row of each answers `datastore_search`, `cpu_s`,
`rss_mb`, `rows`, `types` (of the last file), `zeros` (are the codes of its first row whole?).

*crawler* is what the national crawler does: csv-detective over all rows, then `COPY` of its typed
values. It keeps no full-text column, which ours does.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any

Told = dict[str, Any]
PG = {"int": "bigint", "float": "double precision", "bool": "boolean", "date": "date",
      "datetime": "timestamptz", "json": "text"}  # fmt: skip


def _act(action: str, /, **data: Any) -> Any:
    from ckan.plugins import toolkit

    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return toolkit.get_action(action)({"user": user, "ignore_auth": True}, data)


def prepare(paths: list[Path]) -> list[str]:
    """Make a dataset with a kept file for each path; this is not timed."""
    from ckan.plugins import toolkit

    from ckanext.territoire import files
    from ckanext.territoire.table import queue

    org = _act("organization_create", name=f"banc-{time.time_ns()}", title="Banc d’essai")
    dataset = _act("package_create", name=f"banc-{time.time_ns()}", title="Banc", notes="x",
                   license_id="lov2", owner_org=org["id"], resources=[])  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    ids = []
    for number, path in enumerate(paths):
        sha256 = files.keep_copy(path)
        url = f"{site}/dataset/{dataset['id']}/fichier/{number}{path.suffix}"
        made = _act("resource_create", package_id=dataset["id"], name=path.name, url=url,
                    hash=sha256, format=path.suffix[1:].upper())  # fmt: skip
        ids.append(made["id"])
        queue.queue_tables_of(made["id"])
    return ids


def load_ours(ids: list[str], paths: list[Path]) -> None:
    """Our way: everything that a load does, as the job worker does it."""
    from ckanext.territoire import config
    from ckanext.territoire.table import load
    from harvesters.fetch import Fetcher

    fetcher = Fetcher(config.allowed_private_hosts())
    for resource_id in ids:
        load.load(resource_id, fetcher)


def load_crawler(ids: list[str], paths: list[Path]) -> None:
    """csv-detective over all rows, its cast values by `COPY`, the columns that CKAN needs."""
    from ckanext.datastore.backend import postgres
    from csv_detective import routine

    connection: Any = postgres.get_write_engine().raw_connection()
    for resource_id, path in zip(ids, paths, strict=True):
        told, frames = routine(str(path), num_rows=-1, save_results=False, output_profile=True,
                               output_df=True, cast_json=False)  # fmt: skip
        kinds = {c: PG.get(v["python_type"], "text") for c, v in told["columns"].items()}
        typed = ", ".join(f'"{c}" {kind}' for c, kind in kinds.items())
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TABLE "{resource_id}" '
                           f"(_id serial PRIMARY KEY, _full_text tsvector, {typed})")  # fmt: skip
            names = ", ".join(f'"{c}"' for c in kinds)
            for frame in frames:
                out = io.StringIO()
                frame.to_csv(out, index=False, header=False)
                out.seek(0)
                cursor.copy_expert(f'COPY "{resource_id}" ({names}) FROM STDIN (FORMAT csv)', out)
        connection.commit()
    connection.close()


def describe(ids: list[str]) -> Told:
    """Ask for the last row of each table; count rows; tell types and zeros of the last one."""
    rows = 0
    for resource_id in ids:
        found = _act("datastore_search", resource_id=resource_id, sort="_id desc", limit=1)
        rows += found["total"]
        assert found["records"]
    info = {f["id"]: f["type"] for f in found["fields"] if f["id"] != "_id"}
    first = _act("datastore_search", resource_id=ids[-1], sort="_id", limit=1)["records"][0]
    codes = [str(first.get(n, "")) for n in ("insee", "siret", "telephone", "code_postal")]
    return {"rows": rows, "types": info, "zeros": all(code.startswith("0") for code in codes)}


def main() -> None:
    """Load CKAN, prepare the files, time one side."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    ini, side = sys.argv[1:3]
    paths = [Path(each) for each in sys.argv[3:]]
    app = make_app(load_config(ini))
    logging.disable(logging.ERROR)
    with app._wsgi_app.test_request_context():
        ids = prepare(paths)
        began, cpu = time.perf_counter(), time.process_time()
        (load_ours if side == "ours" else load_crawler)(ids, paths)
        told = describe(ids)
        told |= {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
        told["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(told))


if __name__ == "__main__":
    main()
