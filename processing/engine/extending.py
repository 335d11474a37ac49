"""The subject's colours carried on beneath its holes.

A colour picture that is kept apart from its mask is compressed, shrunk and smoothed with no regard
to it, and what lies beneath the holes creeps into the edge. There must be the edge's own colour.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from processing.engine.dithering import Floats, blur, enlarge, paint_parts

# Known colours are averaged over blocks of this side, then over ever larger ones.
_BLOCK = 4
_BAND_ROWS = 256
# What shows less of itself than this cannot tell its colour: 8 bits have been rounded before.
_FAINT = np.float32(0.1)
_HOLES = [255] + [0] * 255


def extend_colours(rgb: Image.Image, mask: Image.Image) -> None:
    """Gives `rgb` new colours where `mask` is 0: those of the nearest pixels that show, the solid
    ones above all.
    """
    holes = mask.point(_HOLES)
    if not holes.getbbox():
        return
    share = np.asarray(mask.reduce(_BLOCK)).astype(np.float32)[:, :, None] / np.float32(255)
    colours = _average(rgb, mask)
    faint = share < _FAINT
    if not faint.all():
        colours, share = np.where(faint, 0, colours), np.where(faint, 0, share)
    filled = fill_gaps(colours, share)
    size = (filled.shape[1] * _BLOCK, filled.shape[0] * _BLOCK)
    for top, part in paint_parts(size, enlarge(filled, size)):
        shown = part.crop((0, 0, rgb.width, min(part.height, rgb.height - top)))
        rgb.paste(shown, (0, top), holes.crop((0, top, rgb.width, top + shown.height)))


def _average(rgb: Image.Image, mask: Image.Image) -> Floats:
    """The colours with the mask multiplied in, a mean for each block."""
    rows = []
    for top in range(0, rgb.height, _BAND_ROWS):
        band = (0, top, rgb.width, min(top + _BAND_ROWS, rgb.height))
        multiplied = Image.new("RGB", (rgb.width, band[3] - top))
        multiplied.paste(rgb.crop(band), mask=mask.crop(band))
        rows.append(np.asarray(multiplied.reduce(_BLOCK)).astype(np.float32))
    average: Floats = np.concatenate(rows)
    return average


def fill_gaps(colours: Floats, share: Floats) -> Floats:
    """Colours that had their `share` multiplied in, without gaps: what is not known here comes from
    half the size.
    """
    own: Floats = (colours / np.maximum(share, 1e-6)).astype(np.float32)
    if share.all() or max(share.shape) == 1:
        return own
    wider = fill_gaps(_halve(colours), _halve(share))
    rows, columns = share.shape[:2]
    spread = blur(wider.repeat(2, axis=0)[:rows].repeat(2, axis=1)[:, :columns], 0.7, 0.7)
    filled: Floats = np.where(share > 0, own, spread)
    return filled


def _halve(values: Floats) -> Floats:
    """Means of two by two; what is missing at an odd edge counts as unknown."""
    rows, columns = values.shape[:2]
    padded = np.pad(values, ((0, rows % 2), (0, columns % 2), (0, 0)))
    halved: Floats = (
        padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]
    ) / np.float32(4)
    return halved
