"""TIFFs that cost much, as in nasty.py: a directory can claim the same bytes again and again."""

from __future__ import annotations

import struct
import zlib

ROOM = 29_000_000
"""Bytes: a little less than the largest photo that is taken."""


def tiff_of(
    width: int, height: int, entries: list[tuple[int, int, int, int]], tail: bytes
) -> bytes:
    """Grey, one byte a pixel; `entries` beyond the size; the directory stands at byte 8."""
    size = [(256, 4, 1, width), (257, 4, 1, height)]
    layout = [(258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    every = sorted([*size, *layout, *entries])
    packed = b"".join(struct.pack("<HHII", *entry) for entry in every)
    head = b"II*\0" + struct.pack("<IH", 8, len(every))
    return head + packed + bytes(4) + tail


def tiff_entries(scale: float) -> bytes:
    """Tags without number that all claim the whole file as their value."""
    count, body = int(60_000 * scale) or 1, int(25_000_000 * scale)
    entries = [(0xD000 + number % 4096, 1, body, 8) for number in range(count)]
    return tiff_of(8, 8, [(273, 4, 1, 8), (279, 4, 1, 64), *entries], bytes(body))


def tiff_strips(scale: float) -> bytes:
    """A column one pixel wide, each pixel a strip of its own."""
    rows = int(3_500_000 * scale)
    place = 8 + 2 + 8 * 12 + 4
    entries = [(273, 4, rows, place), (278, 4, 1, 1), (279, 4, rows, place + 4 * rows)]
    tail = struct.pack("<I", 8) * rows + struct.pack("<I", 1) * rows
    return tiff_of(1, rows, entries, tail)


def tiff_directories(scale: float) -> bytes:
    """A chain of directories as long as the file."""
    first = tiff_of(8, 8, [(273, 4, 1, 8), (279, 4, 1, 64)], b"")
    at = len(first)
    chain = b"".join(
        struct.pack("<HHHIII", 1, 254, 4, 1, 0, at + 18 * (number + 1))
        for number in range(int(ROOM * scale / 18))
    )
    return first[:-4] + struct.pack("<I", at) + chain


def tiff_circle(scale: float) -> bytes:
    """The directory names itself as its sub-directory, its EXIF and its successor."""
    entries = [
        (330, 4, 1, 8),
        (0x8769, 4, 1, 8),
        (0x8825, 4, 1, 8),
        (273, 4, 1, 8),
        (279, 4, 1, 64),
    ]
    whole = tiff_of(8, 8, entries, bytes(64))
    return whole[:-68] + struct.pack("<I", 8) + whole[-64:]


def tiff_exif(scale: float) -> bytes:
    """EXIF inside a TIFF, whose entries all claim the same body."""
    count, body = int(60_000 * scale) or 1, int(25_000_000 * scale)
    first = tiff_of(8, 8, [(273, 4, 1, 8), (279, 4, 1, 64), (0x8769, 4, 1, 0)], b"")
    at = len(first)
    whole = bytearray(first)
    pointer = whole.find(struct.pack("<HHI", 0x8769, 4, 1)) + 8
    whole[pointer : pointer + 4] = struct.pack("<I", at)
    entries = b"".join(struct.pack("<HHII", 0x9000, 7, body, 8) for _ in range(count))
    return bytes(whole) + struct.pack("<H", count) + entries + bytes(4) + bytes(body)


def tiff_tile(scale: float) -> bytes:
    """A picture of 16 by 16 pixels in one tile of 784 megapixels, which is unpacked whole."""
    side = int(28_000 * scale**0.5) // 16 * 16
    packer = zlib.compressobj(1)
    pixels = b"".join(packer.compress(bytes(side)) for _ in range(side)) + packer.flush()
    place = 8 + 2 + 9 * 12 + 4
    tile = [(322, 4, 1, side), (323, 4, 1, side), (324, 4, 1, place), (325, 4, 1, len(pixels))]
    photo = tiff_of(16, 16, tile, pixels)
    deflate, plain = (struct.pack("<HHII", 259, 3, 1, number) for number in (8, 1))
    return photo.replace(plain, deflate, 1)
