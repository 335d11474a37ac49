"""Keys: what makes an erased image unreadable, wherever a copy of its bytes has gone.

Every image has a random key of its own. The database holds it only wrapped, by a key that is made
of two halves: the master key (environment or file) and the secret of the image's expiry epoch, a
small file outside the database. Epochs are `RETENTION / 96` wide: 15 minutes for 24 hours. When an
epoch has ended its file is overwritten and removed, and from then on no backup of the database, no
copy of the bytes and no master key opens what was in it.
"""

import logging
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

log = logging.getLogger(__name__)
KEY_BYTES = 32


class KeyGone(Exception):
    """The key of an image no longer exists, or does not fit: its bytes cannot be read."""


def epoch_of(purge_at: datetime, retention: timedelta) -> int:
    """The end, in seconds since 1970, of the expiry epoch that `purge_at` falls into."""
    width = max(1, int(retention.total_seconds()) // 96)
    return -(-int(purge_at.timestamp() + 1) // width) * width


def make_image_key(image_id: bytes, epoch: int) -> tuple[bytes, bytes]:
    """A new key, and the same key wrapped for the database (12 + 32 + 16 bytes)."""
    key, nonce = os.urandom(KEY_BYTES), os.urandom(12)
    wrapping = _wrapping_key(_epoch_secret(epoch, create=True))
    return key, nonce + AESGCM(wrapping).encrypt(nonce, key, image_id)


def open_image_key(image_id: bytes, epoch: int, wrapped: bytes | None) -> bytes:
    """The 32-byte key of an image.

    Raises KeyGone when the wrapped key was blanked, its epoch has ended, or the master key is
    another one.
    """
    if not wrapped:
        raise KeyGone("blanked")
    wrapping = _wrapping_key(_epoch_secret(epoch, create=False))
    try:
        return AESGCM(wrapping).decrypt(bytes(wrapped[:12]), bytes(wrapped[12:]), image_id)
    except (InvalidTag, ValueError) as error:
        raise KeyGone("does not fit") from error


def destroy_expired_epochs(now: datetime) -> int:
    """Removes the secret of every epoch that has ended; how many were removed.

    One that cannot be removed is logged and does not keep the others.
    """
    ended = [
        path
        for path in _epochs_dir().glob("[0-9]*.key")
        if path.stem.isdecimal() and int(path.stem) <= now.timestamp()
    ]
    return sum(_destroy(path) for path in ended)


def _wrapping_key(epoch_secret: bytes) -> bytes:
    master = settings.MASTER_KEY.encode()
    return HKDF(SHA256(), KEY_BYTES, salt=master, info=b"bgerase image key").derive(epoch_secret)


def _epochs_dir() -> Path:
    folder = Path(settings.KEYS_DIR) / "epochs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _epoch_secret(epoch: int, *, create: bool) -> bytes:
    path = _epochs_dir() / f"{epoch}.key"
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        if not create:
            raise KeyGone("epoch ended") from None
        secret = _create(path)
    if len(secret) != KEY_BYTES or not any(secret):  # Overwritten, and not yet removed.
        raise KeyGone("epoch destroyed")
    return secret


def _create(path: Path) -> bytes:
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # Of two processes at once, one wins and both use its secret.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_folder(path.parent)
    return path.read_bytes()


def _destroy(path: Path) -> bool:
    """Overwrites and removes; if it cannot do both, it still does the other."""
    with suppress(OSError), path.open("r+b") as file:
        file.write(bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.unlink()
        _sync_folder(path.parent)
    except FileNotFoundError:
        return False  # Another process was first.
    except OSError as error:
        log.error("the key of an ended epoch cannot be removed: %s", error.strerror)  # noqa: TRY400
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
