"""Whether a photo has a subject at all, and whether more than a trace of it was found."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageStat

from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane

LITTLE = 0.002  # Of the photo's area: a mask that keeps less looks empty to whoever opens it.
SUREST = 0.5  # The surest pixel of a subject; measured (docs/engine.md, "A photo without subject").


def stretch(plane: Plane) -> Plane:
    """Brings the surest pixel to 1, and leaves the low end where it is.

    Raises UnknownForeground where no pixel is sure enough, or a value is not a number at all.
    """
    top, bottom = float(plane.max()), float(plane.min())
    if not (np.isfinite(top) and np.isfinite(bottom) and top >= SUREST):
        raise UnknownForeground
    stretched: Plane = plane / np.float32(top)
    return stretched


def is_little(mask: Image.Image) -> bool:
    """Whether the mask (L) keeps so little of the photo that its owner should be told."""
    share = ImageStat.Stat(mask).mean[0] / 255
    return share < LITTLE
