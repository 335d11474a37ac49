"""A matter without weights: whatever differs from the colour of the border is the subject.

Deterministic and done in milliseconds, for tests and for trying the pages out. Good for a subject
before a plain background and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from processing.engine.catalog import SYNTHETIC, SYNTHETICS
from processing.engine.planes import Plane

_SIDES: dict[str, int] = {"fast": 256, "detailed": 512}  # Pixels, by what it is good for.
# Distance from the border's colour, as the largest difference of a channel (0 to 255): less than
# `_BACKGROUND` is background, more than `_SUBJECT` is subject, between them it is see-through.
_BACKGROUND, _SUBJECT = 24.0, 56.0


class SyntheticMatter:
    version = "1"
    provider = "none"

    def __init__(self, name: str = SYNTHETIC) -> None:
        self.name = name
        self._side = _SIDES[SYNTHETICS[name]]

    def predict(self, photos: Sequence[Image.Image]) -> list[Plane]:
        """The share of subject, for each photo in its own proportions."""
        return [_find_what_differs(photo, self._side) for photo in photos]


def _find_what_differs(rgb: Image.Image, side: int) -> Plane:
    small = rgb.copy()
    small.thumbnail((side, side), Image.Resampling.BOX)
    pixels = np.asarray(small.convert("RGB")).astype(np.float32)
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    border = np.median(np.concatenate(edges), axis=0)
    distance = np.abs(pixels - border).max(axis=2)
    share = (distance - _BACKGROUND) / (_SUBJECT - _BACKGROUND)
    plane: Plane = np.clip(share, 0.0, 1.0).astype(np.float32)
    return plane
