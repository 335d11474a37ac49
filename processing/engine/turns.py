"""Which way up a photo is: EXIF's orientation, 1 to 8 (EXIF 3.0, tag 274)."""

from __future__ import annotations

import re

from processing.engine.dimensions import tiff_tags

UPRIGHT = 1
ORIENTATION = 274
_IN_XMP = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")


def read_turn(exif: bytes) -> int:
    """Reads the first directory alone; a broken block is no reason to refuse a photo."""
    found = tiff_tags(exif.removeprefix(b"Exif\0\0")).get(ORIENTATION, UPRIGHT)
    return found if found in range(1, 9) else UPRIGHT


def read_turn_of_xmp(xmp: bytes) -> int:
    """For photos without EXIF."""
    found = _IN_XMP.search(xmp)
    return int(found[1]) if found else UPRIGHT
