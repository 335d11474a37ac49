"""What a file is, by its first bytes alone: no name, no declared type, no image library.

The same rules run in the browser before anything is sent; `tests/vectors/sniff.json` holds both
to the same answers.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from processing.engine import dimensions
from processing.engine.errors import (
    DecodeFailed,
    EmptyFile,
    NotAnImage,
    TooManyPixels,
    UnsupportedType,
)
from processing.engine.limits import Limits
from processing.engine.refusals import is_camera_raw, name_refused
from processing.phrases import phrase

HEAD_BYTES = 256 * 1024
"""How much of a file `sniff` wants to see; more is ignored."""

MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "bmp": "image/bmp",
}

_SIZES: dict[str, Callable[[bytes], dimensions.Size | None]] = {
    "jpeg": dimensions.jpeg_size,
    "png": dimensions.png_size,
    "webp": dimensions.webp_size,
    "avif": dimensions.heif_size,
    "heic": dimensions.heif_size,
    "tiff": dimensions.tiff_size,
    "gif": dimensions.gif_size,
    "bmp": dimensions.bmp_size,
}
_STARTS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF = frozenset({b"mif1", b"msf1"})


@dataclass(frozen=True)
class Header:
    """Size in pixels as stored (a turn may swap it), None where the head does not tell."""

    kind: str
    media_type: str
    width: int | None
    height: int | None


def sniff(head: bytes) -> Header:
    """Tells the kind of a photo from its first bytes.

    Raises EmptyFile for none, UnsupportedType for a file known by name but not accepted,
    NotAnImage for anything else, DecodeFailed for a photo that states a side of 0 pixels.
    """
    if not head:
        raise EmptyFile
    head = head[:HEAD_BYTES]
    kind = _find_kind(head)
    if kind is None:
        found = name_refused(head)
        raise UnsupportedType.named(found) if found else NotAnImage
    if kind == "tiff" and is_camera_raw(head):
        raise UnsupportedType.named(phrase("a camera raw file"))
    try:
        size = _SIZES[kind](head)
    except struct.error:
        size = None
    if size is None:
        return Header(kind, MEDIA_TYPES[kind], None, None)
    if 0 in size:
        raise DecodeFailed
    return Header(kind, MEDIA_TYPES[kind], *size)


def _find_kind(head: bytes) -> str | None:
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in dimensions.BMP_HEADERS:
        return "bmp"
    return _find_heif_kind(head) if head[4:8] == b"ftyp" else None


def _find_heif_kind(head: bytes) -> str | None:
    """The major brand decides; the general HEIF brands leave it to the compatible ones."""
    major = head[8:12]
    end = min(int.from_bytes(head[:4], "big"), 512, len(head))
    compatible = {head[at : at + 4] for at in range(16, end, 4)}
    if major in _AVIF:
        return "avif"
    if major in _HEIC:
        return "heic"
    if major in _HEIF:
        return "avif" if compatible & _AVIF else "heic"
    return None


def check_head(head: bytes, limits: Limits) -> Header:
    """`sniff`, and TooManyPixels for a stated size over the limit."""
    header = sniff(head)
    if header.width and header.height:
        check_pixels(header.width, header.height, limits)
    return header


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raises TooManyPixels."""
    if width * height > limits.max_pixels:
        raise TooManyPixels.over(width, height, limits.max_pixels)
