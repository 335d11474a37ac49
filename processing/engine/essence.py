"""A photo reduced to what its pixels need, before any parser of pixels sees it.

An allow-list of parts: size, tables, profile and data of the first picture pass; EXIF, XMP, text,
comments, previews, further frames and further directories do not. What is left out cannot cost
anything, and what is let through is counted. Each format is walked once, in time linear in its
bytes; a photo whose structure is broken is passed on as far as it could be followed, because the
parser tells what is wrong with it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from processing.engine.dimensions import JPEG_FRAMES, bmp_size
from processing.engine.directory import reduce_tiff
from processing.engine.errors import TooManyParts, TooManyPixels
from processing.engine.limits import (
    MOST_BLOCKS,
    MOST_PARTS,
    MOST_SCANNED_PIXELS,
    MOST_SCANS,
    MOST_SLOW_BYTES,
    MOST_SLOW_PIXELS,
    USUAL_SCANS,
)
from processing.engine.turns import UPRIGHT, read_turn, read_turn_of_xmp


@dataclass(frozen=True)
class Essence:
    """`photo` is still a file of its kind; `turn` is EXIF's orientation (1 to 8) of the whole."""

    photo: bytes
    turn: int = UPRIGHT


def find_essence(photo: bytes, kind: str) -> Essence:
    """`kind` as sniffed. Raises TooManyParts, TooManyPixels for a BMP in run lengths, and
    DecodeFailed for a TIFF at odds with itself.
    """
    return _REDUCERS[kind](photo)


# JPEG: the byte after FF names a segment. Junk before a segment is skipped, as decoders do.
_MARKER = re.compile(rb"\xff([\x01-\xfe])")
_MARKER_IN_SCAN = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_END, _SCAN = 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


def _reduce_jpeg(photo: bytes) -> Essence:
    kept, turn, of_xmp, pixels = [photo[:2]], None, UPRIGHT, 0
    for marker, start, end in _jpeg_segments(photo):
        body = photo[start + 4 : min(end, start + 64)]
        if marker in JPEG_FRAMES:
            pixels = int.from_bytes(body[1:3], "big") * int.from_bytes(body[3:5], "big")
        if marker == _SCAN:
            kept.append(photo[start : _find_end_of_scans(photo, start, pixels)])
        elif marker == _APP1:
            if turn is None and body.startswith(b"Exif\0"):
                turn = read_turn(photo[start + 10 : end])
            elif body.startswith(_XMP):
                of_xmp = read_turn_of_xmp(photo[start:end])
        elif _is_needed(marker, body):
            kept.append(photo[start:end])
    return Essence(b"".join(kept), of_xmp if turn is None else turn)


def _is_needed(marker: int, body: bytes) -> bool:
    """Of the application segments, three say what the numbers mean: JFIF, Adobe, profiles."""
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker in (_APP0, _APP14) or not (_APP0 <= marker <= _APP15 or marker == _COMMENT)


