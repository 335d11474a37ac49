"""Opening many keys in one act: what the keys of one epoch take is read and derived once.

An `Opener` is for that act alone and ends with it. Kept for longer it would keep epochs alive in
memory that have ended.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from processing.storage import kept, keys, secret_files
from processing.storage.wrapping import ciphers, unwrap_by


class Opener:
    """Raises KeyGone like what it stands for: `open_image_key` and `open_kept_key`."""

    def __init__(self) -> None:
        self._ciphers: dict[object, list[AESGCM]] = {}

    def image_key(self, image_id: bytes, epoch: int, wrapped: bytes | None) -> bytes:
        def secret() -> bytes:
            return secret_files.read(keys.TREE, epoch)

        return unwrap_by(self._of(epoch, secret, keys.USE), image_id, wrapped)

    def kept_key(self, image_id: bytes, wrapped: bytes | None, grants: kept.Grants) -> bytes:
        return unwrap_by(kept.ciphers_of(image_id, grants), image_id, wrapped)

    def _of(self, name: object, secret: Callable[[], bytes], use: bytes) -> list[AESGCM]:
        found = self._ciphers.get(name)
        if found is None:
            found = self._ciphers[name] = ciphers(secret(), use)
        return found
