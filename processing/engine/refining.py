"""From a matter's small plane to a mask of the photo's own size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from processing.engine.planes import Plane
from processing.engine.subject import stretch
from processing.engine.tiles import Layers, Tile, draw_tiles, enlarge, lay_tiles, surround
from processing.engine.windows import Cells, Windows

# All measured on soft mattes (docs/engine.md, "Edges and colours").
_CELLS_PER_PLANE = 1.0  # Cells a side of the reduced photo for each pixel a side of the plane.
_MOST_CELLS = 512
_LOW, _HIGH = 0.01, 0.99  # Below and above, a matter is as good as sure.
_RADIUS = {"fast": 5, "fine": 3}  # Cells; the windows of "fine" need to bridge nothing any more.
_SOFTNESS = 3e-5  # A larger one lets the background show through, a smaller one the photo's grain.
_UNSURE_WEIGHT = 0.1
_UNSURE_GAIN = 20.0  # From 5 % on a cell is as unsure as any.
_LINK_RADIUS, _LINK_SOFTNESS = 2, 1e-5
_TRUST, _MOST_STEPS = 0.5, 60


def refine(plane: Plane, rgb: Image.Image, how: str) -> Image.Image:
    """A mask (L, 255 is subject) of the size of `rgb`. Raises UnknownForeground.

    `how` is one of options.REFINEMENTS: "off" enlarges the plane as it is; "fast" draws its soft
    edges along the photo's own (fast guided filter, He and Sun 2015); "fine" asks what matte fits
    all windows at once.
    """
    rough = stretch(plane)
    if how == "off":
        return enlarge_plane(rough, rgb.size)
    return follow_colours(rough, rgb, how)


def enlarge_plane(rough: Plane, size: tuple[int, int]) -> Image.Image:
    """Linear, because Lanczos swings over at edges and takes twenty times as long."""
    grey = (np.clip(rough, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    shrinks = size[0] < grey.shape[1] or size[1] < grey.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return Image.fromarray(np.asarray(cv2.resize(grey, size, interpolation=way)))


def follow_colours(rough: Plane, rgb: Image.Image, how: str) -> Image.Image:
    """The mask whose soft edges follow the photo; where the plane is sure it is 0 or 255."""
    factor = choose_factor(rough, rgb.size)
    cells = np.asarray(rgb.reduce(factor), np.float64) / 255.0
    matte = snap(sample(rough, rgb.size, cells.shape[:2], factor))
    if how == "fine":
        matte = settle(matte, cells)
    return draw(fit_unsure(matte, cells, _RADIUS[how]), rgb, factor)


def choose_factor(rough: Plane, size: tuple[int, int]) -> int:
    """How many pixels a side make one cell: whole ones, so that tiles meet without a seam."""
    cells = min(_CELLS_PER_PLANE * max(rough.shape), _MOST_CELLS)
    return int(max(1, round(max(size) / cells)))


def sample(rough: Plane, size: tuple[int, int], shape: tuple[int, ...], factor: int) -> Cells:
    """The plane at the cells' middles. The last cells may reach over the photo's edge."""
    by_row = _interpolate(rough.astype(np.float64), shape[0], factor, size[1])
    return np.ascontiguousarray(_interpolate(by_row.T, shape[1], factor, size[0]).T)


def _interpolate(lines: Cells, cells: int, factor: int, pixels: int) -> Cells:
    """The plane's lines at the middles of `cells`, linearly between the two beside each."""
    points = len(lines)
    middles = np.minimum((np.arange(cells) + 0.5) * factor, pixels)
    at = np.clip(middles * points / pixels - 0.5, 0, points - 1)
    before = np.minimum(at.astype(int), max(0, points - 2))
    share = (at - before)[:, None]
    after = np.minimum(before + 1, points - 1)
    between: Cells = lines[before] * (1.0 - share) + lines[after] * share
    return between


def snap(matte: Cells) -> Cells:
    snapped: Cells = np.clip((matte - _LOW) / (_HIGH - _LOW), 0.0, 1.0)
    return snapped


def fit_unsure(matte: Cells, cells: Cells, radius: int) -> Layers:
    """What red, green, blue and 1 are multiplied by in each cell; fitted where it is unsure."""
    layers = np.zeros((*matte.shape, 4), np.float32)
    layers[..., 3] = matte
    unsure = (matte > 0.0) & (matte < 1.0)
    if unsure.any():
        # So far no line of an unsure cell, or of its neighbour, can tell that the rest is missing.
        part = _find_part(unsure, 2 * radius + 2)
        layers[part] = keep_sure(fit(matte[part], cells[part], radius), matte[part])
    return layers


