"""Whether a photo has a subject at all, and whether more than a trace of it was found."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageStat

from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane

LITTLE = 0.002  # Of the photo's area: a mask that keeps less looks empty to whoever opens it.
# From here on a pixel is surely subject; and of all that a matter gives, so much has to lie in such
# pixels. Measured (docs/engine.md, "A photo without subject").
SURE, SURE_PART = 0.5, 0.25


def stretch(plane: Plane) -> Plane:
    """Brings the surest pixel to 1, and leaves the low end where it is.

    Raises UnknownForeground where next to nothing is sure, or a value is not a number at all.
    """
    total = plane.sum(dtype=np.float64)
    sure = plane[plane >= SURE].sum(dtype=np.float64)
    if not (np.isfinite(total) and sure > SURE_PART * total):
        raise UnknownForeground
    stretched: Plane = plane / plane.max()
    return stretched


def is_little(mask: Image.Image) -> bool:
    """Whether the mask (L) keeps so little of the photo that its owner should be told."""
    share = ImageStat.Stat(mask).mean[0] / 255
    return share < LITTLE
