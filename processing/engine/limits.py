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


# Most pixels a side, and in all. WebP's sides are the format's own limit; its area keeps libwebp
# below 1.1 GB (at 99 megapixels it takes 2.4 GB) and below what its mode partition can hold.
_ROOM = {
    "cutout.webp": (16_383, 40_000_000),
    "cutout.jpg": (65_500, 65_500**2),
}


def fits(file: str, width: int, height: int) -> bool:
    """Whether a cutout of this size, in pixels, can be made into `file`; a PNG always can."""
    if file not in _ROOM:
        return True
    side, area = _ROOM[file]
    return max(width, height) <= side and width * height <= area
