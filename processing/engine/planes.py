"""The small picture that a matter answers with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
"""Probability of subject, 0 to 1, in rows and columns."""
