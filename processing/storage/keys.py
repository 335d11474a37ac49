"""Keys: what makes an erased image unreadable, wherever a copy of its bytes has gone.

Every image has a random key of its own. The database holds it only wrapped, by a key that is made
of two halves: the master key (environment or file) and the secret of the image's expiry epoch, a
small file outside the database. Epochs are 1/96 of an image's life wide: 15 minutes for 24 hours.
When an epoch has ended its file is overwritten and removed, and from then on no backup of the
database, no copy of the bytes and no master key opens what was in it.
"""

import os
from datetime import datetime, timedelta

from processing.storage import secret_files
from processing.storage.wrapping import KEY_BYTES, rewrap, unwrap, wrap

TREE = "epochs"
USE = b"bgerase image key"
EPOCHS_OF_A_LIFE = 96


def epoch_of(purge_at: datetime, retention: timedelta) -> int:
    """The end, in seconds since 1970, of the expiry epoch that `purge_at` falls into.

    Of epochs as wide as `retention` asks for: deadlines.budget(retention).epoch.
    """
    width = max(1, int(retention.total_seconds()) // EPOCHS_OF_A_LIFE)
    return -(-int(purge_at.timestamp() + 1) // width) * width


def make_image_key(image_id: bytes, epoch: int) -> tuple[bytes, bytes]:
    """A new key, and the same key wrapped for the database."""
    key = os.urandom(KEY_BYTES)
    return key, wrap_image_key(image_id, key, epoch)


def wrap_image_key(image_id: bytes, key: bytes, epoch: int) -> bytes:
    return wrap(image_id, key, secret_files.read_or_make(TREE, epoch), USE)


def open_image_key(image_id: bytes, epoch: int, wrapped: bytes | None) -> bytes:
    """The 32-byte key of an image.

    Raises KeyGone when the wrapped key was blanked, its epoch has ended, or the master key is
    another one.
    """
    return unwrap(image_id, wrapped, secret_files.read(TREE, epoch), USE)


def rewrap_image_key(image_id: bytes, epoch: int, wrapped: bytes | None) -> bytes | None:
    """Under the master key of now; None where it is already. Raises KeyGone."""
    return rewrap(image_id, wrapped, secret_files.read(TREE, epoch), USE)


def epochs_alive() -> list[int]:
    """Their ends, in seconds since 1970, the earliest first."""
    return secret_files.numbers(TREE)


def destroy_expired_epochs(now: datetime) -> int:
    """Removes the secret of every epoch that has ended; how many were removed.

    One that cannot be removed is logged and does not keep the others.
    """
    ended = [end for end in epochs_alive() if end <= now.timestamp()]
    return sum(destroy_epoch(end) for end in ended)


def destroy_epoch(end: int) -> bool:
    """False when it cannot be removed (logged), or is gone already."""
    return secret_files.destroy(TREE, end)
