"""Opening many keys in one act: what the keys of one epoch take is read and derived once, and the
secrets of one pair of opt-ins are read once.

An `Opener` is for that act alone and ends with it. Kept for longer it would keep epochs alive in
memory that have ended.
"""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from processing.storage import kept, keys, secret_files
from processing.storage.wrapping import ciphers, unwrap_by


class Opener:
    """Raises KeyGone like what it stands for: `open_image_key` and `open_kept_key`."""

    def __init__(self) -> None:
        self._epochs: dict[int, list[AESGCM]] = {}
        self._pairs: dict[kept.Grants, bytes] = {}

    def image_key(self, image_id: bytes, epoch: int, wrapped: bytes | None) -> bytes:
        if epoch not in self._epochs:
            self._epochs[epoch] = ciphers(secret_files.read(keys.TREE, epoch), keys.USE)
        return unwrap_by(self._epochs[epoch], image_id, wrapped)

    def kept_key(self, image_id: bytes, wrapped: bytes | None, grants: kept.Grants) -> bytes:
        if grants not in self._pairs:
            self._pairs[grants] = kept.both(grants)
        return unwrap_by(kept.ciphers_of(image_id, self._pairs[grants]), image_id, wrapped)
