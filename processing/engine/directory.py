"""A TIFF's first directory, cut down to what its pixels need.

A directory names its values by place and length, so that a small file can claim the same
megabytes thousands of times, or send a reader in circles through further directories.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processing.engine.errors import DecodeFailed, TooManyParts
from processing.engine.limits import MOST_PARTS, MOST_PROFILE_BYTES, MOST_TILE_PIXELS
from processing.engine.turns import UPRIGHT, read_turn

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
SAMPLES, ROWS_PER_STRIP, PLANES, PREDICTOR, EXTRA_SAMPLES, FORMAT = 277, 278, 284, 317, 338, 339
STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 273, 279, 322, 323, 324, 325
PROFILE = 34675
_PALETTE = 320
# TIFF 6.0: besides size and pieces, how samples are stored and what they mean; 347 holds the
# tables of JPEG in TIFF, 512 to 521 the old form of it.
_KEPT = frozenset(
    {
        *(WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, SAMPLES, ROWS_PER_STRIP),
        *(STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, PLANES, PREDICTOR),
        *(292, 293, 301, _PALETTE, 332, 334, EXTRA_SAMPLES, FORMAT, 340, 341, 347),
        *(512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, PROFILE),
    }
)
# A palette of 16 bits; every other value that is kept is shorter, strips and tiles aside.
_MOST_VALUES = 3 * 65_536
_MOST = dict.fromkeys((STRIPS, STRIP_BYTES, TILES, TILE_BYTES), MOST_PARTS)
_MOST[PROFILE] = MOST_PROFILE_BYTES
# Of the types of values: whole numbers, and the bytes of each.
_NUMBERS = {1: "B", 3: "H", 4: "I"}
_BYTES = {3: 2, 4: 4}


@dataclass(frozen=True)
class Directory:
    """The first directory of `photo`: where it stands, and its entries as they are stored."""

    photo: bytes
    order: str
    at: int
    entries: dict[int, bytes]

    def content(self, tag: int) -> bytes:
        """A tag's value as it is stored; nothing where the tag is not there."""
        if tag not in self.entries:
            return b""
        _, kind, amount = struct.unpack_from(self.order + "HHI", self.entries[tag])
        length = amount * _BYTES.get(kind, 1)
        if length <= 4:
            return self.entries[tag][8 : 8 + length]
        (place,) = struct.unpack_from(self.order + "I", self.entries[tag], 8)
        return self.photo[place : place + length]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """None where the tag is not there, or holds no whole numbers."""
        if tag not in self.entries:
            return ()
        _, kind, amount = struct.unpack_from(self.order + "HHI", self.entries[tag])
        if kind not in _NUMBERS:
            return ()
        return struct.unpack(f"{self.order}{amount}{_NUMBERS[kind]}", self.content(tag))


def read_directory(photo: bytes) -> Directory | None:
    """Of the tags that pixels need; None where a cut file's directory is missing.

    Raises TooManyParts.
    """
    order = "<" if photo[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(order + "I", photo, 4)
        (count,) = struct.unpack_from(order + "H", photo, at)
    except struct.error:
        return None
    return Directory(photo, order, at, _kept_entries(photo, order, at + 2, count))


def reduce_tiff(photo: bytes) -> tuple[bytes, int]:
    """The photo with its directory rewritten in place, and its turn.

    Raises TooManyParts, and DecodeFailed for pieces that the picture has no room for.
    """
    found = read_directory(photo)
    if found is None:
        return photo, UPRIGHT
    _check_pieces(found.entries, found.order)
    entries = found.entries.values()
    directory = struct.pack(found.order + "H", len(entries)) + b"".join(entries) + bytes(4)
    # Without further entries and a follower it fits where it was, but for a cut file's end.
    reduced = photo[: found.at] + directory + photo[found.at + len(directory) :]
    return reduced, read_turn(photo)


def describe_anew(found: Directory, tags: Mapping[int, Sequence[int]]) -> bytes:
    """The same photo with these tags alone, in a directory at its end."""
    start = len(found.photo) + len(found.photo) % 2
    entries, beyond = b"", b""
    for tag, numbers in sorted(tags.items()):
        value = struct.pack(f"{found.order}{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            place = start + 2 + 12 * len(tags) + 4 + len(beyond)
            beyond += value
            value = struct.pack(found.order + "I", place)
        entries += struct.pack(found.order + "HHI", tag, 4, len(numbers)) + value
    head = found.photo[:4] + struct.pack(found.order + "I", start)
    directory = struct.pack(found.order + "H", len(tags)) + entries + bytes(4) + beyond
    return head + found.photo[8:].ljust(start - 8, b"\0") + directory


def _kept_entries(photo: bytes, order: str, at: int, count: int) -> dict[int, bytes]:
    entries: dict[int, bytes] = {}
    for place in range(at, min(at + 12 * count, len(photo) - 11), 12):
        tag, _, amount = struct.unpack_from(order + "HHI", photo, place)
        if tag not in _KEPT or tag in entries:
            continue
        if amount <= _MOST.get(tag, _MOST_VALUES):
            entries[tag] = photo[place : place + 12]
        elif tag != PROFILE:
            raise TooManyParts
    return entries


def _check_pieces(entries: dict[int, bytes], order: str) -> None:
    """More pieces than the picture has room for would be unpacked over one another, and of a tile
    that is far larger than the picture all is unpacked.
    """
    values = {tag: _first_value(entry, order) for tag, entry in entries.items()}
    width, height = values.get(WIDTH, 0), values.get(HEIGHT, 0)
    planes = values.get(SAMPLES, 1) if values.get(PLANES, 1) == 2 else 1
    tile = values.get(TILE_WIDTH, 0), values.get(TILE_HEIGHT, 0)
    if tile[0] * tile[1] > max(MOST_TILE_PIXELS, 2 * width * height):
        raise DecodeFailed
    for tag, across, down in (
        (STRIPS, width, values.get(ROWS_PER_STRIP, height)),
        (TILES, *tile),
    ):
        if tag in entries and across and down:
            room = -(-width // across) * -(-height // down) * planes
            (amount,) = struct.unpack_from(order + "I", entries[tag], 4)
            if amount > room and (across, down) != (width, height):
                raise DecodeFailed


def _first_value(entry: bytes, order: str) -> int:
    _, kind, _ = struct.unpack_from(order + "HHI", entry, 0)
    (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), entry, 8)
    return int(value)
