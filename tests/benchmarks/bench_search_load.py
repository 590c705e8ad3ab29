"""P5, how fast search is, against a stock portal and Solr alone.

`--ini` are the settings of the tests, `--datasets` how many are in both indexes, `--questions` how
many are asked by each group of clients. `package_search` with five facets, a box on the map and
twenty datasets a page, anonymous and as a member: our portal, a stock CKAN with the same web
server and workers on the same documents, and Solr alone asked as we ask it. Writes
`results-search-load.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from ckanext.territoire.search import query
from ckanext.territoire.search.lexicon import load_lexicon
from ckanext.territoire.search.places import to_places
from ckanext.territoire.search.question import read_question
from tests.benchmarks.search_load import Load, measure
from tests.search import judged

RESULTS = Path(__file__).parent / "results-search-load.md"
FACETS = ("vocab_communes", "vocab_themes", "organization", "res_format", "license_id")
BOX = (-1.75, 48.05, -1.6, 48.15)
CLIENTS = (1, 8, 32)
WARM = 40
STOCK_PLUGINS = "activity spatial_metadata spatial_query"


def questions(count: int) -> list[str]:
    """The judged questions, then the same with a commune, in a fixed order."""
    texts = [each.text for each in judged.questions()]
    chance = random.Random(2)
    names = [name for _, name in judged.COMMUNES.values()]
    made = [f"{chance.choice(texts)} {chance.choice(names)}" for _ in range(count)]
    return (texts + made)[:count]


def portal_paths(texts: list[str]) -> list[str]:
    """The calls of `package_search`."""
    box = ",".join(map(str, BOX))
    fixed = {"rows": 20, "facet.field": json.dumps(FACETS), "ext_bbox": box}
    return [f"/api/3/action/package_search?{urlencode({'q': text, **fixed})}" for text in texts]


def solr_paths(texts: list[str], core: str) -> list[str]:
    """The same, as our portal asks Solr."""
    lexicon = load_lexicon()
    places = to_places(dict(judged.COMMUNES.values()), "", lexicon)
    names = dict(judged.COMMUNES.values())
    west, south, east, north = BOX
    shape = f"ENVELOPE({west}, {east}, {north}, {south})"
    paths = []
    for text in texts:
        question = read_question(text, lexicon, places)
        if question is None:
            raise SystemExit(f"no question: {text}")
        told = query.to_strict(question, [names[code] for code in question.communes])
        filters = [f"+capacity:public +state:(active) +spatial_geom:\"Intersects({shape})\"",
                   "+permission_labels:(\"public\")"]  # fmt: skip
        if question.communes:
            filters.append(query.to_filter(question.communes))
        pairs: list[tuple[str, Any]] = [
            ("q", told), *query.parser_of(question).items(),
            ("q.op", "AND"), ("df", "text"), ("rows", 21), ("wt", "json"),
            ("fl", "id validated_data_dict"), ("sort", "score desc, metadata_modified desc"),
            ("facet", "true"), ("facet.limit", 50), ("facet.mincount", 1),
            *(("fq", each) for each in filters), *(("facet.field", name) for name in FACETS),
        ]  # fmt: skip
        paths.append(f"/solr/{core}/select?{urlencode(pairs)}")
    return paths


def stock_ini(ini: Path, solr_url: str) -> Path:
    """Settings of a stock portal on the same database and its own core."""
    text = ini.read_text("utf-8")
    text = re.sub(r"(?m)^ckan\.plugins *=.*$", f"ckan.plugins = {STOCK_PLUGINS}", text)
    text = re.sub(r"(?m)^solr_url *=.*$", f"solr_url = {solr_url}", text)
    path = ini.with_name("bench-stock.ini")
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def portal(ini: Path) -> Iterator[str]:
    """A portal with the web server and the workers of `deployment/Procfile`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host",
               "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws", "--workers", "2",
               "--blocking-threads", "4", "--log-level", "warning",
               "deployment.ckan.wsgi:application"]  # fmt: skip
    log = ini.with_suffix(".bench.log").open("wb")
    server = subprocess.Popen(command, env=os.environ | {"CKAN_INI": str(ini)},
                              stdout=log, stderr=log)  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{base}/api/3/action/status_show", server)
        yield base
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 300
    while time.monotonic() < limit and server.poll() is None:
        try:
            if requests.get(url, timeout=60).ok:
                return
        except requests.RequestException:
            time.sleep(1)
    raise SystemExit(f"no portal at {url}")


def compare(sides: Mapping[str, tuple[str, list[str]]], token: str) -> list[tuple[str, str, Load]]:
    """Measure every side in turn for each number of clients, anonymous then as a member."""
    lines = []
    for base, paths in sides.values():
        measure(base, paths[:WARM], 2)
    for who, headers in (("anonymous", {}), ("member", {"Authorization": token})):
        for clients in CLIENTS:
            for name, (base, paths) in sides.items():
                lines.append((name, who, measure(base, paths, clients, headers)))
                sys.stderr.write(f"{name} {who} {clients}: {lines[-1][2]}\n")
    return lines


def table(lines: list[tuple[str, str, Load]]) -> str:
    """Write the lines of the table of speed."""
    raw = {(who, load.clients): load for name, who, load in lines if name == "Solr alone"}
    return "\n".join(
        f"| {name} | {who} | {load.clients} | {load.p50_ms:.1f} | {load.p99_ms:.1f} "
        f"| {load.p99_ms / raw[who, load.clients].p99_ms:.1f} × | {load.rate:.0f} "
        f"| {load.bytes_each / 1000:.0f} |"
        for name, who, load in lines
    )


def fill(module: str, ini: Path, count: int) -> dict[str, str]:
    """Fill both sides in a process of its own, by a module of this folder; answer what it told."""
    command = [sys.executable, "-W", "ignore", "-m", f"tests.benchmarks.{module}", str(ini),
               str(count)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def write(speed: str, args: argparse.Namespace, load: float) -> None:
    """Write `results-search-load.md`."""
    text = f"""# P5: search on {args.datasets} datasets, {args.questions} questions for each line

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}. Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after.

`package_search`, five facets, a box on the map, twenty datasets a page; both portals with granian,
two workers of four threads. The stock portal has ckanext-spatial and CKAN's own schema; it has our
solrconfig (caches) and our setting for the box, so that what is compared is the question. Stock
finds fewer datasets for most questions: it reads and sends less (column kB). Clients, portals and
Solr share the cores.

| side | who | clients | p50 ms | p99 ms | p99 against Solr alone | answers/s | kB |
|---|---|---:|---:|---:|---:|---:|---:|
{speed}
"""
    RESULTS.write_text(text, encoding="utf-8")


def main() -> None:
    """Fill, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = os.environ.get("TERRITOIRE_HOME", ".territoire")
    parser.add_argument("--ini", default=f"{home}/test.ini")
    parser.add_argument("--datasets", type=int, default=50_000)
    parser.add_argument("--questions", type=int, default=500)
    args = parser.parse_args()
    ini, load = Path(args.ini), os.getloadavg()[0]
    filled = fill("search_catalogue", ini, args.datasets)
    texts = questions(args.questions)
    solr, core = filled["ours"].rsplit("/solr/", 1)
    with portal(ini) as ours, portal(stock_ini(ini, filled["stock"])) as stock:
        sides = {
            "ours": (ours, portal_paths(texts)),
            "stock CKAN": (stock, portal_paths(texts)),
            "Solr alone": (solr, solr_paths(texts, core)),
        }
        lines = compare(sides, filled["token"])
    write(table(lines), args, load)


if __name__ == "__main__":
    main()
