"""Benchmark of the privacy gate: what it finds in the seeded corpus, and how fast it reads.

`python -m tests.benchmarks.bench_privacy` writes `results-privacy.md` beside this file. Counts are
exact and the same everywhere; `--rows` is the size of the table that is timed.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from harvesters.privacy.find import find_personal
from harvesters.privacy.findings import LABELS, Kind, PrivacyContext
from harvesters.table.reading import Column
from tests.privacy_measure import CONTEXT, Measure, measure
from tests.privacy_words import APART, KNOWN

RESULTS = Path(__file__).parent / "results-privacy.md"
HEAD = """# The privacy gate: found, missed, false alarms

{day}, {cores} cores, {machine}, Python {python}, duckdb {duckdb}.

Sixteen tables of a town hall (cemetery, staff, grants, reports in free text, permits, identifiers,
schools, firms, counts…) made from a seed (`tests/privacy_corpus.py`): {cells} cells in each corpus,
every cell known to be a datum or a trap. Only findings that hold a publication count. Nobody in it
exists; one first name in six is rare on purpose.

- **known**: words that were looked at while the rules were written.
- **apart**: words written down before the only measure, for which no word was added: what to expect
  on a table never seen. One rule was mended after it: runs of 15 digits inside texts hid 14 NIR.

| kind | known: found | missed | false | apart: found | missed | false |
|---|---:|---:|---:|---:|---:|---:|
"""
READING = """
Missed names are rare first names in columns where people and firms are mixed; where most cells are
people, they are found too. False names are firms without any word of a trade, called like somebody
(« Mademoiselle Thé », « Pierre et Terre »). By rule, not by fault: a landline that no schema asks
for is held, a counting of things is not, first names alone are not, a year of birth alone is shown
and holds nothing.

## What was taken for a person in « apart »

{traps}

## Speed

{rows:,} rows × 11 columns ({cells:,} cells; codes, streets, decimals, hashes, dates, SIRET, texts,
names, mails, phones): **{seconds:.1f} s, {rate:,.0f} rows/s** ({cpu:.1f} s of processor), all rows
read, exact counts. Load average {load:.1f} before.
"""


def made_table(base: duckdb.DuckDBPyConnection, rows: int) -> list[Column]:
    """Make a table of which most columns are harmless, and three are not."""
    cells = {
        "insee": "'35' || lpad((i % 350)::VARCHAR, 3, '0')",
        "voie": "(i % 120)::VARCHAR || ' rue de la Gare'",
        "commune": "'Commune ' || (i % 43)",
        "longitude": "(-1.5 - (i % 1000000) / 1e7)::VARCHAR",
        "cle": "md5(i::VARCHAR)",
        "jour": "'2024-01-' || lpad((i % 28 + 1)::VARCHAR, 2, '0')",
        "siret": "lpad((i * 7919 % 100000000000000)::VARCHAR, 14, '0')",
        "texte": "'commentaire libre numéro ' || i || ' avec du texte un peu long pour voir'",
        "titulaire": "CASE WHEN i % 3 = 0 THEN 'Mme Sophie Martin' ELSE 'SARL Durand ' || i END",
        "courriel": "CASE WHEN i % 4 = 0 THEN 'p' || i || '.martin@gmail.com' "
        "ELSE 'mairie@commune' || i || '.fr' END",
        "tel": "'06' || lpad((i * 31 % 100000000)::VARCHAR, 8, '0')",
    }
    wanted = ", ".join(f"{sql} AS {name}" for name, sql in cells.items())
    base.execute(f"CREATE TABLE t AS SELECT i + 2 AS line, {wanted} FROM range({rows}) r(i)")
    return [Column(name, name) for name in cells]


def _speed(rows: int) -> dict[str, float]:
    load = os.getloadavg()[0]
    with duckdb.connect(config={"threads": "2", "memory_limit": "1GB"}) as base:
        columns = made_table(base, rows)
        start, cpu = time.perf_counter(), time.process_time()
        found = find_personal(base, "t", columns, None, PrivacyContext(CONTEXT.today))
        told = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    assert [each.count for each in found if each.kind is Kind.PHONE] == [rows]
    return told | {"rate": rows / told["seconds"], "load": load}


def _line(kind: Kind, sides: tuple[Measure, ...]) -> str:
    counts = [str(n) for m in sides for n in (m.found[kind], m.missed[kind], m.false[kind])]
    return f"| {kind.value} ({LABELS[kind]}) | {' | '.join(counts)} |"


def _traps(told: Measure) -> str:
    values = {
        value for (kind, _, _), each in told.traps.items() if "person" in kind for value in each
    }
    return "\n".join(f"- {value}" for value in sorted(values))


def main() -> None:
    """Measure both vocabularies and the speed, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    sides = (measure(KNOWN), measure(APART))
    head = HEAD.format(
        day=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), cores=os.cpu_count(),
        machine=platform.platform(), python=platform.python_version(),
        duckdb=duckdb.__version__, cells=f"{sides[0].seen:,}",
    )  # fmt: skip
    lines = [_line(kind, sides) for kind in Kind]
    reading = READING.format(traps=_traps(sides[1]), rows=rows, cells=rows * 11, **_speed(rows))
    RESULTS.write_text(head + "\n".join(lines) + "\n" + reading, encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
