"""What one call may take, and what it may choose."""

from __future__ import annotations

from dataclasses import dataclass

FILES = {
    "cutout.png": "image/png",
    "cutout.webp": "image/webp",
    "cutout.jpg": "image/jpeg",
    "mask.png": "image/png",
    "preview.webp": "image/webp",
    "thumbnail.webp": "image/webp",
}
"""The files that can be made of a cutout, and their media types."""


@dataclass(frozen=True)
class Limits:
    """Most bytes and most pixels (width times height) of a photo, checked before it is decoded."""

    max_bytes: int = 30_000_000
    max_pixels: int = 100_000_000


# What a photo may be built of, so that the dearest one that passes costs seconds, not minutes.
MOST_PARTS = 100_000
"""Segments, chunks, entries, strips or tiles. 30 MB in PNG's smallest usual chunks are 4,000."""
MOST_BLOCKS = 1_000_000
"""Blocks of a GIF's pixels; 30 MB in full ones are 120,000."""
MOST_SCANS = 100
"""Passes of a progressive JPEG; libtiff's own limit is 100."""
USUAL_SCANS = 15
"""So many are taken whatever the size: writers make 10."""
MOST_SCANNED_PIXELS = 2_000_000_000
"""Passes times pixels: 20 passes over 100 megapixels, about 3 s."""
MOST_PROFILE_BYTES = 4_000_000
"""Of a colour profile; the largest of printers have 3 MB. A larger one counts as none."""
MOST_TILE_PIXELS = 1 << 24
"""Of a TIFF's tile that is larger than its picture; writers make 0.06 to 1 megapixel."""
MOST_DEEP_BYTES = 400_000_000
"""Of a TIFF's pixels of more than 8 bits a sample, before they are scaled to 8."""
MOST_SLOW_BYTES, MOST_SLOW_PIXELS = 2_000_000, 5_000_000
"""Of a BMP in run lengths: half a second per MB, and a third of a second per megapixel."""


# Most pixels a side, and in all. WebP's sides are the format's own limit; its area keeps libwebp
# below 1.1 GB (at 99 megapixels it takes 2.4 GB) and below what its mode partition can hold. AVIF's
# area does the same for libaom (at 50 megapixels it takes 1.3 GB).
_ROOM = {
    "webp": (16_383, 40_000_000),
    "jpg": (65_500, 65_500**2),
    "zip": (65_500, 65_500**2),
    "avif": (65_535, 30_000_000),
}


def has_room(form: str, width: int, height: int) -> bool:
    """Whether a picture of this size, in pixels, can be of this format; a PNG always can."""
    side, area = _ROOM.get(form, (width + height, width * height))
    return max(width, height) <= side and width * height <= area


def fits(file: str, width: int, height: int) -> bool:
    """Whether a cutout of this size can be made into `file`; the small copies always can."""
    name, _, form = file.rpartition(".")
    return name != "cutout" or has_room(form, width, height)
