"""Whether a photo that did not decode had simply lost its end.

Asked only after a failure, so that the sentence can say "send the whole file again" instead of
"this photo is damaged". Each format says in its own way where it ends.
"""

from __future__ import annotations

import struct


def is_cut_short(kind: str, photo: bytes) -> bool:
    try:
        return _is_cut_short(kind, photo)
    except struct.error:
        return True


def _is_cut_short(kind: str, photo: bytes) -> bool:
    if kind == "jpeg":
        return b"\xff\xd9" not in photo[-4096:]
    if kind == "png":
        return b"IEND" not in photo[-4096:]
    if kind == "gif":
        return b"\x3b" not in photo[-16:]
    if kind == "webp":
        (length,) = struct.unpack_from("<I", photo, 4)
        return bool(length + 8 > len(photo))
    if kind == "bmp":
        (length,) = struct.unpack_from("<I", photo, 2)
        return bool(length > len(photo))
    if kind == "tiff":
        (at,) = struct.unpack_from("<I" if photo[:2] == b"II" else ">I", photo, 4)
        return bool(at + 2 > len(photo))
    return _has_open_box(photo)


def _has_open_box(photo: bytes) -> bool:
    """AVIF and HEIC: a top-level box that promises more bytes than there are."""
    at = 0
    while at + 8 <= len(photo):
        (length,) = struct.unpack_from(">I", photo, at)
        if length == 1:
            (length,) = struct.unpack_from(">Q", photo, at + 8)
        if length == 0:
            return False
        if length < 8:
            return False
        at += length
    return at != len(photo)
