"""Where a photo's parts and sizes stand, found loosely: mutated files are taken apart too."""

from __future__ import annotations

import re
import struct
import zlib

Part = tuple[int, int]
"""First byte and end."""

Number = tuple[int, str]
"""Place and struct format."""

_CONTAINERS = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"moov": 8, b"trak": 8, b"iinf": 14}
_JPEG_PART = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")
_JPEG_SIZE = re.compile(rb"\xff[\xc0-\xc2]...", re.DOTALL)
_SIZED_BOX = re.compile(rb"ispe....", re.DOTALL)
_MOST = 400
# Numbers that always stand at the same places; where a chunk of the kind has its length.
_HEADS: dict[str, list[Number]] = {
    "png": [(16, ">I"), (20, ">I")],
    "gif": [(6, "<H"), (8, "<H"), (13, "<H"), (15, "<H")],
    "bmp": [*((at, "<I") for at in (2, 10, 14, 18, 22, 30, 34, 46)), (28, "<H")],
    "webp": [(4, "<I"), (24, "<I"), (27, "<I"), (26, "<H"), (28, "<H")],
}
_LENGTHS = {"png": (0, ">I"), "webp": (4, "<I")}


def find_parts(kind: str, photo: bytes) -> list[Part]:
    """Segments, chunks, boxes or entries; none for kinds without."""
    finder = _FINDERS.get(kind)
    return finder(photo)[:_MOST] if finder else []


def find_numbers(kind: str, photo: bytes) -> list[Number]:
    """Places of sizes and lengths with their struct format."""
    starts = [at for at, _ in find_parts(kind, photo)]
    if kind == "jpeg":
        sizes = [one.end() for one in _JPEG_SIZE.finditer(photo)]
        return [(at + more, ">H") for at in sizes for more in (0, 2)] + _at(starts, 2, ">H")
    if kind in ("avif", "heic"):
        sizes = [one.end() for one in _SIZED_BOX.finditer(photo)]
        return [(at + more, ">I") for at in sizes for more in (0, 4)] + _at(starts, 0, ">I")
    if kind == "tiff":
        order = "<" if photo[:2] == b"II" else ">"
        fields = ((0, "H"), (2, "H"), (4, "I"), (8, "I"))
        return [one for more, form in fields for one in _at(starts, more, order + form)]
    place, form = _LENGTHS.get(kind, (0, ">I"))
    return _HEADS.get(kind, []) + _at(starts, place, form)


def _at(starts: list[int], more: int, form: str) -> list[Number]:
    return [(at + more, form) for at in starts]


def mend_checksums(photo: bytes) -> bytes:
    """PNG's, so that a change gets past the first check."""
    mended = bytearray(photo)
    for at, end in _png_parts(photo):
        if end <= len(mended) and end - at >= 12:
            mended[end - 4 : end] = struct.pack(">I", zlib.crc32(mended[at + 4 : end - 4]))
    return bytes(mended)


def _png_parts(photo: bytes) -> list[Part]:
    parts, at = [], 8
    while at + 12 <= len(photo):
        (length,) = struct.unpack_from(">I", photo, at)
        parts.append((at, at + 12 + length))
        at += 12 + length
    return parts


def _riff_parts(photo: bytes) -> list[Part]:
    parts, at = [], 12
    while at + 8 <= len(photo):
        (length,) = struct.unpack_from("<I", photo, at + 4)
        parts.append((at, at + 8 + length + (length & 1)))
        at = parts[-1][1]
    return parts


def _jpeg_parts(photo: bytes) -> list[Part]:
    starts = [one.start() for one in _JPEG_PART.finditer(photo)]
    return [
        (at, at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big"))
        for at in starts
        if at + 4 <= len(photo)
    ]


def _boxes(photo: bytes) -> list[Part]:
    parts: list[Part] = []
    waiting = [(0, len(photo))]
    while waiting and len(parts) < _MOST:
        at, end = waiting.pop()
        while at + 8 <= end:
            length, name = struct.unpack_from(">I4s", photo, at)
            if length < 8:
                break
            parts.append((at, min(at + length, end)))
            if name in _CONTAINERS:
                waiting.append((at + _CONTAINERS[name], min(at + length, end)))
            at += length
    return parts


def _entries(photo: bytes) -> list[Part]:
    order = "<" if photo[:2] == b"II" else ">"
    if len(photo) < 8:
        return []
    (at,) = struct.unpack_from(order + "I", photo, 4)
    if at + 2 > len(photo):
        return []
    (count,) = struct.unpack_from(order + "H", photo, at)
    last = min(at + 2 + 12 * count, len(photo) - 11)
    return [(place, place + 12) for place in range(at + 2, last, 12)]


_FINDERS = {
    "png": _png_parts,
    "webp": _riff_parts,
    "jpeg": _jpeg_parts,
    "avif": _boxes,
    "heic": _boxes,
    "tiff": _entries,
}
