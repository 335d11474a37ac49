"""Whether a photo has a subject at all."""

from __future__ import annotations

import numpy as np

from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane

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
