"""Grey of 16 bits, scaled down: clipping, as a plain convert does, would burn it out."""

from __future__ import annotations

import numpy as np
from PIL import Image

DEEP_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
# In an image's `info`, where another value than the largest stands for white.
WHITE = "white"
# Pixels scaled at a time: 100 megapixels as real numbers, all at once, take over a gigabyte.
_BAND = 1_000_000


def flatten_deep_grey(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """L, and transparency (L, 255 is solid) where one value stands for a hole."""
    values = np.asarray(image)
    key = image.info.get("transparency")
    scale = np.float32(255 / image.info.get(WHITE, 65535))
    grey = np.empty(values.shape, np.uint8)
    for rows in _bands(*values.shape):
        scaled = values[rows].astype(np.float32) * scale + np.float32(0.5)
        grey[rows] = np.minimum(scaled, 255).astype(np.uint8)
    flat = Image.fromarray(grey)
    flat.info = image.info
    if not isinstance(key, int):
        return flat, None
    return flat, Image.fromarray(np.where(values == key, np.uint8(0), np.uint8(255)))


def _bands(height: int, width: int) -> list[slice]:
    step = max(1, _BAND // max(width, 1))
    return [slice(top, top + step) for top in range(0, height, step)]
