"""A TIFF's first directory, cut down to what its pixels need.

A directory names its values by place and length, so that a small file can claim the same
megabytes thousands of times, or send a reader in circles through further directories.
"""

from __future__ import annotations

import struct

from processing.engine.errors import DecodeFailed, TooManyParts
from processing.engine.limits import MOST_PARTS, MOST_PROFILE_BYTES
from processing.engine.turns import UPRIGHT, read_turn

_WIDTH, _HEIGHT, _SAMPLES, _ROWS_PER_STRIP, _PLANES = 256, 257, 277, 278, 284
_STRIPS, _STRIP_BYTES, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 273, 279, 322, 323, 324, 325
_PALETTE, _PROFILE = 320, 34675
PHOTOMETRIC = 262
# TIFF 6.0: besides size and pieces, how samples are stored and what they mean; 347 holds the
# tables of JPEG in TIFF, 512 to 521 the old form of it.
_KEPT = frozenset(
    {
        *(_WIDTH, _HEIGHT, 258, 259, PHOTOMETRIC, 266, _SAMPLES, _ROWS_PER_STRIP, _PLANES),
        *(_STRIPS, _STRIP_BYTES, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES),
        *(292, 293, 301, 317, _PALETTE, 332, 334, 338, 339, 340, 341, 347),
        *(512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, _PROFILE),
    }
)
# A palette of 16 bits; every other value that is kept is shorter, strips and tiles aside.
_MOST_VALUES = 3 * 65_536
_MOST = dict.fromkeys((_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES), MOST_PARTS)
_MOST[_PROFILE] = MOST_PROFILE_BYTES


def reduce_tiff(photo: bytes) -> tuple[bytes, int]:
    """The photo with its directory rewritten in place, and its turn.

    Raises TooManyParts, and DecodeFailed for more pieces than the picture has room for.
    """
    order = "<" if photo[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(order + "I", photo, 4)
        (count,) = struct.unpack_from(order + "H", photo, at)
    except struct.error:
        return photo, UPRIGHT
    entries = _kept_entries(photo, order, at + 2, count)
    _check_pieces(entries, order)
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries.values()) + bytes(4)
    # Without further entries and a follower it fits where it was, but for a cut file's end.
    reduced = photo[:at] + directory + photo[at + len(directory) :]
    return reduced, read_turn(photo)


def _kept_entries(photo: bytes, order: str, at: int, count: int) -> dict[int, bytes]:
    entries: dict[int, bytes] = {}
    for place in range(at, min(at + 12 * count, len(photo) - 11), 12):
        tag, _, amount = struct.unpack_from(order + "HHI", photo, place)
        if tag not in _KEPT or tag in entries:
            continue
        if amount <= _MOST.get(tag, _MOST_VALUES):
            entries[tag] = photo[place : place + 12]
        elif tag != _PROFILE:
            raise TooManyParts
    return entries


def _check_pieces(entries: dict[int, bytes], order: str) -> None:
    """More pieces than the picture has room for would be unpacked over one another."""
    values = {tag: _first_value(entry, order) for tag, entry in entries.items()}
    width, height = values.get(_WIDTH, 0), values.get(_HEIGHT, 0)
    planes = values.get(_SAMPLES, 1) if values.get(_PLANES, 1) == 2 else 1
    for tag, across, down in (
        (_STRIPS, width, values.get(_ROWS_PER_STRIP, height)),
        (_TILES, values.get(_TILE_WIDTH, 0), values.get(_TILE_HEIGHT, 0)),
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
