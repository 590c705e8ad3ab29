"""P9, what pages weigh and how long the server takes, against a stock portal in the same run.

`--ini` are the settings of the tests, `--datasets` how many there are, `--times` how often each
page is asked. Both portals read the same database, with the same web server and workers. Each page
is opened in a browser with an empty cache; what comes without compression is counted as gzip would
send it, for both sides. Writes `results-pages.md`.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import platform
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Response

from tests.acceptance.portal_site import chromium
from tests.benchmarks.bench_search_load import fill, portal, stock_ini
from tests.benchmarks.pages_catalogue import TREES

RESULTS = Path(__file__).parent / "results-pages.md"
TEXTS = ("text/", "javascript", "json", "svg", "xml")
MAP = "/vendor/maplibre"
WARM = 5
# the page of ours, and the one of a stock portal that shows the same; none shows places
PAGES = {
    "home": ("/", "/"),
    "search": ("/dataset/?q=arbres", "/dataset/?q=arbres"),
    "dataset": (f"/dataset/{TREES}", f"/dataset/{TREES}"),
    "commune": ("/commune/acigne", "/organization/acigne"),
    "où se garer": ("/ou-se-garer", ""),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """What a browser with an empty cache fetches to show a page, the library of maps apart."""

    requests: int
    kb: float
    map_kb: float


@dataclass(frozen=True, slots=True)
class Line:
    """A page on a side: its weight, and how long its HTML takes."""

    page: str
    side: str
    weight: Weight
    p50_ms: float
    p95_ms: float


def weigh(browser: Browser, address: str) -> Weight:
    """Open a page once and add up what came."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    came: list[Response] = []

    def note(response: Response) -> None:
        came.append(response)

    page = context.new_page()
    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    sizes = [(urlsplit(each.url).path, size_of(each)) for each in came]
    context.close()
    maps = sum(size for path, size in sizes if path.startswith(MAP))
    return Weight(len(sizes), (sum(size for _, size in sizes) - maps) / 1000, maps / 1000)


def size_of(response: Response) -> int:
    """The bytes of an answer's body, as gzip would send them where the server does not."""
    if response.status >= http.client.MULTIPLE_CHOICES:
        return 0
    headers = response.headers
    if headers.get("content-encoding"):
        return int(response.request.sizes()["responseBodySize"])
    body = response.body()
    is_text = any(kind in headers.get("content-type", "") for kind in TEXTS)
    return len(gzip.compress(body, 6)) if is_text else len(body)


def ask(sides: Mapping[str, str], times: int) -> dict[str, list[float]]:
    """Ask the page of each side in turn; answer the milliseconds of each."""
    opened = {name: http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
              for name, address in sides.items()}  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(times + WARM):
        for name, address in sides.items():
            parts = urlsplit(address)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            began = time.perf_counter()
            opened[name].request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = opened[name].getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise SystemExit(f"{answer.status} {address}")
            if turn >= WARM:
                found[name].append((time.perf_counter() - began) * 1000)
    return found


def compare(bases: Mapping[str, str], times: int) -> list[Line]:
    """Weigh and ask every page of both sides."""
    lines = []
    with chromium() as browser:
        for page, paths in PAGES.items():
            sides = {name: base + path for (name, base), path in zip(bases.items(), paths,
                     strict=True) if path}  # fmt: skip
            asked = ask(sides, times)
            for name, address in sides.items():
                ranked = statistics.quantiles(asked[name], n=20)
                weight = weigh(browser, address)
                lines.append(Line(page, name, weight, ranked[9], ranked[18]))
                sys.stderr.write(f"{lines[-1]}\n")
    return lines


def table(lines: Sequence[Line]) -> str:
    """Write the lines, ours beside stock's."""
    stock = {each.page: each for each in lines if each.side == "stock CKAN"}
    rows = []
    for each in lines:
        peer = stock.get(each.page)
        ratio = f"{each.p95_ms / peer.p95_ms:.2f} ×" if peer and each is not peer else ""
        map_kb = f"{each.weight.map_kb:.0f}" if each.weight.map_kb else ""
        rows.append(
            f"| {each.page} | {each.side} | {each.weight.kb:.0f} | {map_kb} "
            f"| {each.weight.requests} | {each.p50_ms:.1f} | {each.p95_ms:.1f} | {ratio} |"
        )
    return "\n".join(rows)


def write(lines: Sequence[Line], args: argparse.Namespace, load: float) -> None:
    """Write `results-pages.md`."""
    text = f"""# P9: pages of a portal of {args.datasets} datasets, each asked {args.times} times

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}. Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after.

First visit, anonymous, 1280 pixels, empty cache. Weight is the body of every answer, compressed by
gzip on both sides; the library of the moving map is apart. The time is that of the HTML alone, the
two portals asked in turn on one connection each; both run granian, two workers of four threads, on
the same database. « où se garer » has no like in a stock portal.

| page | side | kB | kB of the map | requests | p50 ms | p95 ms | p95 against stock |
|---|---|---:|---:|---:|---:|---:|---:|
{table(lines)}
"""
    RESULTS.write_text(text, encoding="utf-8")


def main() -> None:
    """Fill, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = os.environ.get("TERRITOIRE_HOME", ".territoire")
    parser.add_argument("--ini", default=f"{home}/test.ini")
    parser.add_argument("--datasets", type=int, default=300)
    parser.add_argument("--times", type=int, default=100)
    args = parser.parse_args()
    ini, load = Path(args.ini), os.getloadavg()[0]
    filled = fill("pages_catalogue", ini, args.datasets)
    with portal(ini) as ours, portal(stock_ini(ini, filled["stock"])) as stock:
        lines = compare({"ours": ours, "stock CKAN": stock}, args.times)
    write(lines, args, load)


if __name__ == "__main__":
    main()
