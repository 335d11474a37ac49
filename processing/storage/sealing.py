"""Sealing: AES-256-GCM in chunks, so that a photo is encrypted while it arrives.

The layout of a sealed blob:

    b"BGE1" | salt (16 bytes) | chunk 0 | chunk 1 | … | last chunk

Each chunk is 64 KiB of content and a 16-byte tag. The key of a blob is derived (HKDF-SHA-256) from
its image's key, the salt and the blob's place (image, kind, generation), so no two blobs share a
key and no blob opens in another's place. The nonce is the chunk's number and a mark on the last
one (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár, 2015): chunks cannot be
swapped, dropped or cut off unnoticed. Memory stays at one chunk.
"""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"BGE1"
SALT_BYTES = 16
CHUNK_BYTES = 65_536
TAG_BYTES = 16


class SealBroken(Exception):
    """Stored bytes are not what was sealed: cut off, changed, or of another blob."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Sealer:
    """Turns content into sealed bytes piece by piece: `start`, `add` any number of times, `end`."""

    def __init__(self, image_key: bytes, place: bytes) -> None:
        self._salt = os.urandom(SALT_BYTES)
        self._cipher = _cipher(image_key, self._salt, place)
        self._pending = bytearray()
        self._number = 0

    def start(self) -> bytes:
        return MAGIC + self._salt

    def add(self, content: bytes) -> bytes:
        self._pending += content
        sealed = bytearray()
        # A full chunk waits until more follows: only then it is known not to be the last.
        while len(self._pending) > CHUNK_BYTES:
            sealed += self._seal(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]
        return bytes(sealed)

    def end(self) -> bytes:
        return self._seal(bytes(self._pending), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, None)
        self._number += 1
        return sealed


def open_sealed(file: Readable, image_key: bytes, place: bytes) -> Iterator[bytes]:
    """The content, chunk by chunk, each checked before it is given out.

    Raises SealBroken as soon as something is not as it was sealed.
    """
    head = file.read(len(MAGIC) + SALT_BYTES)
    if len(head) != len(MAGIC) + SALT_BYTES or not head.startswith(MAGIC):
        raise SealBroken("not a sealed blob")
    cipher = _cipher(image_key, head[len(MAGIC) :], place)
    chunk = _read_exactly(file, CHUNK_BYTES + TAG_BYTES)
    number = 0
    while True:
        following = _read_exactly(file, CHUNK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, None)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"chunk {number}") from error
        if not following:
            return
        chunk, number = following, number + 1


def seal_text(text: str, image_key: bytes, place: bytes) -> bytes:
    """A short text, a file name say, sealed like a blob."""
    sealer = Sealer(image_key, place)
    return sealer.start() + sealer.add(text.encode()) + sealer.end()


def open_text(sealed: bytes, image_key: bytes, place: bytes) -> str:
    """Raises SealBroken."""
    return b"".join(open_sealed(BytesIO(sealed), image_key, place)).decode()


def _cipher(image_key: bytes, salt: bytes, place: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"bgerase blob " + place).derive(image_key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _read_exactly(file: Readable, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
