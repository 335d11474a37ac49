"""Whether a photo that did not decode had simply lost its end.

Asked only after a failure, so that the sentence can say "send the whole file again" instead of
"this photo is damaged". Each format says in its own way where it ends.
"""

from __future__ import annotations

import struct


def is_cut_short(kind: str, photo: bytes) -> bool:
    """For photos whose kind was sniffed; false for a photo that is whole but broken."""
    try:
        return _CHECKS[kind](photo)
    except struct.error:
        return True


def _lacks_jpeg_end(photo: bytes) -> bool:
    return b"\xff\xd9" not in photo[-4096:]


def _lacks_png_end(photo: bytes) -> bool:
    return b"IEND" not in photo[-4096:]


def _lacks_gif_end(photo: bytes) -> bool:
    return b"\x3b" not in photo[-16:]


def _is_shorter_than_riff(photo: bytes) -> bool:
    (length,) = struct.unpack_from("<I", photo, 4)
    return bool(length + 8 > len(photo))


def _is_shorter_than_bmp(photo: bytes) -> bool:
    (length,) = struct.unpack_from("<I", photo, 2)
    return bool(length > len(photo))


def _is_shorter_than_tiff(photo: bytes) -> bool:
    """The directory, which writers put first or last, or the last strip of pixels is missing."""
    order = "<" if photo[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", photo, 4)
    (count,) = struct.unpack_from(order + "H", photo, at)
    last = dict.fromkeys(_STRIPS, 0)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, amount = struct.unpack_from(order + "HHI", photo, entry)
        if tag in _STRIPS and kind in _TIFF_NUMBERS:
            number, width = _TIFF_NUMBERS[kind]
            place = entry + 8
            if amount * width > 4:
                (place,) = struct.unpack_from(order + "I", photo, place)
            place += (amount - 1) * width
            (last[tag],) = struct.unpack_from(order + number, photo, place)
    return sum(last.values()) > len(photo)


def _has_open_box(photo: bytes) -> bool:
    """AVIF and HEIC: a top-level box that promises more bytes than there are."""
    at = 0
    while at + 8 <= len(photo):
        (length,) = struct.unpack_from(">I", photo, at)
        if length == 1:
            (length,) = struct.unpack_from(">Q", photo, at + 8)
        if length < 8:
            return False
        at += length
    return at != len(photo)


# StripOffsets, StripByteCounts; types of their values with format and width in bytes.
_STRIPS = (273, 279)
_TIFF_NUMBERS = {3: ("H", 2), 4: ("I", 4)}
_CHECKS = {
    "jpeg": _lacks_jpeg_end,
    "png": _lacks_png_end,
    "gif": _lacks_gif_end,
    "webp": _is_shorter_than_riff,
    "bmp": _is_shorter_than_bmp,
    "tiff": _is_shorter_than_tiff,
    "avif": _has_open_box,
    "heic": _has_open_box,
}
