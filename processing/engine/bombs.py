"""Pillow's own checks against bombs, at our limit: they see what no header tells (frames, chunks).

Its limit and Python's filters of warnings are of the whole process: one photo at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image


@contextmanager
def limit_pixels(most: int) -> Iterator[None]:
    """More than `most` raise Pillow's DecompressionBombWarning or -Error."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = most
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before
