"""A reduced photo's cells laid back over the photo, one tile at a time.

Every cell is `factor` by `factor` whole pixels, so a tile enlarged with one cell more around it has
exactly the values that it would have in the whole, and tiles meet without a seam.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, as Pillow takes it."""
Layers = NDArray[np.float32]
"""Rows, columns and layers of cells."""

_SIDE = 256  # Pixels, about: smaller ones skip more of a photo, larger ones cost fewer calls.
_THREADS = min(4, len(os.sched_getaffinity(0)))


@dataclass(frozen=True)
class Tile:
    """`cells` are its rows and columns of the reduced photo, `box` its pixels of the photo."""

    cells: tuple[slice, slice]
    box: Box


def lay_tiles(area: Box, factor: int) -> Iterator[Tile]:
    """Tiles over `area`; the last cells may reach over its right and lower edge."""
    left, top, right, bottom = area
    step = max(1, _SIDE // factor)
    for y in range(top, bottom, step * factor):
        for x in range(left, right, step * factor):
            row, column = (y - top) // factor, (x - left) // factor
            box = x, y, min(x + step * factor, right), min(y + step * factor, bottom)
            yield Tile((slice(row, row + step), slice(column, column + step)), box)


def surround(layers: Layers) -> Layers:
    """One cell more on each side, to be interpolated with."""
    return np.asarray(cv2.copyMakeBorder(layers, 1, 1, 1, 1, cv2.BORDER_REPLICATE))


def enlarge(surrounded: Layers, tile: Tile, factor: int) -> Layers:
    """The tile's layers at the photo's own size, by linear interpolation."""
    rows, columns = tile.cells
    around = surrounded[rows.start : rows.stop + 2, columns.start : columns.stop + 2]
    size = (around.shape[1] * factor, around.shape[0] * factor)
    large = cv2.resize(around, size, interpolation=cv2.INTER_LINEAR)
    left, top, right, bottom = tile.box
    inside = large[factor : factor + bottom - top, factor : factor + right - left]
    return np.asarray(inside)


def draw_tiles(
    tiles: Iterable[Tile], draw: Callable[[Tile], Image.Image | None]
) -> Iterator[tuple[Tile, Image.Image]]:
    """What `draw` makes of each tile, on all cores, in order; tiles that it leaves out are not."""
    with ThreadPoolExecutor(_THREADS) as pool:
        tiles = list(tiles)
        for tile, drawn in zip(tiles, pool.map(draw, tiles), strict=True):
            if drawn is not None:
                yield tile, drawn
