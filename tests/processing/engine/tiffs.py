"""TIFFs of any depth, written by the format's rules alone: no library's idea of them is in here."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
"""In rows, columns and samples."""
_FORMATS = {"u": 1, "i": 2, "f": 3}


@dataclass(frozen=True)
class Writing:
    """How a TIFF is written: `tile` is a side in pixels, `rows` those of a strip."""

    order: str = "<"
    photometric: int | None = None
    extra: tuple[int, ...] = ()
    predictor: int = 1
    planar: bool = False
    tile: int = 0
    rows: int = 7
    packed: bool = False
    profile: bytes = b""


def write_tiff(numbers: Numbers, how: Writing) -> bytes:
    height, width, samples = numbers.shape
    planes = [numbers[..., one : one + 1] for one in range(samples)] if how.planar else [numbers]
    pieces = [_pack(piece, how) for plane in planes for piece in _cut(plane, how)]
    colours = samples - len(how.extra)
    photometric = {1: 1, 3: 2, 4: 5}[colours] if how.photometric is None else how.photometric
    places = [8 + sum(map(len, pieces[:one])) for one in range(len(pieces))]
    lengths = [len(piece) for piece in pieces]
    tags: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [numbers.dtype.itemsize * 8] * samples),
        259: ("H", [8 if how.packed else 1]),
        262: ("H", [photometric]),
        277: ("H", [samples]),
        284: ("H", [2 if how.planar else 1]),
        317: ("H", [how.predictor]),
        339: ("H", [_FORMATS[numbers.dtype.kind]] * samples),
    }
    if how.tile:
        tags |= {322: ("H", [how.tile]), 323: ("H", [how.tile])}
    else:
        tags[278] = ("I", [how.rows])
    tags |= {324 if how.tile else 273: ("I", places), 325 if how.tile else 279: ("I", lengths)}
    if how.extra:
        tags[338] = ("H", list(how.extra))
    if how.profile:
        tags[34675] = ("B", list(how.profile))
    return _join(b"".join(pieces), tags, how.order)


def _cut(plane: Numbers, how: Writing) -> Iterator[Numbers]:
    height, width, _ = plane.shape
    if not how.tile:
        yield from (plane[top : top + how.rows] for top in range(0, height, how.rows))
        return
    padded = np.pad(plane, ((0, -height % how.tile), (0, -width % how.tile), (0, 0)))
    for top in range(0, height, how.tile):
        for left in range(0, width, how.tile):
            yield padded[top : top + how.tile, left : left + how.tile]


def _pack(piece: Numbers, how: Writing) -> bytes:
    rows, columns, samples = piece.shape
    size = piece.dtype.itemsize
    if how.predictor == 2:
        whole = np.ascontiguousarray(piece).view(f"u{size}")
        steps = np.diff(whole, axis=1, prepend=whole[:, :1] * 0)
        stored = steps.astype(f"{how.order}u{size}").tobytes()
    elif how.predictor == 3:
        apart = np.ascontiguousarray(piece.astype(f">f{size}")).view(np.uint8)
        apart = apart.reshape(rows, columns * samples, size).swapaxes(1, 2).reshape(rows, -1)
        steps = apart.copy()
        steps[:, samples:] -= apart[:, :-samples]
        stored = steps.tobytes()
    else:
        stored = piece.astype(f"{how.order}{piece.dtype.kind}{size}").tobytes()
    return zlib.compress(stored) if how.packed else stored


def _join(pixels: bytes, tags: dict[int, tuple[str, list[int]]], order: str) -> bytes:
    pixels += bytes(len(pixels) % 2)
    start = 8 + len(pixels)
    entries, beyond = b"", b""
    for tag, (code, values) in sorted(tags.items()):
        value = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(value) > 4:
            place = start + 2 + 12 * len(tags) + 4 + len(beyond)
            beyond += value + bytes(len(value) % 2)
            value = struct.pack(order + "I", place)
        kind = {"B": 7, "H": 3, "I": 4}[code]
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + value.ljust(4, b"\0")
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, start)
    return head + pixels + struct.pack(order + "H", len(tags)) + entries + bytes(4) + beyond


def with_numbers(photo: bytes, tags: dict[int, int]) -> bytes:
    """A little-endian TIFF that says something else in these tags, of one value each."""
    changed = bytearray(photo)
    (at,) = struct.unpack_from("<I", photo, 4)
    (count,) = struct.unpack_from("<H", photo, at)
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, _ = struct.unpack_from("<HHI", photo, place)
        if tag in tags:
            struct.pack_into("<H" if kind == 3 else "<I", changed, place + 8, tags[tag])
    return bytes(changed)
