"""One side of the check benchmark, in a process of its own: read a file, judge each of its rows.

`python -m tests.benchmarks.check_side strict|whole|frictionless|scan FILE`; the last line of the
standard output is a JSON object: `seconds` from the file to the report of every bad row, `cpu_s`,
`rss_mb` (peak of the process), `rows`, `bad`, `issues`, `checks_s` (ours: the checks alone),
`lines` (the bad lines, for small files).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.address_rows import ADDRESSES

MAX_LINES = 50_000


def judge_ours(path: Path, is_strict: bool) -> dict[str, Any]:
    """The product's own chain: read as text, arrange, check, read every issue of the report."""
    from harvesters.table.arrange import arrange
    from harvesters.table.check import CheckOptions, check_rows
    from harvesters.table.headers import match_headers
    from harvesters.table.receive import read_received
    from harvesters.table.received import Received, References
    from harvesters.table.typed import open_database

    with tempfile.TemporaryDirectory() as name, open_database(Path(name)) as base:
        received = read_received(base, path, Path(name))
        assert isinstance(received, Received)
        arrange(base, ADDRESSES, match_headers(ADDRESSES, received.headers))
        started = time.perf_counter()
        checked = check_rows(base, ADDRESSES, References(), CheckOptions(is_strict=is_strict))
        checks_s = time.perf_counter() - started
        issues = base.execute("SELECT * FROM row_issue").fetchall()
        lines = [
            line for (line,) in base.execute("SELECT line FROM bad_line ORDER BY 1").fetchall()
        ]
    return {
        "rows": checked.good + checked.bad,
        "issues": len(issues),
        "checks_s": checks_s,
        "lines": lines,
    }


def judge_frictionless(path: Path) -> dict[str, Any]:
    from frictionless import Resource, Schema

    from schemas.to_table_schema import to_table_schema

    schema = Schema.from_descriptor(to_table_schema(ADDRESSES))
    resource = Resource(path=path.name, basepath=str(path.parent), schema=schema)
    report = resource.validate(limit_errors=1_000_000_000)
    errors = report.tasks[0].errors
    lines = sorted({error.row_number for error in errors})
    return {"rows": report.tasks[0].stats["rows"], "issues": len(errors), "lines": lines}


def scan(path: Path) -> dict[str, Any]:
    """The floor: the same constraints counted in one scan, without key, lines or report."""
    import duckdb

    from schemas.sql_text import fill, name
    from schemas.to_check import to_checks

    columns = ", ".join(f"'{each.name}': 'VARCHAR'" for each in ADDRESSES.fields)
    cells = ", ".join(f"{name(f.name)} AS f{i}" for i, f in enumerate(ADDRESSES.fields))
    tests = [fill(c.clean, f"f{i}") for i, c in enumerate(to_checks(ADDRESSES, is_strict=True))]
    counts = ", ".join(f"count(*) FILTER (NOT coalesce({test}, false))" for test in tests)
    with duckdb.connect(config={"threads": "2"}) as base:
        found = base.execute(
            f"SELECT count(*), {counts} FROM (SELECT {cells} FROM read_csv(?, header = true, "
            f"auto_detect = false, delim = ',', quote = '\"', columns = {{{columns}}}))",
            [str(path)],
        ).fetchone()
    assert found is not None
    return {"rows": found[0], "issues": sum(found[1:]), "lines": []}


def main() -> None:
    """Judge once, and tell."""
    side, path = sys.argv[1], Path(sys.argv[2])
    sides = {
        "strict": lambda: judge_ours(path, is_strict=True),
        "whole": lambda: judge_ours(path, is_strict=False),
        "frictionless": lambda: judge_frictionless(path),
        "scan": lambda: scan(path),
    }
    _warm(side)
    cpu, started = time.process_time(), time.perf_counter()
    told = sides[side]()
    told["seconds"] = time.perf_counter() - started
    told["cpu_s"] = time.process_time() - cpu
    told["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told["load"] = os.getloadavg()[0]
    told["bad"] = len(told["lines"])
    told["lines"] = told["lines"] if told["bad"] <= MAX_LINES else []
    sys.stdout.write(f"{json.dumps(told)}\n")


def _warm(side: str) -> None:
    """Import what the side needs before the clock starts."""
    if side == "frictionless":
        import frictionless  # noqa: F401
    elif side != "scan":
        import harvesters.table.check
        import harvesters.table.receive  # noqa: F401


if __name__ == "__main__":
    main()
