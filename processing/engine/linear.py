"""Colour profiles whose numbers are amounts of light, as HDR programs store them.

In 8 bits such numbers have steps in the shadows that everybody sees. So a photo of more bits is
bent before it is rounded, and its profile with it.
"""

from __future__ import annotations

import struct

import numpy as np

GAMMA = 563 / 256
"""2.2, as a profile writes it."""

_CURVES = (b"rTRC", b"gTRC", b"bTRC", b"kTRC")
_BENT = struct.pack(">4sIIH", b"curv", 0, 1, 563)


def bend(profile: bytes) -> bytes | None:
    """The same profile, for numbers that were raised to 1 / GAMMA since; None for one that is not
    linear, or is none.
    """
    try:
        places = _find_curves(profile)
        if not places or not all(_is_straight(profile, place) for place in places):
            return None
        bent = bytearray(profile.ljust(-(-len(profile) // 4) * 4, b"\0"))
        for place in places:
            struct.pack_into(">II", bent, place + 4, len(bent), len(_BENT))
        struct.pack_into(">I", bent, 0, len(bent) + len(_BENT))
    except struct.error:
        return None
    return bytes(bent) + _BENT


def _find_curves(profile: bytes) -> list[int]:
    """Where the table of tags names them; a table of colours (A2B) goes before curves."""
    (count,) = struct.unpack_from(">I", profile, 128)
    places = range(132, min(132 + 12 * count, len(profile) - 11), 12)
    names = {profile[place : place + 4]: place for place in places}
    if any(name.startswith(b"A2B") for name in names):
        return []
    return [names[name] for name in _CURVES if name in names]


def _is_straight(profile: bytes, place: int) -> bool:
    """`place` is that of a tag's entry (ICC.1, 10.6 and 10.18)."""
    (start,) = struct.unpack_from(">I", profile, place + 4)
    kind, _, count = struct.unpack_from(">4sII", profile, start)
    if kind == b"para":
        return struct.unpack_from(">HHi", profile, start + 8)[::2] == (0, 1 << 16)
    if kind != b"curv" or count > 65_536:
        return False
    values = struct.unpack_from(f">{count}H", profile, start + 12)
    if count < 2:
        return values in ((), (256,))
    return bool(np.abs(np.array(values) - np.linspace(0, 65535, count)).max() <= 1)
