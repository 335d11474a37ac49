"""A sealed blob opens whole and unchanged, in its own place and with its own key, or not at all."""

import os
import tracemalloc
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processing.storage.sealing import (
    CHUNK_BYTES,
    MAGIC,
    SALT_BYTES,
    TAG_BYTES,
    SealBroken,
    Sealer,
    open_sealed,
    open_text,
    seal_text,
)

KEY = bytes(range(32))
PLACE = b"a1b2/0/original"
HEAD = len(MAGIC) + SALT_BYTES
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
# Three chunks, the last of them short.
CONTENT = os.urandom(2 * CHUNK_BYTES + 777)


def seal(content: bytes, *cuts: int, key: bytes = KEY, place: bytes = PLACE) -> bytes:
    """Sealed in the pieces that `cuts` makes of the content."""
    sealer = Sealer(key, place)
    sealed = sealer.start()
    edges = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    for start, end in pairwise(edges):
        sealed += sealer.add(content[start:end])
    return sealed + sealer.end()


def open_until_broken(sealed: bytes, key: bytes = KEY, place: bytes = PLACE) -> bytes:
    """What is given out before SealBroken, which has to come."""
    given_out = b""
    with pytest.raises(SealBroken):
        for chunk in open_sealed(BytesIO(sealed), key, place):
            given_out += chunk
    return given_out


EDGES = st.integers(0, 3).flatmap(
    lambda chunks: st.integers(-2, 2).map(lambda near: max(0, chunks * CHUNK_BYTES + near))
)


@settings(max_examples=40, deadline=None)
@given(size=EDGES, cuts=st.lists(st.integers(0, 4 * CHUNK_BYTES), max_size=5))
@example(size=0, cuts=[])
@example(size=CHUNK_BYTES, cuts=[CHUNK_BYTES])
@example(size=2 * CHUNK_BYTES, cuts=[CHUNK_BYTES])
def test_what_is_sealed_opens_again_however_it_arrived(size: int, cuts: list[int]) -> None:
    content = os.urandom(size)
    sealed = seal(content, *cuts)
    assert b"".join(open_sealed(BytesIO(sealed), KEY, PLACE)) == content
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert len(sealed) == HEAD + size + chunks * TAG_BYTES


def test_a_file_that_gives_less_than_asked_opens_too() -> None:
    class Trickle(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 1000))

    assert b"".join(open_sealed(Trickle(seal(CONTENT)), KEY, PLACE)) == CONTENT


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_changed_bit_anywhere_breaks_the_seal_there(data: st.DataObject) -> None:
    sealed = bytearray(seal(CONTENT))
    where = data.draw(st.integers(0, len(sealed) - 1))
    sealed[where] ^= 1 << data.draw(st.integers(0, 7))
    given_out = open_until_broken(bytes(sealed))
    whole_chunks_before = max(0, where - HEAD) // SEALED_CHUNK
    assert given_out == CONTENT[: whole_chunks_before * CHUNK_BYTES]


@pytest.mark.parametrize("end", [0, 3, HEAD - 1, HEAD, HEAD + 1, HEAD + SEALED_CHUNK // 2])
def test_a_blob_cut_off_in_its_first_chunk_gives_nothing(end: int) -> None:
    assert open_until_broken(seal(CONTENT)[:end]) == b""


@pytest.mark.parametrize("chunks", [1, 2])
@pytest.mark.parametrize("near", [-1, 0, 1, TAG_BYTES, 500])
def test_a_blob_cut_off_at_a_chunk_never_passes_for_whole(chunks: int, near: int) -> None:
    given_out = open_until_broken(seal(CONTENT)[: HEAD + chunks * SEALED_CHUNK + near])
    assert CONTENT.startswith(given_out)
    assert len(given_out) <= chunks * CHUNK_BYTES


def test_a_blob_with_something_behind_its_end_is_broken() -> None:
    assert len(open_until_broken(seal(CONTENT) + b"x")) == 2 * CHUNK_BYTES
    assert open_until_broken(seal(b"") + seal(b"")) == b""


def test_swapped_repeated_and_left_out_chunks_break_the_seal() -> None:
    sealed = seal(CONTENT)
    head, rest = sealed[:HEAD], sealed[HEAD:]
    first, second, last = rest[:SEALED_CHUNK], rest[SEALED_CHUNK:-793], rest[-793:]
    assert len(second) == SEALED_CHUNK
    assert open_until_broken(head + second + first + last) == b""
    assert open_until_broken(head + first + first + last) == CONTENT[:CHUNK_BYTES]
    assert open_until_broken(head + first + last) == CONTENT[:CHUNK_BYTES]
    assert open_until_broken(head + last) == b""


def test_chunks_of_one_blob_do_not_fit_into_another_of_the_same_image() -> None:
    one, two = seal(CONTENT), seal(CONTENT)
    mixed = one[: HEAD + SEALED_CHUNK] + two[HEAD + SEALED_CHUNK :]
    assert open_until_broken(mixed) == CONTENT[:CHUNK_BYTES]


def test_another_images_key_opens_nothing() -> None:
    assert open_until_broken(seal(CONTENT), key=os.urandom(32)) == b""


@pytest.mark.parametrize("place", [b"a1b2/1/original", b"a1b2/0/mask.png", b"ffff/0/original", b""])
def test_a_blob_opens_in_no_other_place(place: bytes) -> None:
    assert open_until_broken(seal(CONTENT), place=place) == b""


def test_the_same_content_never_gives_the_same_bytes() -> None:
    content = b"x" * 1000
    sealed = {seal(content) for _ in range(20)}
    assert len(sealed) == 20
    assert len({one[HEAD : HEAD + 16] for one in sealed}) == 20


def test_memory_stays_at_some_chunks_however_large_the_blob() -> None:
    class Endless:
        """Sealed bytes of 32 MiB that are made while they are read."""

        def __init__(self) -> None:
            self.sealer, self.left = Sealer(KEY, PLACE), 512
            self.ready = bytearray(self.sealer.start())

        def read(self, size: int, /) -> bytes:
            while len(self.ready) < size and self.left:
                self.left -= 1
                self.ready += self.sealer.add(bytes(CHUNK_BYTES))
                if not self.left:
                    self.ready += self.sealer.end()
            part = bytes(self.ready[:size])
            del self.ready[:size]
            return part

    tracemalloc.start()
    try:
        length = sum(len(chunk) for chunk in open_sealed(Endless(), KEY, PLACE))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length == 512 * CHUNK_BYTES
    assert peak < 20 * CHUNK_BYTES


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=300))
def test_a_name_is_sealed_like_a_blob(text: str) -> None:
    sealed = seal_text(text, KEY, b"a1b2/name")
    assert open_text(sealed, KEY, b"a1b2/name") == text
    with pytest.raises(SealBroken):
        open_text(sealed, KEY, b"ffff/name")
    with pytest.raises(SealBroken):
        open_text(sealed[:-1], KEY, b"a1b2/name")
