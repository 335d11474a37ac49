"""Whether a photo has a subject at all."""

from __future__ import annotations

import numpy as np

from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane

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
