"""How dense a table is: its rows counted in the squares of a deep zoom, and what follows. Pure.

A square is (column, row) of the grid of web maps at `DEEPEST`, with how many rows it holds and the
sums of their longitudes and latitudes. Four squares make one of the zoom above: from one count of
the table come the zoom at which every row can be shown, and the tiles of all far zooms. Squares are
counted by the zoom from which a line or an area is wide enough to be drawn (`NEVER`: points): the
narrower ones are points of far tiles, and each row is either drawn or counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

DEEPEST = 18
DIVISIONS = 7  # a far tile is cut in 2 ** 7 squares a side
FAR = DEEPEST - DIVISIONS  # the deepest zoom whose tiles are made from squares
MAX_SQUARES = 300_000
NEVER = 31
NONE_DRAWN = -1
Square = tuple[int, float, float]  # rows, sum of longitudes, sum of latitudes
Squares = Mapping[tuple[int, int], Square]
Ranked = Mapping[int, Squares]  # by the zoom from which their rows are drawn as they are
Point = tuple[float, float, int]  # longitude, latitude, rows
FarTiles = Mapping[tuple[int, int, int], Sequence[Point]]


def gather(squares: Squares, levels: int = 1) -> Squares:
    """Make one square of four, so many times.

    >>> gather({(0, 0): (1, 1.0, 1.0), (1, 0): (2, 2.0, 2.0), (2, 0): (1, 0.0, 0.0)})
    {(0, 0): (3, 3.0, 3.0), (1, 0): (1, 0.0, 0.0)}
    """
    return merge(((c >> levels, r >> levels), square) for (c, r), square in squares.items())


def merge(squares: Iterable[tuple[tuple[int, int], Square]]) -> dict[tuple[int, int], Square]:
    """Make one square of those that have the same place.

    >>> merge([((0, 0), (1, 1.0, 1.0)), ((0, 0), (2, 2.0, 2.0))])
    {(0, 0): (3, 3.0, 3.0)}
    """
    found: dict[tuple[int, int], Square] = {}
    for place, (count, x, y) in squares:
        had = found.get(place, (0, 0.0, 0.0))
        found[place] = (had[0] + count, had[1] + x, had[2] + y)
    return found


def alone_from(ranked: Ranked, most: int) -> int:
    """Find the lowest zoom at which no tile has more than `most` rows.

    >>> alone_from({NEVER: {(0, 0): (10, 0, 0), (1, 0): (20, 0, 0)}}, 5_000)
    0
    >>> alone_from({NEVER: {(0, 0): (4_000, 0, 0)}, 9: {(1, 0): (4_000, 0, 0)}}, 5_000)
    18
    """
    squares: Squares = merge(each for squares in ranked.values() for each in squares.items())
    for zoom in range(DEEPEST, 0, -1):
        squares = gather(squares)
        if max(square[0] for square in squares.values()) > most:
            return zoom
    return 0


def drawn_at(zoom: int, ranked: Ranked, most: int) -> int:
    """Find how wide a line or an area must be to be drawn at a zoom, as the zoom from which it is
    wide enough: that one, or a lower one where a tile would have more than `most` of them.

    >>> two = {9: {(0, 0): (10, 0, 0)}, 11: {(0, 0): (3_000, 0, 0)}, NEVER: {(0, 0): (9, 0, 0)}}
    >>> drawn_at(8, two, 2_000), drawn_at(11, two, 2_000), drawn_at(11, two, 5_000)
    (8, 10, 11)
    """
    tiles: Counter[tuple[int, int]] = Counter()
    levels = DEEPEST - zoom
    for rank in sorted(each for each in ranked if each <= zoom):
        for (column, row), square in ranked[rank].items():
            tiles[column >> levels, row >> levels] += square[0]
        if max(tiles.values()) > most:
            return rank - 1
    return zoom


def far_tiles(ranked: Ranked, drawn: Sequence[int]) -> FarTiles:
    """Cut the squares into the tiles of all far zooms: a point a square, where its rows are; those
    that a zoom draws (`drawn`, by zoom) are left out of it."""
    tiles: dict[tuple[int, int, int], list[Point]] = {}
    squares: Squares = {}
    waiting = sorted(ranked)
    for zoom in range(FAR, -1, -1):
        while waiting and waiting[-1] > drawn[zoom]:
            late = gather(ranked[waiting.pop()], FAR - zoom)
            squares = merge([*squares.items(), *late.items()])
        for (column, row), (count, x, y) in squares.items():
            tile = (zoom, column >> DIVISIONS, row >> DIVISIONS)
            tiles.setdefault(tile, []).append((x / count, y / count, count))
        squares = gather(squares)
    return tiles
