"""Two million rows, 200 MB, are received within 1 GB of memory, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROWS = 2_000_000
MAX_MB = 1_000
SCRIPT = """
import json, resource, sys
from pathlib import Path
from harvesters.table.receive import read_received
from harvesters.table.typed import open_database

source, folder = Path(sys.argv[1]), Path(sys.argv[2])
with open_database(folder) as base:
    received = read_received(base, source, folder)
    found = base.execute("SELECT count(*), max(line), min(c2) FROM received").fetchone()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([*found, peak]))
"""


def test_two_million_rows_are_received_within_a_gigabyte(tmp_path: Path) -> None:
    source = tmp_path / "large.csv"
    rows = "".join(
        f"L-{n:04d};Rue de la Vilaine {n};Bruz;{n};-1.7{n:04d};48.0{n:04d};2026-01-31;gratuit;"
        f"une remarque assez longue pour une table de lieux\n"
        for n in range(2_000)
    ).encode()
    with source.open("wb") as out:
        out.write(b"id;rue;ville;places;longitude;latitude;date;tarif;remarque\n")
        for _ in range(1_000):
            out.write(rows)
        out.write(b"L-X;rue trop courte\n")  # every row has to be written again
    assert source.stat().st_size > 200_000_000

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(source), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )

    count, line, town, peak_mb = json.loads(done.stdout)
    assert (count, line, town) == (ROWS + 1, ROWS + 2, "Bruz")
    assert peak_mb < MAX_MB
