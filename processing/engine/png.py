"""A PNG writer for large pictures: two filters, a fast deflate, all cores, never a second picture.

Pillow tries five filters for every row and compresses them by zlib, on one core. Here bands of rows
are taken out of the picture, filtered by the better one of two filters, and compressed by ISA-L
side by side: a zlib stream of blocks that were each flushed to a byte boundary is the blocks one
after the other. The bands depend on the picture alone, so the number of cores changes no byte.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

_LEVEL = 2
_SUB, _UP = 1, 2
_COLOUR_TYPES = {"L": 0, "RGB": 2, "RGBA": 6}
# A band's bytes before compression: filters work within a core's cache, and a few bands in flight
# are all the memory that writing takes besides the file itself.
_BAND_BYTES = 1 << 20
_THREADS = min(4, len(os.sched_getaffinity(0)))
# Which filter suits a row is judged by one byte in so many (prime: it meets every channel).
_SAMPLE = 7


@dataclass(frozen=True)
class _Band:
    """Rows `top` to `bottom` of a picture of `image` alone, or of `image` with `mask` as alpha."""

    image: Image.Image
    mask: Image.Image | None
    top: int
    bottom: int


def write_png(image: Image.Image, mask: Image.Image | None = None) -> bytes:
    """`image` is L, RGB or RGBA, 8 bits a channel.

    With a `mask` (L, of the size of `image`, which is RGB then) the file is RGBA: the mask is its
    alpha, and where that is 0 there is black beneath.
    """
    mode = image.mode if mask is None else "RGBA"
    bands = list(_cut_bands(image, mask, image.width * len(mode)))
    if len(bands) == 1:
        parts = [_compress(bands[0])]
    else:
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(_compress, bands))
    checksum = 1
    for _, own, length in parts:
        checksum = _join_adler32(checksum, own, length)
    header = struct.pack(">IIBBBBB", *image.size, 8, _COLOUR_TYPES[mode], 0, 0, 0)
    start = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header), _chunk(b"IDAT", b"\x78\x01")]
    end = [_chunk(b"IDAT", struct.pack(">I", checksum)), _chunk(b"IEND", b"")]
    return b"".join([*start, *(part for part, _, _ in parts), *end])


def _cut_bands(image: Image.Image, mask: Image.Image | None, stride: int) -> Iterator[_Band]:
    step = max(1, _BAND_BYTES // stride)
    for top in range(0, image.height, step):
        yield _Band(image, mask, top, min(top + step, image.height))


def _compress(band: _Band) -> tuple[bytes, int, int]:
    """One band: a chunk of its deflate blocks, its Adler-32 and its length before compression."""
    filtered = _filter_rows(_take_rows(band), _bytes_per_pixel(band)).reshape(-1)
    packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    last = band.bottom == band.image.height
    flush = isal_zlib.Z_FINISH if last else isal_zlib.Z_SYNC_FLUSH
    data = packer.compress(filtered.data) + packer.flush(flush)
    return _chunk(b"IDAT", data), isal_zlib.adler32(filtered.data), filtered.nbytes


def _take_rows(band: _Band) -> NDArray[np.uint8]:
    """The band's rows below the one above it; a row outside the picture is zero, as PNG wants."""
    box = (0, band.top - 1, band.image.width, band.bottom)
    part = band.image.crop(box)
    rows = band.bottom - band.top + 1
    if band.mask is None:
        return np.frombuffer(part.tobytes(), np.uint8).reshape(rows, -1)
    # Four bytes a pixel at once, the fourth being the alpha.
    pixels = np.frombuffer(part.tobytes("raw", "RGBX"), "<u4") & np.uint32(0xFFFFFF)
    alpha = np.frombuffer(band.mask.crop(box).tobytes(), np.uint8).astype("<u4")
    pixels *= alpha != 0
    alpha <<= np.uint32(24)
    pixels |= alpha
    return pixels.view(np.uint8).reshape(rows, -1)


def _bytes_per_pixel(band: _Band) -> int:
    return 4 if band.mask is not None else len(band.image.getbands())


def _filter_rows(rows: NDArray[np.uint8], pixel: int) -> NDArray[np.uint8]:
    """Each row but the first, less the row above or less the pixel at its left.

    The filter is chosen by the sum of the differences, as the PNG specification advises (12.7).
    """
    up = np.empty((len(rows) - 1, rows.shape[1] + 1), np.uint8)
    up[:, 0] = _UP
    np.subtract(rows[1:], rows[:-1], out=up[:, 1:])
    sub = np.empty_like(up)
    sub[:, 0] = _SUB
    sub[:, 1 : pixel + 1] = rows[1:, :pixel]
    np.subtract(rows[1:, pixel:], rows[1:, :-pixel], out=sub[:, pixel + 1 :])
    better = _weigh(sub) < _weigh(up)
    up[better] = sub[better]
    return up


def _weigh(filtered: NDArray[np.uint8]) -> NDArray[np.int64]:
    """For each row the sum of its differences, from 0 to 128 each."""
    sample = filtered[:, 1::_SAMPLE]
    weights: NDArray[np.int64] = np.minimum(sample, 0 - sample).sum(axis=1, dtype=np.int64)
    return weights


def _join_adler32(first: int, second: int, second_length: int) -> int:
    """Adler-32 of two pieces from theirs, by its definition in RFC 1950."""
    base = 65521
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_length * ((first & 0xFFFF) - 1)
    return (high % base) << 16 | low % base


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = isal_zlib.crc32(body, isal_zlib.crc32(name))
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)
