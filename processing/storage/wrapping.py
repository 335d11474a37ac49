"""Wrapping: an image's key sealed by a secret and the master key, both of which it takes to open.

A wrapped key is 12 + 32 + 16 bytes: nonce, AES-256-GCM of the key, tag. It is bound to the id of
its image. What the master key of before has wrapped still opens while `OLD_MASTER_KEY` is set.
"""

import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyGone(Exception):
    """The key of an image no longer exists, or does not fit: its bytes cannot be read."""


def wrap(image_id: bytes, key: bytes, secret: bytes, use: bytes) -> bytes:
    """`use` keeps the wrappings of one secret apart that are made for different ends."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(settings.MASTER_KEY, secret, use).encrypt(nonce, key, image_id)


def unwrap(image_id: bytes, wrapped: bytes | None, secret: bytes, use: bytes) -> bytes:
    """The 32-byte key of an image. Raises KeyGone when it was blanked or does not fit."""
    return unwrap_by(ciphers(secret, use), image_id, wrapped)


def ciphers(secret: bytes, use: bytes) -> list[AESGCM]:
    """What opens the keys that a secret has wrapped: by the master key of now, and of before."""
    masters = (settings.MASTER_KEY, settings.OLD_MASTER_KEY)
    return [_cipher(master, secret, use) for master in masters if master]


def unwrap_by(those: Iterable[AESGCM], image_id: bytes, wrapped: bytes | None) -> bytes:
    """Raises KeyGone."""
    if not wrapped:
        raise KeyGone("blanked")
    for cipher in those:
        key = _open(cipher, image_id, wrapped)
        if key is not None:
            return key
    raise KeyGone("does not fit")


def rewrap(image_id: bytes, wrapped: bytes | None, secret: bytes, use: bytes) -> bytes | None:
    """The same key under the master key of now; None where it is already. Raises KeyGone."""
    if fits(image_id, wrapped, secret, use):
        return None
    return wrap(image_id, unwrap(image_id, wrapped, secret, use), secret, use)


def fits(image_id: bytes, wrapped: bytes | None, secret: bytes, use: bytes) -> bool:
    """Whether a key is wrapped by this secret and the master key of now."""
    cipher = _cipher(settings.MASTER_KEY, secret, use)
    return bool(wrapped) and _open(cipher, image_id, wrapped or b"") is not None


def _open(cipher: AESGCM, image_id: bytes, wrapped: bytes) -> bytes | None:
    nonce, sealed = bytes(wrapped[:NONCE_BYTES]), bytes(wrapped[NONCE_BYTES:])
    try:
        return cipher.decrypt(nonce, sealed, image_id)
    except (InvalidTag, ValueError):
        return None


def _cipher(master: str, secret: bytes, use: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=master.encode(), info=use).derive(secret))
