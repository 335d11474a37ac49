"""The vault: bytes go in sealed and come out opened; nobody reads a stored byte past it."""

from processing.storage.keys import (
    KeyGone,
    destroy_expired_epochs,
    epoch_of,
    make_image_key,
    open_image_key,
)
from processing.storage.sealing import SealBroken, open_text, seal_text
from processing.storage.vault import (
    BlobWriter,
    free_bytes,
    read_blob,
    shred_blob,
    shred_prefix,
    stored_names,
)

__all__ = [
    "BlobWriter",
    "KeyGone",
    "SealBroken",
    "destroy_expired_epochs",
    "epoch_of",
    "free_bytes",
    "make_image_key",
    "open_image_key",
    "open_text",
    "read_blob",
    "seal_text",
    "shred_blob",
    "shred_prefix",
    "stored_names",
]
