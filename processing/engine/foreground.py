"""The subject's own colour at its soft edges, where the photo shows it mixed with the background.

Blur fusion (Forte, "Approximate Fast Foreground Colour Estimation", 2021): around each pixel the
mean colour of the subject and that of the background are taken, weighted by the mask, and what the
mix of the two does not explain is given to the subject. Twice: from far, then from near. The means
vary slowly, so they are made on a reduced photo; the last step sees the photo's own pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from processing.engine.tiles import Box, Layers, Tile, draw_tiles, enlarge, lay_tiles, surround

_MOST_CELLS = 400  # Cells on the longer side of the reduced photo.
_FAR, _NEAR = 45, 2  # Cells; measured, as the number of cells (docs/engine.md).
_SOFT = [0] + [255] * 254 + [0]
_TINY = np.float32(1e-12)  # OpenCV sums up in double precision.


def estimate_foreground(rgb: Image.Image, mask: Image.Image) -> Image.Image:
    """A copy of `rgb` whose pixels beneath a soft `mask` (1 to 254) have the subject's colour.

    All other pixels are those of `rgb`, bit for bit. `mask` is L and of the size of `rgb`.
    """
    soft = mask.point(_SOFT)
    factor = max(1, -(-max(rgb.size) // _MOST_CELLS))
    area = _find_area(soft, factor)
    result = rgb.copy()
    if area is None:
        return result
    subject, ground = (surround(layers) for layers in _find_means(rgb, mask, area, factor))

    def unmix_tile(tile: Tile) -> Image.Image | None:
        if soft.crop(tile.box).getbbox() is None:
            return None
        means = enlarge(subject, tile, factor), enlarge(ground, tile, factor)
        return _unmix_tile(*means, rgb.crop(tile.box), mask.crop(tile.box))

    for tile, clean in draw_tiles(lay_tiles(area, factor), unmix_tile):
        result.paste(clean, tile.box, soft.crop(tile.box))
    return result


def _find_area(soft: Image.Image, factor: int) -> Box | None:
    """The box around all soft pixels and what the far windows see from there, in whole cells."""
    found = soft.getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    reach = 2 * _FAR * factor
    return (
        max(0, left - reach) // factor * factor,
        max(0, top - reach) // factor * factor,
        min(soft.width, right + reach),
        min(soft.height, bottom + reach),
    )


def _find_means(
    rgb: Image.Image, mask: Image.Image, area: Box, factor: int
) -> tuple[Layers, Layers]:
    """The subject's colour and the background's (0 to 255) around each cell."""
    colours = np.asarray(rgb.reduce(factor, area)).astype(np.float32)
    share = np.asarray(mask.reduce(factor, area)).astype(np.float32)[..., None] / np.float32(255)
    rest = 1 - share
    subject = _average(colours, _prefer_pure(share), _FAR)
    ground = _average(colours, _prefer_pure(rest), _FAR)
    subject = _unmix(colours, share, subject, ground)
    return _average(subject, share, _NEAR), _average(ground, rest, _NEAR)


def _prefer_pure(share: Layers) -> Layers:
    """From far only pure cells tell a colour, mixed ones where there are no others."""
    weights: Layers = share**4 + np.float32(1e-3) * share
    return weights


def _average(colours: Layers, weights: Layers, radius: int) -> Layers:
    side = (2 * radius + 1, 2 * radius + 1)
    total = cv2.blur(colours * weights, side, borderType=cv2.BORDER_REPLICATE)
    weight = cv2.blur(weights, side, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(total / (weight[..., None] + _TINY), np.float32)


def _unmix(colours: Layers, share: Layers, subject: Layers, ground: Layers) -> Layers:
    rest = colours - share * subject - (1 - share) * ground
    clean: Layers = np.clip(subject + share * rest, 0, 255)
    return clean


def _unmix_tile(
    subject: Layers, ground: Layers, pixels: Image.Image, mask: Image.Image
) -> Image.Image:
    """All pixels of the tile: to pick the soft ones out takes longer."""
    share = cv2.cvtColor(np.asarray(mask), cv2.COLOR_GRAY2RGB).astype(np.float32)
    share *= np.float32(1 / 255)
    rest = cv2.subtract(np.asarray(pixels), ground, dtype=cv2.CV_32F)
    rest = cv2.subtract(rest, cv2.multiply(share, subject - ground))
    clean = cv2.add(subject, cv2.multiply(share, rest))
    return Image.fromarray(np.asarray(cv2.convertScaleAbs(np.maximum(clean, 0))))
