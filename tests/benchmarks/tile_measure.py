"""What the tile benchmark keeps of each side: times, bytes, and that they hold the same rows."""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyogrio

ZOOMS = range(6, 17)
GZIP = b"\x1f\x8b"
SLOW_MS = 500  # a tile that takes the floor longer is asked in the first turn alone
PROC = Path("/proc")
Tile = tuple[int, int, int]
Ask = Callable[[Tile], bytes]


@dataclass(frozen=True, slots=True)
class Meter:
    """The processor time of some processes of this machine."""

    pids: tuple[int, ...] = ()

    def spent_ms(self) -> float:
        """How much all their threads have spent since they began (Linux counts nanoseconds)."""
        files = [file for pid in self.pids for file in PROC.glob(f"{pid}/task/*/schedstat")]
        return sum(int(file.read_text().split()[0]) for file in files) / 1e6


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    text = (PROC / str(pid) / "task" / str(pid) / "children").read_text()
    return [pid, *(each for child in text.split() for each in family(int(child)))]


@dataclass(slots=True)
class Measure:
    """Milliseconds, those of processors and bytes of each tile, by side, the least of the turns;
    `folded` are the tiles of which some rows are folded into points."""

    slug: str
    rows: int
    ms: dict[str, dict[Tile, float]] = field(default_factory=dict)
    size: dict[str, dict[Tile, int]] = field(default_factory=dict)
    spent: dict[str, dict[Tile, float]] = field(default_factory=dict)
    folded: set[Tile] = field(default_factory=set)
    meter: Meter = field(default_factory=Meter)

    def take(self, side: str, tile: Tile, ask: Ask) -> bytes:
        """Ask a tile once, and keep how long it took when it was never as short."""
        before, began = self.meter.spent_ms(), time.perf_counter()
        body = ask(tile)
        ms = (time.perf_counter() - began) * 1_000
        spent = self.meter.spent_ms() - before
        if body[:2] == GZIP:
            body = gzip.decompress(body)
        known = self.ms.setdefault(side, {})
        known[tile] = min(ms, known.get(tile, ms))
        costs = self.spent.setdefault(side, {})
        costs[tile] = min(spent, costs.get(tile, spent))
        self.size.setdefault(side, {})[tile] = len(body)
        return body

    def turn_of(
        self, name: str, tiles: list[Tile], ask: Ask, bare: Ask | None = None,
        stock: Ask | None = None,
    ) -> None:  # fmt: skip
        """Ask each tile cold, then warm, of one side; before it of the floor, after it of tipg."""
        for tile in tiles:
            wanted = self.take("floor", tile, bare) if bare else b""
            got = self.take(f"{name}, cold", tile, ask)
            self.take(f"{name}, warm", tile, ask)
            if bare and stock:
                self.take("tipg", tile, stock)
                self.compare(tile, got, wanted)

    def is_slow(self, tile: Tile) -> bool:
        """Say whether one turn is enough."""
        return self.ms["floor"][tile] > SLOW_MS

    def compare(self, tile: Tile, ours: bytes, bare: bytes) -> None:
        """Prove that a tile of which no row is folded holds the keys of the floor's."""
        keys = keys_of(ours, self.slug)
        if None in keys:
            self.folded.add(tile)
        elif keys != keys_of(bare, self.slug):
            raise SystemExit(f"{self.slug} {tile}: not the same rows as the floor")

    def median(self, side: str, zoom: int) -> float:
        """The median of a zoom."""
        return statistics.median(ms for tile, ms in self.ms[side].items() if tile[0] == zoom)

    def share(self, side: str, zooms: Sequence[int] = ZOOMS) -> float:
        """The time of the floor over that of a side, a zoom counting as much as another."""
        shares = [self.median("floor", zoom) / self.median(side, zoom) for zoom in zooms]
        return statistics.geometric_mean(shares)

    def spent_share(self, zooms: Sequence[int]) -> float:
        """The processor time of the floor over that of our process and its sessions, cold."""

        def median(side: str, zoom: int) -> float:
            return statistics.median(ms for tile, ms in self.spent[side].items() if tile[0] == zoom)

        return statistics.geometric_mean(
            median("floor", zoom) / median("ours, cold", zoom) for zoom in zooms
        )

    def largest(self, side: str, zoom: int) -> int:
        """The bytes of the largest tile of a zoom."""
        return max(size for tile, size in self.size[side].items() if tile[0] == zoom)

    def whole(self) -> list[int]:
        """The zooms at which no row is folded: each tile has the keys of the floor's."""
        folded = {tile[0] for tile in self.folded}
        return [zoom for zoom in ZOOMS if zoom not in folded]


def keys_of(body: bytes, slug: str) -> set[str | None]:
    """The keys of the features of a tile, as GDAL decodes them; `None` for a point of several."""
    if not body:
        return set()
    with tempfile.NamedTemporaryFile(suffix=".mvt") as file:
        file.write(body)
        file.flush()
        told, _, shapes, columns = pyogrio.raw.read(file.name, layer=slug)
    names = list(told["fields"])
    if "territoire_cle" not in names:
        return {None} if len(shapes) else set()
    return {key if isinstance(key, str) else None for key in columns[names.index("territoire_cle")]}
