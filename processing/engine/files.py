"""The files that have a name of their own, in options.

They show the photo's own colours, and only the small ones are shrunk.
"""

from __future__ import annotations

from processing.engine.options import Options
from processing.engine.sizes import Box

PREVIEW_SIDE, THUMBNAIL_SIDE = 1024, 320
FILE_OPTIONS = {
    "cutout.png": Options(size="original", despill=False),
    "cutout.webp": Options(size="original", despill=False, format="webp"),
    "cutout.jpg": Options(size="original", despill=False, format="jpg"),
    "mask.png": Options(size="original", channels="alpha"),
    "preview.webp": Options(
        size=Box(PREVIEW_SIDE, PREVIEW_SIDE), despill=False, format="webp", quality=85
    ),
    "thumbnail.webp": Options(
        size=Box(THUMBNAIL_SIDE, THUMBNAIL_SIDE), despill=False, format="webp", quality=80
    ),
}
"""By the names of limits.FILES."""
