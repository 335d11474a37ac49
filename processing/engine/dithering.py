"""Smooth ramps to 8 bits without bands.

Rounding a slow ramp leaves steps that the eye finds. Here a fixed pattern of thresholds (Bayer's,
16 times 16) decides which way each pixel rounds: the mean of a neighbourhood is exact, nothing is
random, and it compresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
_TILE = 16
# Ramps are worked out in bands of about this many pixels, so that a plane of floats of the whole
# picture never exists.
_BAND_PIXELS = 1 << 20


def _make_thresholds() -> Floats:
    """0 to 1, exclusive, by Bayer's recursion (ICC 1973, "An optimum method for two-level
    rendition of continuous-tone pictures").
    """
    tile = np.zeros((1, 1))
    while len(tile) < _TILE:
        tile = np.block([[4 * tile, 4 * tile + 2], [4 * tile + 3, 4 * tile + 1]])
    return ((tile + 0.5) / tile.size).astype(np.float32)


_THRESHOLDS = _make_thresholds()


Ramp = Callable[[int, int], Floats]
"""Gives the rows from one to another as values 0 to 255, in rows, columns and bands."""


def paint(size: tuple[int, int], bands: int, ramp: Ramp) -> Image.Image:
    """A picture of 1, 3 or 4 bands (L, RGB, RGBA)."""
    image = Image.new({1: "L", 3: "RGB", 4: "RGBA"}[bands], size)
    for top, part in paint_parts(size, ramp):
        image.paste(part, (0, top))
    return image


def paint_parts(size: tuple[int, int], ramp: Ramp) -> Iterator[tuple[int, Image.Image]]:
    """From above, each with the row that it begins at."""
    width, height = size
    step = max(_TILE, _BAND_PIXELS // width // _TILE * _TILE)
    for top in range(0, height, step):
        yield top, _round(ramp(top, min(top + step, height)))


def _round(values: Floats) -> Image.Image:
    """The first row stands on the pattern's first row."""
    rows, columns = values.shape[:2]
    tiles = (-(-rows // _TILE), -(-columns // _TILE))
    pattern = np.tile(_THRESHOLDS, tiles)[:rows, :columns, None]
    pixels = np.clip(np.floor(values + pattern), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def grow(values: Floats, size: tuple[int, int]) -> Image.Image:
    """A small picture (0 to 255; rows, columns, bands), bicubically enlarged to `size`."""
    return paint(size, values.shape[2], enlarge(values, size))


def enlarge(values: Floats, size: tuple[int, int]) -> Ramp:
    small = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(values, 2, 0)]
    down = values.shape[0] / size[1]

    def ramp(top: int, bottom: int) -> Floats:
        box = (0, top * down, values.shape[1], bottom * down)
        shape = (size[0], bottom - top)
        parts = [plane.resize(shape, Image.Resampling.BICUBIC, box) for plane in small]
        return np.stack([np.asarray(part) for part in parts], axis=2)

    return ramp


def blur(values: Floats, down: float, across: float) -> Floats:
    """Gaussian, by its sigma in rows and in columns; beyond the edge all is as at the edge."""
    for axis, sigma in enumerate((down, across)):
        if sigma < 0.2:
            continue
        reach = max(1, round(sigma * 3))
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
        weights /= weights.sum()
        around = [(reach, reach) if dimension == axis else (0, 0) for dimension in range(3)]
        padded = np.pad(values, around, mode="edge")
        length = values.shape[axis]
        values = np.zeros_like(values)
        for start, weight in enumerate(weights):
            part = (
                padded[start : start + length] if axis == 0 else padded[:, start : start + length]
            )
            values += weight * part
    return values
