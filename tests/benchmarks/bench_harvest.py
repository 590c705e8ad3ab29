"""Benchmark P1: harvest a portal, ours against ckanext-harvest in the same run.

Uses the test database and the test core of this copy. `--count` and `--large` are the two sizes,
`--stock` the size for the peer (its rate is per dataset). Writes `results.md` beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deployment.layout import layout
from tests.benchmarks.portal import package
from tests.benchmarks.report import Line, write_results

STOCK = "activity datastore harvest ckan_harvester dcat structured_data"
Told = dict[str, Any]


class Bench:
    """The two sides over one portal."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url, self.folder = f"http://127.0.0.1:{port}", folder
        text = layout().ini("test").read_text(encoding="utf-8")
        own = re.search(r"^ckan\.plugins = (.*)$", text, re.MULTILINE)
        assert own
        text = _with(text, "ckanext.territoire.fetch.allowed_private_hosts", f"127.0.0.1:{port}")
        form = _with(text, "ckan.plugins", f"{own.group(1)} ckan_harvester")
        plain = _with(text, "ckan.plugins", STOCK)
        plain = _with(plain, "ckanext.dcat.rdf.profiles", "euro_dcat_ap_3")
        self.inis = {
            "ours": self._ini("ours", text),
            "stock, our form": self._ini("form", form),
            "stock": self._ini("plain", plain),
            "stock, no commit": self._ini(
                "quiet", _with(plain, "ckan.search.solr_commit", "false")
            ),
        }

    def _ini(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.ini"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return path

    def serve(self, count: int, changed: bool = False, removed: bool = False) -> None:
        """Tell the portal what it holds."""
        query = f"count={count}&changed={int(changed)}&removed={int(removed)}"
        urllib.request.urlopen(f"{self.url}/set?{query}", timeout=60).close()

    def step(self, who: str, step: str, count: int = 1, side: str = "") -> Told:
        """One step of one side, in its own process."""
        side = side or ("ours" if who == "ours" else "stock")
        last = package(count - 1, self.url)["title"]
        command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.side",
                   str(self.inis[who]), side, step, self.url, last]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{who}, {step}:\n{done.stderr[-3000:]}")
        return dict(json.loads(done.stdout.splitlines()[-1]))


def _with(text: str, key: str, value: str) -> str:
    line = f"{key} = {value}"
    pattern = re.compile(rf"^{re.escape(key)} =.*$", re.MULTILINE)
    return pattern.sub(line, text) if pattern.search(text) else text.replace(
        "use = egg:ckan", f"use = egg:ckan\n{line}")  # fmt: skip


@contextmanager
def portal() -> Iterator[int]:
    """Run the portal in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.portal", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            process.stdout.readline()
            yield port
        finally:
            process.terminate()


def measure(bench: Bench, who: str, count: int, steps: tuple[str, ...]) -> list[Line]:
    """Run the steps of one side over `count` datasets."""
    bench.serve(count)
    bench.step(who, "reset")
    lines = []
    for step in steps:
        if step in ("changed", "removed"):
            bench.serve(count, changed=True, removed=step == "removed")
        side = "stock-by-date" if step == "unchanged, by date" else ""
        told = bench.step(who, "run", count, side)
        lines.append(Line(who, step, count, told))
        print(f"{who:20} {step:20} {count:6} {lines[-1].rate:9.1f}/s {told['rss_mb']:6.0f} MB",
              file=sys.stderr, flush=True)  # fmt: skip
    return lines


def prove_equality(bench: Bench, count: int) -> int:
    """Harvest with both sides and compare all that is stored; answer how many were compared."""
    stored = []
    for who in ("ours", "stock, our form"):
        bench.serve(count)
        bench.step(who, "reset")
        bench.step(who, "run", count)
        stored.append(bench.step(who, "dump"))
    ours, theirs = stored
    for title in sorted(ours.keys() | theirs.keys()):
        if ours.get(title) != theirs.get(title):
            raise SystemExit(f"{title}\nours  {ours.get(title)}\nstock {theirs.get(title)}")
    return len(ours)


def main() -> None:
    """Prove that both sides store the same, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=10_000)
    parser.add_argument("--stock", type=int, default=1_000)
    parser.add_argument("--equal", type=int, default=200)
    wanted = parser.parse_args()
    load = os.getloadavg()[0]
    steps = ("cold", "unchanged", "changed", "removed")
    peers = {
        "stock": ("cold", "unchanged", "unchanged, by date", "changed", "removed"),
        "stock, our form": ("cold", "unchanged"),
        "stock, no commit": ("cold", "unchanged"),
    }
    with portal() as port, tempfile.TemporaryDirectory() as folder:
        bench = Bench(port, Path(folder))
        equal = prove_equality(bench, wanted.equal)
        runs = [("ours", wanted.count, steps)]
        runs += [(who, wanted.stock, told) for who, told in peers.items()]
        runs += [("ours", wanted.large, steps)]
        lines: list[Line] = []
        for who, count, told in runs:
            lines += measure(bench, who, count, told)
            write_results(lines, equal, load)  # a long run that is stopped leaves what it measured


if __name__ == "__main__":
    main()
