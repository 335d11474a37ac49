"""A matter without weights: whatever differs from the colour of the border is the subject.

Deterministic and done in milliseconds, for tests and for trying the pages out. Good for a subject
before a plain background and nothing else.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from processing.engine.errors import UnknownForeground

_SIDE = 256
# Distance from the border's colour, as the largest difference of a channel (0 to 255): less than
# `_BACKGROUND` is background, more than `_SUBJECT` is subject, between them it is see-through.
_BACKGROUND, _SUBJECT = 24.0, 56.0


class SyntheticMatter:
    name = "synthetic"
    version = "1"
    provider = "none"

    def matte(self, rgb: Image.Image) -> Image.Image:
        """A mask (L, 255 is subject) of the size of `rgb`. Raises UnknownForeground."""
        small = rgb.copy()
        small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
        pixels = np.asarray(small.convert("RGB")).astype(np.float32)
        edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
        border = np.median(np.concatenate(edges), axis=0)
        distance = np.abs(pixels - border).max(axis=2)
        if float(distance.max()) < _SUBJECT:
            raise UnknownForeground
        share = np.clip((distance - _BACKGROUND) / (_SUBJECT - _BACKGROUND), 0.0, 1.0)
        mask = Image.fromarray((share * 255.0 + 0.5).astype(np.uint8))
        return mask.resize(rgb.size, Image.Resampling.BILINEAR)
