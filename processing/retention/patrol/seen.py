"""What was seen, in a fixed room: a Bloom filter.

It never takes what was seen for missing. Of what is missing it takes a few in a thousand for
seen, others each time (it is salted anew), so that the next round finds them.
"""

import hashlib
import os
from collections.abc import Iterator

HASHES = 4
LEAST_BITS, MOST_BITS = 1 << 16, 1 << 27  # 8 kB to 16 MB.


class Seen:
    def __init__(self, expected: int) -> None:
        """`expected`: how many names there will be, about."""
        self._bits = LEAST_BITS
        while self._bits < MOST_BITS and self._bits < 16 * expected:
            self._bits *= 2
        self._field = bytearray(self._bits // 8)
        self._salt = os.urandom(16)

    def add(self, name: str) -> None:
        for place in self._places(name):
            self._field[place >> 3] |= 1 << (place & 7)

    def __contains__(self, name: str) -> bool:
        return all(self._field[place >> 3] & 1 << (place & 7) for place in self._places(name))

    def _places(self, name: str) -> Iterator[int]:
        digest = hashlib.blake2b(name.encode(), digest_size=4 * HASHES, salt=self._salt).digest()
        for start in range(0, 4 * HASHES, 4):
            yield int.from_bytes(digest[start : start + 4]) % self._bits
