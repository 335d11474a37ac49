"""A PNG writer for large pictures: three chunks, one filter, both cores.

Pillow tries five filters for every row, on one core. Here each row is stored as its difference to
the row above (filter "up"), and bands of rows are compressed side by side: a zlib stream of
blocks that were each flushed to a byte boundary is the blocks one after the other.
"""

from __future__ import annotations

import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LEVEL = 2
_FILTER_UP = 2
_COLOUR_TYPES = {"L": 0, "RGB": 2, "RGBA": 6}
# Rows are filtered and compressed in bands of about this many bytes, which bounds the memory.
_BAND_BYTES = 4 << 20
_THREADS = min(4, len(os.sched_getaffinity(0)))


def write_png(image: Image.Image) -> bytes:
    """`image` is L, RGB or RGBA, 8 bits a channel."""
    stride = image.width * len(image.getbands())
    step = max(1, _BAND_BYTES // stride)
    bands = [(top, min(top + step, image.height)) for top in range(0, image.height, step)]
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(lambda band: _compress(image, *band), bands))
    checksum = 1
    for _, own, length in parts:
        checksum = _join_adler32(checksum, own, length)
    header = struct.pack(">IIBBBBB", *image.size, 8, _COLOUR_TYPES[image.mode], 0, 0, 0)
    body = b"".join([b"\x78\x01", *(part for part, _, _ in parts), struct.pack(">I", checksum)])
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", body), _chunk(b"IEND", b"")]
    return b"".join([b"\x89PNG\r\n\x1a\n", *chunks])


def _compress(image: Image.Image, top: int, bottom: int) -> tuple[bytes, int, int]:
    """One band: its deflate blocks, its Adler-32 and its length before compression."""
    filtered = _filter_rows(image, top, bottom)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(filtered.data)
    data += packer.flush(zlib.Z_FINISH if bottom == image.height else zlib.Z_SYNC_FLUSH)
    return data, zlib.adler32(filtered.data), filtered.nbytes


def _filter_rows(image: Image.Image, top: int, bottom: int) -> NDArray[np.uint8]:
    """Rows from `top` on, each less the row above; the crop's row outside the picture is zero."""
    band = np.asarray(image.crop((0, top - 1, image.width, bottom)))
    rows = band.reshape(bottom - top + 1, -1)
    filtered = np.empty((bottom - top, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _FILTER_UP
    np.subtract(rows[1:], rows[:-1], out=filtered[:, 1:])
    return filtered


def _join_adler32(first: int, second: int, second_length: int) -> int:
    """Adler-32 of two pieces from theirs, by its definition in RFC 1950."""
    base = 65521
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_length * ((first & 0xFFFF) - 1)
    return (high % base) << 16 | low % base


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(name))
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)
