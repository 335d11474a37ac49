"""One broken photo per seed and number, always the same one for the same samples."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

from tests.fuzz.samples import Sample
from tests.fuzz.structure import find_numbers, find_parts, mend_checksums

_BYTES = (0x00, 0x01, 0x3B, 0x7F, 0x80, 0xC0, 0xD8, 0xD9, 0xDA, 0xFE, 0xFF)
_NUMBERS = (
    *(0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 4096, 9999, 16_383, 16_384, 32_767, 32_768, 65_535),
    *(65_536, 99_999, 10_000_000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF),
)
_LARGEST = 2_000_000
"""Bytes that duplicated parts may add up to."""


def make_case(samples: Sequence[Sample], seed: int, number: int) -> bytes:
    """A photo with one to eight changes."""
    rng = random.Random(f"{seed} {number}")
    kind, photo = rng.choice(samples)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        change = rng.choice(_CHANGES)
        photo = change(rng, kind, photo, samples)
        if not photo:
            break
    return mend_checksums(photo) if kind == "png" and rng.random() < 0.7 else photo


def _flip(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    changed = bytearray(photo)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    """Rather near the front, where formats keep their structure."""
    changed = bytearray(photo)
    for _ in range(rng.randint(1, 4)):
        changed[int(len(changed) * rng.random() ** 3)] = rng.choice(_BYTES)
    return bytes(changed)


def _put_number(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    """A size, a length, or any four bytes, set to a value at the edge of something."""
    places = find_numbers(kind, photo) or [(rng.randrange(len(photo)), ">I")]
    at, form = rng.choice(places)
    width = struct.calcsize(form)
    value = struct.pack(form, rng.choice(_NUMBERS) & (256**width - 1))
    return photo[:at] + value + photo[at + width :]


def _truncate(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    return photo[: rng.randrange(1, len(photo) + 1)]


def _cut_out(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    at, end = sorted(rng.randrange(len(photo) + 1) for _ in range(2))
    return photo[:at] + photo[min(end, at + 64) :]


def _double(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    """A part, or any stretch, up to a thousand times over."""
    parts = find_parts(kind, photo)
    at, end = rng.choice(parts) if parts else sorted(rng.choices(range(len(photo)), k=2))
    piece = photo[at:end]
    times = min(rng.choice((1, 2, 10, 1000)), _LARGEST // (len(piece) + 1))
    return photo[:end] + piece * times + photo[end:]


def _drop_part(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    parts = find_parts(kind, photo)
    if not parts:
        return _cut_out(rng, kind, photo, samples)
    at, end = rng.choice(parts)
    return photo[:at] + photo[end:]


def _swap_parts(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    parts = find_parts(kind, photo)
    if len(parts) < 2:
        return _flip(rng, kind, photo, samples)
    (first, first_end), (second, second_end) = sorted(rng.sample(parts, 2))
    if first_end > second:
        return _drop_part(rng, kind, photo, samples)
    middle = photo[second:second_end] + photo[first_end:second] + photo[first:first_end]
    return photo[:first] + middle + photo[second_end:]


def _splice(rng: random.Random, kind: str, photo: bytes, samples: Sequence[Sample]) -> bytes:
    """The front of one photo and the back of another; a part of the other at times."""
    other_kind, other = rng.choice([one for one in samples if one[0] == kind])
    parts = find_parts(other_kind, other)
    if parts and rng.random() < 0.5:
        at, end = rng.choice(parts)
        own = find_parts(kind, photo)
        place = rng.choice(own)[0] if own else rng.randrange(len(photo))
        return photo[:place] + other[at:end] + photo[place:]
    return photo[: rng.randrange(len(photo))] + other[rng.randrange(len(other)) :]


_CHANGES: tuple[Callable[[random.Random, str, bytes, Sequence[Sample]], bytes], ...] = (
    _flip,
    _overwrite,
    _put_number,
    _put_number,
    _truncate,
    _cut_out,
    _double,
    _drop_part,
    _swap_parts,
    _splice,
)
