"""From a matter's small plane to a mask of the photo's own size."""

from __future__ import annotations

import numpy as np
from PIL import Image

from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane


def refine(plane: Plane, rgb: Image.Image, how: str) -> Image.Image:
    """A mask (L, 255 is subject) of the size of `rgb`. Raises UnknownForeground.

    `how` is one of options.REFINEMENTS.
    """
    mask = Image.fromarray((stretch(plane) * 255.0 + 0.5).astype(np.uint8))
    return mask.resize(rgb.size, Image.Resampling.LANCZOS)


def stretch(plane: Plane) -> Plane:
    """Brings the surest pixel to 1. Raises UnknownForeground where nothing is sure enough."""
    top = float(plane.max())
    if not top >= 0.5:
        raise UnknownForeground
    return plane / np.float32(top)