def _jpeg_segments(photo: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, first byte and end of each segment; from the first scan on all are one."""
    at, parts = 2, 0
    while found := _MARKER.search(photo, at):
        marker, start = found[1][0], found.start()
        parts += 1
        if parts > MOST_PARTS:
            raise TooManyParts
        if marker in (_SCAN, _END):
            yield _SCAN, start, len(photo)
            return
        at = start + 2
        if marker not in _BARE:
            at = max(at + int.from_bytes(photo[at : at + 2], "big"), at + 2)
            yield marker, start, at


def _find_end_of_scans(photo: bytes, at: int, pixels: int) -> int:
    """Each scan makes a decoder walk the whole picture again, however few bytes it has."""
    most = min(MOST_SCANS, max(USUAL_SCANS, MOST_SCANNED_PIXELS // max(pixels, 1)))
    scans = parts = 0
    while found := _MARKER_IN_SCAN.search(photo, at):
        marker, at = found[1][0], found.end()
        scans += marker == _SCAN
        parts += 1
        if scans > most or parts > MOST_PARTS:
            raise TooManyParts
        if marker == _END:
            return at
        if marker not in _BARE:
            at = max(at + int.from_bytes(photo[at : at + 2], "big"), at + 2)
    return len(photo)


_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})


def _reduce_png(photo: bytes) -> Essence:
    """The frames of an animation are in chunks of their own (fdAT); IDAT is the picture."""
    kept, turn, at, parts, profiles = [photo[:8]], UPRIGHT, 8, 0, 0
    while at + 8 <= len(photo):
        length, name = struct.unpack_from(">I4s", photo, at)
        end = at + 12 + length
        parts += 1
        if parts > MOST_PARTS:
            raise TooManyParts
        if name == b"eXIf":
            turn = read_turn(photo[at + 8 : end - 4])
        profiles += name == b"iCCP"
        if name in _PNG_CHUNKS and (name != b"iCCP" or profiles == 1):
            kept.append(photo[at:end])
        if name == b"IEND":
            break
        at = end
    return Essence(b"".join(kept), turn)


_GIF_EXTENSION, _GIF_IMAGE, _GIF_CONTROL = 0x21, 0x2C, 0xF9


def _reduce_gif(photo: bytes) -> Essence:
    """Screen and palette, the first image, and the control block that holds for it."""
    start = 13 + _palette_bytes(photo, 10)
    at, control, parts = start, b"", 0
    while at < len(photo):
        parts += 1
        if parts > MOST_PARTS:
            raise TooManyParts
        if photo[at] == _GIF_EXTENSION:
            end = _skip_blocks(photo, at + 2)
            if photo[at + 1 : at + 2] == bytes([_GIF_CONTROL]):
                control = photo[at:end]
            at = end
        elif photo[at] == _GIF_IMAGE:
            end = _skip_blocks(photo, at + 10 + _palette_bytes(photo, at + 9) + 1)
            trailer = b"\x3b" if end <= len(photo) else b""
            return Essence(photo[:start] + control + photo[at:end] + trailer)
        else:
            at += 1
    return Essence(photo[:start])


def _palette_bytes(photo: bytes, at: int) -> int:
    flags = photo[at] if at < len(photo) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(photo: bytes, at: int) -> int:
    """To behind the empty block that ends a chain; beyond the photo's end where there is none."""
    for _ in range(MOST_BLOCKS):
        if at >= len(photo):
            return len(photo) + 1
        size = photo[at]
        at += size + 1
        if not size:
            return at
    raise TooManyParts


_WEBP_CHUNKS = frozenset({b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"})


def _reduce_webp(photo: bytes) -> Essence:
    """Of each kind of chunk the first: the first frame, the first profile."""
    kept: dict[bytes, bytes] = {}
    turn, at, parts = UPRIGHT, 12, 0
    while at + 8 <= len(photo):
        name, length = struct.unpack_from("<4sI", photo, at)
        end = at + 8 + length + (length & 1)
        parts += 1
        if parts > MOST_PARTS:
            raise TooManyParts
        if name == b"EXIF":
            turn = read_turn(photo[at + 8 : end])
        elif name in _WEBP_CHUNKS:
            kept.setdefault(name, photo[at:end])
        at = end
    inside = b"WEBP" + b"".join(kept.values())
    return Essence(b"RIFF" + struct.pack("<I", len(inside)) + inside, turn)


# The entry of an item's type in AVIF's list of items; versions 2 and 3 have ids of 2 and 4 bytes.
_EXIF_ITEM = re.compile(rb"(infe\x02.{7}|infe\x03.{9})Exif", re.DOTALL)


def _reduce_avif(photo: bytes) -> Essence:
    """EXIF is renamed, so that nobody reads it; an AVIF's turn is in properties of its own."""
    return Essence(_EXIF_ITEM.sub(rb"\1skip", photo))


def _reduce_tiff(photo: bytes) -> Essence:
    return Essence(*reduce_tiff(photo))


_RUN_LENGTHS = (b"\1\0\0\0", b"\2\0\0\0")


def _reduce_bmp(photo: bytes) -> Essence:
    """Run lengths are unpacked by a loop of Python over runs, and over pixels at a row's end."""
    if photo[30:34] in _RUN_LENGTHS:
        if len(photo) > MOST_SLOW_BYTES:
            raise TooManyParts
        width, height = bmp_size(photo) or (0, 0)
        if width * height > MOST_SLOW_PIXELS:
            raise TooManyPixels.over(width, height, MOST_SLOW_PIXELS)
    return Essence(photo)


_REDUCERS: dict[str, Callable[[bytes], Essence]] = {
    "jpeg": _reduce_jpeg,
    "png": _reduce_png,
    "gif": _reduce_gif,
    "webp": _reduce_webp,
    "avif": _reduce_avif,
    "heic": Essence,  # libheif limits items, tiles and nesting itself, and turns by properties.
    "tiff": _reduce_tiff,
    "bmp": _reduce_bmp,
}
