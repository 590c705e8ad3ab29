"""Benchmark P1: harvest a portal, ours against ckanext-harvest in the same run.

A CKAN portal, then the same datasets as a DCAT catalogue, then four portals at once. Uses the test
database and the test core of this copy. `--count` and `--large` are the two sizes, `--stock` the
size for the peer (its rate is per dataset). Writes `results.md` beside this file.
`--profile STEP` measures nothing: it shows where ours spends the time of a step on `--count`.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deployment.layout import layout
from tests.benchmarks.apart import Apart, Told, stock_settings, with_setting
from tests.benchmarks.portal import package
from tests.benchmarks.report import Found, Line, write_results

CKAN, DCAT, WHOLE = "", "/catalog.ttl", "/whole.ttl"
TOGETHER = 4


class Bench:
    """The two sides over one portal, which `path` below its address says how to read."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder, self.path = port, folder, CKAN
        self.url = f"http://127.0.0.1:{port}"
        self.processes: dict[str, Apart] = {}
        text = layout().ini("test").read_text(encoding="utf-8")
        own = re.search(r"^ckan\.plugins = (.*)$", text, re.MULTILINE)
        assert own
        hosts = " ".join(f"127.0.0.{number + 1}:{port}" for number in range(TOGETHER))
        text = with_setting(text, "ckanext.territoire.fetch.allowed_private_hosts", hosts)
        form = with_setting(text, "ckan.plugins", f"{own.group(1)} ckan_harvester")
        plain = stock_settings(text)
        self.inis = {
            "ours": self._ini("ours", text),
            "stock, our form": self._ini("form", form),
            "stock": self._ini("plain", plain),
            "stock, no commit": self._ini(
                "quiet", with_setting(plain, "ckan.search.solr_commit", "false")
            ),
        }

    def _ini(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.ini"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return path

    def serve(self, count: int, changed: int = 0, removed: bool = False, parts: int = 1) -> None:
        """Tell the portal what it holds; `changed` is a percentage."""
        query = f"count={count}&changed={changed}&removed={int(removed)}&parts={parts}"
        urllib.request.urlopen(f"{self.url}/set?{query}", timeout=300).close()

    def urls(self, parts: int) -> str:
        """The addresses of the sources; each part is another server."""
        if parts == 1:
            return f"{self.url}{self.path}"
        hosts = (f"http://127.0.0.{part + 1}:{self.port}" for part in range(parts))
        return ",".join(f"{host}/part/{part}{self.path}" for part, host in enumerate(hosts))

    def step(self, who: str, step: str, count: int = 1, side: str = "", parts: int = 1) -> Told:
        """One step of one side, in a process of its own."""
        side = side or ("ours" if who == "ours" else "stock")
        last = package(count * parts - 1, self.url)["title"]
        if who not in self.processes:
            self.processes[who] = Apart("tests.benchmarks.side", self.inis[who])
        found = self.processes[who].do(side, step, self.urls(parts), last)
        if found is None:
            raise SystemExit(f"{who}, {step}: no result")
        return found

    def close(self) -> None:
        """End the processes of both sides."""
        for process in self.processes.values():
            process.close()


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


SERVED: dict[str, Told] = {
    "1 % changed": {"changed": 1},
    "20 % changed": {"changed": 20},
    "1 % removed": {"changed": 20, "removed": True},
}


def measure(bench: Bench, who: str, count: int, steps: Sequence[str]) -> list[Line]:
    """Run the steps of one side over `count` datasets."""
    bench.serve(count)
    bench.step(who, "reset")
    lines = []
    for step in steps:
        if step in SERVED:
            bench.serve(count, **SERVED[step])
        side = "stock-by-date" if step == "unchanged, by date" else ""
        lines.append(_say(Line(who, step, count, bench.step(who, "run", count, side))))
    return lines


def _say(line: Line) -> Line:
    told = line.told
    print(f"{line.who:18} {line.step:20} {line.count:6} {line.rate:9.1f}/s {line.cpu_ms:8.3f} ms "
          f"{told['start_mb']:5.0f} to {told['rss_mb']:5.0f} MB {told['statements']:6} SQL "
          f"load {told['load']:.1f}", file=sys.stderr, flush=True)  # fmt: skip
    return line


def measure_together(bench: Bench, count: int) -> list[Line]:
    """Harvest one portal alone, then some of the same size as the service does, two at once."""
    lines = []
    for parts, step in ((1, "alone"), (TOGETHER, "together")):
        bench.serve(count, parts=parts)
        bench.step("ours", "reset", parts=parts)
        told = bench.step("ours", "together", count, parts=parts)
        lines.append(_say(Line("ours", step, count * parts, told)))
    return lines


def prove_equality(bench: Bench, count: int, peer: str, dump: str) -> int:
    """Harvest with both sides and compare all that is stored; answer how many were compared."""
    stored = []
    for who in ("ours", peer):
        bench.serve(count)
        bench.step(who, "reset")
        bench.step(who, "run", count)
        stored.append(bench.step(who, dump))
    ours, theirs = stored
    for title in sorted(ours.keys() | theirs.keys()):
        if ours.get(title) != theirs.get(title):
            raise SystemExit(f"{title}\nours  {ours.get(title)}\nstock {theirs.get(title)}")
    return len(ours)


STEPS = ("cold", "unchanged", "1 % changed", "20 % changed", "1 % removed")
PEERS = {
    "stock": ("cold", "unchanged", "unchanged, by date", *STEPS[2:]),
    "stock, our form": STEPS[:2],
    "stock, no commit": STEPS[:2],
}


def measure_all(bench: Bench, wanted: argparse.Namespace) -> None:
    """Prove that both sides store the same, and measure, small sizes first."""
    found = Found(os.getloadavg()[0])
    found.equal = prove_equality(bench, wanted.equal, "stock, our form", "dump")
    peers = {who: told for who, told in PEERS.items() if who in wanted.peers}
    runs = [(CKAN, "ours", wanted.count, STEPS)]
    runs += [(CKAN, who, wanted.stock, told) for who, told in peers.items()]
    runs += [(DCAT, "ours", wanted.count, STEPS), (DCAT, "stock", wanted.stock, STEPS)]
    runs += [(WHOLE, "ours", wanted.count, STEPS[:1])]
    _measure_runs(bench, runs, found, wanted.equal)
    bench.path = CKAN
    found.together = measure_together(bench, wanted.together)
    runs = [(path, "ours", wanted.large, STEPS) for path in (CKAN, DCAT)]
    _measure_runs(bench, [*runs, (WHOLE, "ours", wanted.large, STEPS[:1])], found, wanted.equal)


def _measure_runs(
    bench: Bench, runs: Sequence[tuple[str, str, int, Sequence[str]]], found: Found, equal: int
) -> None:
    """Measure each run and write it at once: what is stopped leaves what it has measured."""
    for path, who, count, told in runs:
        bench.path = path
        if path == DCAT and not found.equal_dcat:
            found.equal_dcat = prove_equality(bench, equal, "stock", "dump-dcat")
        found.lines[path] += measure(bench, who, count, told)
        write_results(found)


def main() -> None:
    """Measure all, or profile one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=10_000)
    parser.add_argument("--stock", type=int, default=300)
    parser.add_argument("--equal", type=int, default=200)
    parser.add_argument("--together", type=int, default=2_500, help="datasets of each source")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--dcat", action="store_true", help="profile on the DCAT catalogue")
    parser.add_argument("--profile", choices=STEPS)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        port = stack.enter_context(portal())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bench = Bench(port, Path(folder))
        stack.callback(bench.close)
        if not wanted.profile:
            measure_all(bench, wanted)
            return
        bench.path = DCAT if wanted.dcat else CKAN
        before = STEPS[: STEPS.index(wanted.profile)]
        measure(bench, "ours", wanted.count, [s for s in before if s in ("cold", "1 % changed")])
        if not before:
            bench.serve(wanted.count)
            bench.step("ours", "reset")
        bench.serve(wanted.count, **SERVED.get(wanted.profile, {}))
        bench.step("ours", "profile", wanted.count)


if __name__ == "__main__":
    main()