def _find_part(chosen: NDArray[np.bool_], reach: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
    top, left = max(0, rows[0] - reach), max(0, columns[0] - reach)
    return slice(top, rows[-1] + 1 + reach), slice(left, columns[-1] + 1 + reach)


def fit(matte: Cells, cells: Cells, radius: int) -> Layers:
    """Sure cells count most: what lies between them is told by their colours."""
    weights = np.abs(2.0 * matte - 1.0) + _UNSURE_WEIGHT
    slopes, offset = Windows(cells, radius, _SOFTNESS, weights).fit(matte)
    return np.stack([*slopes, offset], axis=2).astype(np.float32)


def keep_sure(layers: Layers, matte: Cells) -> Layers:
    """The lines count where the matte is unsure; what is sure, or nearly so, stays what it is.

    Else the lines, which reach over many cells, take a little from solid insides and give it to
    the background: a third of the error that they save at the edges.
    """
    unsure = np.clip(np.minimum(matte, 1.0 - matte) * _UNSURE_GAIN, 0.0, 1.0)
    share = np.asarray(cv2.blur(unsure, (3, 3), borderType=cv2.BORDER_REPLICATE))[..., None]
    kept = np.zeros_like(layers)
    kept[..., 3] = matte
    mixed: Layers = (layers * share + kept * (1.0 - share)).astype(np.float32)
    return mixed


def settle(rough: Cells, cells: Cells) -> Cells:
    """The matte that all windows agree on and that stays with the rough one where that is sure.

    Minimises xᵀLx + λ(x − rough)ᵀD(x − rough) by conjugate gradients; L, the matting Laplacian of
    these windows, is what the guided filter takes away (He, Sun and Tang, "Fast Matting Using Large
    Kernel Matting Laplacian Matrices", 2010).
    """
    windows = Windows(cells, _LINK_RADIUS, _LINK_SOFTNESS)
    trust = _TRUST * (2.0 * rough - 1.0) ** 2

    def apply(matte: Cells) -> Cells:
        return matte - windows.smooth(matte) + trust * matte

    matte = rough.copy()
    residual = trust * rough - apply(matte)
    direction = residual.copy()
    power = start = float(np.vdot(residual, residual))
    for _ in range(_MOST_STEPS):
        if power <= start * 1e-6:
            break
        image = apply(direction)
        step = power / float(np.vdot(direction, image))
        matte += step * direction
        residual -= step * image
        before, power = power, float(np.vdot(residual, residual))
        direction = residual + (power / before) * direction
    return snap(matte)


def draw(layers: Layers, rgb: Image.Image, factor: int) -> Image.Image:
    """Tile by tile at the photo's own size; tiles that are sure throughout are filled."""
    mask = Image.new("L", rgb.size)
    # Apart, because OpenCV takes twice as long for four layers as for three and one.
    slopes, offsets = surround(layers[..., :3]), surround(layers[..., 3])

    def draw_tile(tile: Tile) -> Image.Image | None:
        rows, columns = tile.cells
        around = slice(rows.start, rows.stop + 2), slice(columns.start, columns.stop + 2)
        seen = offsets[around]
        if slopes[around].any() or seen.min() < seen.max():
            lines = enlarge(slopes, tile, factor), enlarge(offsets, tile, factor)
            return _draw_tile(*lines, rgb.crop(tile.box))
        if seen[0, 0] > 0.5:
            return Image.new("L", (tile.box[2] - tile.box[0], tile.box[3] - tile.box[1]), 255)
        return None

    for tile, drawn in draw_tiles(lay_tiles((0, 0, *rgb.size), factor), draw_tile):
        mask.paste(drawn, tile.box)
    return mask


def _draw_tile(slopes: Layers, offsets: Layers, pixels: Image.Image) -> Image.Image:
    product = cv2.multiply(slopes, np.asarray(pixels), dtype=cv2.CV_32F)
    total = cv2.scaleAdd(offsets, 255.0, cv2.transform(product, np.ones((1, 3), np.float32)))
    return Image.fromarray(np.asarray(cv2.convertScaleAbs(np.maximum(total, 0.0))))
