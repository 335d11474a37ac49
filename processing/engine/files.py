"""The files that have a name of their own, in options.

They are what `Options()` makes, in other formats and sizes.
"""

from __future__ import annotations

from processing.engine.options import Options
from processing.engine.sizes import Box

PREVIEW_SIDE, THUMBNAIL_SIDE = 1024, 320
FILE_OPTIONS = {
    "cutout.png": Options(size="original"),
    "cutout.webp": Options(size="original", format="webp"),
    "cutout.jpg": Options(size="original", format="jpg"),
    "mask.png": Options(size="original", channels="alpha"),
    "preview.webp": Options(size=Box(PREVIEW_SIDE, PREVIEW_SIDE), format="webp", quality=85),
    "thumbnail.webp": Options(size=Box(THUMBNAIL_SIDE, THUMBNAIL_SIDE), format="webp", quality=80),
}
"""By the names of limits.FILES."""
