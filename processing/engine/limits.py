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


@dataclass(frozen=True)
class Options:
    """Choices for one photo.

    `keep_transparency`: what is see-through in the photo stays see-through in the cutout.
    """

    keep_transparency: bool = True
