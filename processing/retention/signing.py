"""What signs receipts, claim tickets and the end of their chain: Ed25519, one key per site.

The key is derived from RECEIPT_KEY alone, so a site that loses it goes on with another one; the
public keys that were ever used stay in the database, and old receipts verify with them.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SEED_BYTES = 32


@dataclass(frozen=True)
class Signer:
    """`id` is the first 16 hexadecimal digits of the public key's SHA-256."""

    id: str
    public_key: str  # 32 bytes, base64.
    _private: Ed25519PrivateKey

    def sign(self, content: bytes) -> str:
        """The signature over these very bytes: 64 bytes, base64."""
        return base64.b64encode(self._private.sign(content)).decode()


def signer() -> Signer:
    """The one in force: of settings.RECEIPT_KEY."""
    return _signer_of(settings.RECEIPT_KEY)


@lru_cache(maxsize=2)
def _signer_of(secret: str) -> Signer:
    seed = HKDF(SHA256(), SEED_BYTES, salt=None, info=b"bgerase receipts").derive(secret.encode())
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    return Signer(
        id=hashlib.sha256(public).hexdigest()[:16],
        public_key=base64.b64encode(public).decode(),
        _private=private,
    )
