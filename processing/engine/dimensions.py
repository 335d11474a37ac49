"""Width and height as the first bytes of a photo state them, in pixels, before any turn.

Each reader may raise `struct.error` when the head ends too early: the caller then knows that the
size is not in the head. Nothing here judges a file's structure; the decoder does that later.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Size = tuple[int, int]

# Start-of-frame markers: C0 to CF without DHT (C4), JPG (C8) and DAC (CC).
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length: TEM, RST0 to RST7, SOI.
_JPEG_BARE = frozenset({0x00, 0x01, 0xD8, *range(0xD0, 0xD8)})
_JPEG_ENDS = frozenset({0xD9, 0xDA})
# Sizes of every BMP header version in use.
BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0}


def jpeg_size(head: bytes) -> Size | None:
    """Walks the markers to the first frame header; None when pixels begin before one."""
    at = 2
    while True:
        at = head.find(b"\xff", at)
        if at < 0:
            return None
        while head[at : at + 1] == b"\xff":
            at += 1
        (marker,) = struct.unpack_from(">B", head, at)
        at += 1
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 3)
            return width, height
        if marker in _JPEG_ENDS:
            return None
        if marker not in _JPEG_BARE:
            (length,) = struct.unpack_from(">H", head, at)
            at += max(length, 2)


def png_size(head: bytes) -> Size | None:
    if head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def gif_size(head: bytes) -> Size | None:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def bmp_size(head: bytes) -> Size | None:
    """A negative height means rows from top to bottom; a negative width means nothing: 0."""
    (header,) = struct.unpack_from("<I", head, 14)
    if header == 12:
        width, height = struct.unpack_from("<HH", head, 18)
        return width, height
    width, height = struct.unpack_from("<ii", head, 18)
    return max(width, 0), abs(height)


def webp_size(head: bytes) -> Size | None:
    chunk = head[12:16]
    if chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L" and head[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", head, 24)
        return (high_w << 16 | low_w) + 1, (high_h << 16 | low_h) + 1
    return None


def tiff_tags(head: bytes) -> dict[int, int]:
    """First values of the first directory's tags; 1 for a value that is not a whole number."""
    order = "<" if head[:2] == b"II" else ">"
    tags: dict[int, int] = {}
    try:
        (at,) = struct.unpack_from(order + "I", head, 4)
        (count,) = struct.unpack_from(order + "H", head, at)
        for entry in range(at + 2, at + 2 + count * 12, 12):
            tag, kind, _ = struct.unpack_from(order + "HHI", head, entry)
            if kind in (3, 4):
                (tags[tag],) = struct.unpack_from(order + "HI"[kind - 3], head, entry + 8)
            else:
                tags.setdefault(tag, 1)
    except struct.error:
        pass
    return tags


def tiff_size(head: bytes) -> Size | None:
    tags = tiff_tags(head)
    if 256 in tags and 257 in tags:
        return tags[256], tags[257]
    return None


def heif_size(head: bytes) -> Size | None:
    """The largest of the stated sizes (`ispe`): tiles, thumbnails and masks are never larger."""
    sizes = list(_spatial_extents(head, 0, len(head), 0))
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _spatial_extents(head: bytes, at: int, end: int, depth: int) -> Iterator[Size]:
    while at + 8 <= end:
        length, name = struct.unpack_from(">I4s", head, at)
        body = at + 8
        if length == 1 and at + 16 <= end:
            (length,) = struct.unpack_from(">Q", head, body)
            body = at + 16
        stop = end if length == 0 else min(at + length, end)
        if stop < body:
            return
        if name == b"ispe" and body + 12 <= stop:
            width, height = struct.unpack_from(">II", head, body + 4)
            yield width, height
        elif name in _CONTAINERS and depth < 3:
            yield from _spatial_extents(head, body + _CONTAINERS[name], stop, depth + 1)
        at = stop
