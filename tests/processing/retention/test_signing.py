"""The key that signs receipts comes from RECEIPT_KEY alone."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from processing.retention.proof import key_id
from processing.retention.signing import signer


def test_the_same_secret_is_the_same_key(settings: Any) -> None:
    settings.RECEIPT_KEY = "one secret"
    first = signer()
    settings.RECEIPT_KEY = "another"
    second = signer()
    settings.RECEIPT_KEY = "one secret"
    assert signer().public_key == first.public_key != second.public_key


def test_it_is_named_after_its_public_key() -> None:
    public = base64.b64decode(signer().public_key)
    assert len(public) == 32
    assert signer().id == hashlib.sha256(public).hexdigest()[:16] == key_id(public)


def test_what_it_signs_verifies() -> None:
    signature = base64.b64decode(signer().sign(b"content"))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer().public_key))
    key.verify(signature, b"content")


def test_it_is_derived_as_documented(settings: Any) -> None:
    """A site that changes this cannot sign with its own key any more."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    settings.RECEIPT_KEY = "documented"
    seed = HKDF(SHA256(), 32, salt=None, info=b"bgerase receipts").derive(b"documented")
    expected = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert base64.b64decode(signer().public_key) == expected


def test_the_secret_shows_in_no_word_of_it(settings: Any) -> None:
    settings.RECEIPT_KEY = "a secret that nobody sees"
    assert "nobody" not in repr(signer())
