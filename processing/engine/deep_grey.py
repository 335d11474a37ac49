"""Grey of more than 8 bits, scaled down: clipping, as a plain convert does, would burn it out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DEEP_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
# In an image's `info`: a TIFF says so, and Pillow heeds it for up to 8 bits.
WHITE_IS_ZERO = "white_is_zero"
# Pixels scaled at a time: 100 megapixels as real numbers, all at once, take over a gigabyte.
_BAND = 1_000_000


def flatten_deep_grey(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """L, and transparency (L, 255 is solid) where one value stands for a hole."""
    values = np.asarray(image)
    key = image.info.get("transparency")
    white = _find_white(image.mode, values)
    grey = np.empty(values.shape, np.uint8)
    for rows in _bands(*values.shape):
        scaled = _finite(values[rows]) * (255.0 / white) + 0.5
        grey[rows] = np.clip(scaled, 0, 255).astype(np.uint8)
    if image.info.get(WHITE_IS_ZERO):
        np.subtract(255, grey, out=grey)
    flat = Image.fromarray(grey)
    flat.info = image.info
    if not isinstance(key, int):
        return flat, None
    return flat, Image.fromarray(np.where(values == key, np.uint8(0), np.uint8(255)))


def _bands(height: int, width: int) -> list[slice]:
    step = max(1, _BAND // max(width, 1))
    return [slice(top, top + step) for top in range(0, height, step)]


def _finite(values: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _find_white(mode: str, values: NDArray[np.generic]) -> float:
    """The value that stands for white: wider layouts than 16 bits do not state theirs."""
    if mode.startswith("I;16"):
        return 65535.0
    bands = _bands(*values.shape)
    top = max((float(_finite(values[rows]).max(initial=0.0)) for rows in bands), default=0.0)
    if mode == "F" and top <= 1.0:
        return 1.0
    if top <= 255.0:
        return 255.0
    return max(top, 65535.0)
