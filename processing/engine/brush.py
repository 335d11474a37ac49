"""What strokes do to a mask, at the photo's full size.

A stroke multiplies the mask by what it leaves and, where it restores, adds what it covers. So any
number of strokes comes to two numbers a pixel, a factor and a sum, which are worked out on the
photo at most WORK_SIDE large, in whole numbers alone, and then applied to the whole mask at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from processing.engine.errors import NothingLeft
from processing.engine.geometry import SEEN
from processing.engine.strokes import (
    Stroke,
    find_dabs,
    find_radius,
    find_working_size,
    make_stamp,
)

Bytes = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
_BAND_PIXELS = 4_000_000


def paint(mask: Image.Image, photo: Image.Image, strokes: Sequence[Stroke]) -> Image.Image:
    """The mask (L) with the strokes on it; `photo` (RGB, same size) is what smart ones look at.

    Raises NothingLeft where nothing that is seen stays.
    """
    size = find_working_size(*mask.size)
    factor = np.full((size[1], size[0]), 255, np.uint8)
    added = np.zeros_like(factor)
    kinds = _sort_colours(photo, size) if any(stroke.smart for stroke in strokes) else None
    for stroke in strokes:
        _lay(stroke, factor, added, kinds)
    painted = _apply(np.asarray(mask), factor, added)
    if int(painted.max()) < SEEN:
        raise NothingLeft
    return Image.fromarray(painted)


def _lay(stroke: Stroke, factor: Bytes, added: Bytes, kinds: npt.NDArray[np.uint16] | None) -> None:
    """One more stroke in the factor and the sum."""
    height, width = factor.shape
    dabs = find_dabs(stroke, width, height)
    radius = find_radius(stroke.size, width, height)
    left, top, right, bottom = box = _surround(dabs, radius, width, height)
    cover = _stamp(dabs, _make_brush(stroke, radius, width, height), box)
    if stroke.smart:
        assert kinds is not None
        cover = _keep_alike(cover, kinds[top:bottom, left:right], dabs, (left, top))
    there = (slice(top, bottom), slice(left, right))
    factor[there] = _multiply(factor[there], 255 - cover)
    added[there] = _multiply(added[there], 255 - cover)
    if stroke.tool == "restore":
        added[there] += cover  # At most 255: what was there has made room.


def _surround(dabs: Sequence[tuple[int, int]], radius: int, width: int, height: int) -> Box:
    across, down = [x for x, _ in dabs], [y for _, y in dabs]
    return (
        max(0, min(across) - radius),
        max(0, min(down) - radius),
        min(width, max(across) + radius + 1),
        min(height, max(down) + radius + 1),
    )


def _make_brush(stroke: Stroke, radius: int, width: int, height: int) -> Bytes:
    table = np.array(make_stamp(stroke.size, stroke.hardness, width, height), np.uint8)
    squares = np.arange(-radius, radius + 1) ** 2
    brush: Bytes = table[squares[:, None] + squares[None, :]]
    return brush


def _stamp(dabs: Sequence[tuple[int, int]], brush: Bytes, box: Box) -> Bytes:
    """The most that any stamp covers, so that a slow hand covers no more than a fast one."""
    left, top, right, bottom = box
    cover = np.zeros((bottom - top, right - left), np.uint8)
    radius = brush.shape[0] // 2
    for x, y in dabs:
        from_x, from_y = x - radius - left, y - radius - top
        cut_x, cut_y = max(0, -from_x), max(0, -from_y)
        part = cover[max(0, from_y) : from_y + len(brush), max(0, from_x) : from_x + len(brush)]
        stamp = brush[cut_y : cut_y + part.shape[0], cut_x : cut_x + part.shape[1]]
        np.maximum(part, stamp, out=part)
    return cover


def _sort_colours(photo: Image.Image, size: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Each pixel's colour as one of 4,096."""
    small = photo
    if photo.size != size:
        small = photo.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    wide = np.asarray(small, np.uint16) >> np.uint16(4)
    red, green, blue = wide[..., 0], wide[..., 1], wide[..., 2]
    kinds: npt.NDArray[np.uint16] = (red << np.uint16(8)) | (green << np.uint16(4)) | blue
    return kinds


def _keep_alike(
    cover: Bytes,
    kinds: npt.NDArray[np.uint16],
    dabs: Sequence[tuple[int, int]],
    corner: tuple[int, int],
) -> Bytes:
    """What is similar in colour to a pixel under the stroke's middle and connected to one of them.

    Similar: each channel falls into the same sixteenth, or the next one. Connected: over sides,
    under the brush alone. The edge of what is kept is as soft as three pixels make it.
    """
    columns, rows = np.array(dabs).T - np.array(corner)[:, None]
    wanted = np.zeros((18, 18, 18), bool)
    seen = kinds[rows, columns]
    for red, green, blue in {(one >> 8, one >> 4 & 15, one & 15) for one in seen.tolist()}:
        wanted[red : red + 3, green : green + 3, blue : blue + 3] = True
    alike = wanted[1:17, 1:17, 1:17].reshape(-1)[kinds] & (cover > 0)
    _, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[labels[rows, columns]] = True
    kept[0] = False
    inside = np.pad(kept[labels].astype(np.uint8), 1)
    height, width = cover.shape
    around = np.zeros((height, width), np.uint16)
    for down in range(3):
        for across in range(3):
            around += inside[down : down + height, across : across + width]
    return _multiply(cover, _NINTHS[around])


def _apply(mask: Bytes, factor: Bytes, added: Bytes) -> Bytes:
    """The mask times the factor plus the sum, both drawn to its size, band by band."""
    painted = np.empty_like(mask)
    step = max(1, _BAND_PIXELS // mask.shape[1])
    for top in range(0, len(mask), step):
        band = slice(top, min(top + step, len(mask)))
        kept, more = (_grow(plane, mask.shape, band) for plane in (factor, added))
        painted[band] = cv2.add(_multiply(mask[band], kept), more)  # Not beyond 255.
    return painted


def _grow(plane: Bytes, shape: tuple[int, ...], band: slice) -> Bytes:
    """Some rows of the plane as large as `shape`, mixed from their neighbours."""
    if plane.shape == shape:
        return plane[band]
    last = len(plane) - 1
    places = (np.arange(band.start, band.stop) + 0.5) * len(plane) / shape[0] - 0.5
    above = np.clip(np.floor(places).astype(int), 0, last)
    below = np.clip(above + 1, 0, last)
    share = np.clip(places - above, 0, 1).astype(np.float32)[:, None]
    mixed = plane[above] * (1 - share) + plane[below] * share
    size = (shape[1], band.stop - band.start)
    grown: Bytes = (cv2.resize(mixed, size, interpolation=cv2.INTER_LINEAR) + 0.5).astype(np.uint8)
    return grown


def _multiply(one: Bytes, other: Bytes) -> Bytes:
    """Shares of 255, rounded to the nearest: no product lies half-way, as 255 is odd."""
    product: Bytes = cv2.multiply(one, other, scale=1 / 255)  # type: ignore[assignment]
    return product


_NINTHS: Bytes = np.array([(number * 510 + 9) // 18 for number in range(10)], np.uint8)
