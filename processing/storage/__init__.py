"""The vault: bytes go in sealed and come out opened; nobody reads a stored byte past it."""

from processing.storage.finding import digest_under_epoch, digest_under_grants, digests_alive
from processing.storage.kept import (
    destroy_grant,
    destroy_kept,
    destroy_left_over_kept,
    destroy_withdrawn_grants,
    grants_alive,
    make_kept_key,
    open_kept_key,
    rewrap_kept_key,
)
from processing.storage.keys import (
    destroy_epoch,
    destroy_expired_epochs,
    epoch_of,
    epochs_alive,
    make_image_key,
    open_image_key,
    rewrap_image_key,
    wrap_image_key,
)
from processing.storage.mark import MARK_NAME, read_mark, write_mark
from processing.storage.objects import (
    Stored,
    Unfinished,
    pending_multiparts,
    stored_names,
    versioning,
    walk_objects,
)
from processing.storage.opening import Opener
from processing.storage.parallel import Tick, patiently, silent
from processing.storage.place import current as current_storage
from processing.storage.sealing import SealBroken, open_text, seal_text
from processing.storage.shredding import shred_blob, shred_many, shred_object, shred_prefix
from processing.storage.steady import (
    clocks_apart,
    follow,
    is_steady,
    reanchor,
    reanchor_to,
    remember,
    steady_now,
    wall_now,
)
from processing.storage.vault import BlobWriter, free_bytes, read_blob
from processing.storage.wrapping import KeyGone

__all__ = [
    "MARK_NAME",
    "BlobWriter",
    "KeyGone",
    "Opener",
    "SealBroken",
    "Stored",
    "Tick",
    "Unfinished",
    "clocks_apart",
    "current_storage",
    "destroy_epoch",
    "destroy_expired_epochs",
    "destroy_grant",
    "destroy_kept",
    "destroy_left_over_kept",
    "destroy_withdrawn_grants",
    "digest_under_epoch",
    "digest_under_grants",
    "digests_alive",
    "epoch_of",
    "epochs_alive",
    "follow",
    "free_bytes",
    "grants_alive",
    "is_steady",
    "make_image_key",
    "make_kept_key",
    "open_image_key",
    "open_kept_key",
    "open_text",
    "patiently",
    "pending_multiparts",
    "read_blob",
    "read_mark",
    "reanchor",
    "reanchor_to",
    "remember",
    "rewrap_image_key",
    "rewrap_kept_key",
    "seal_text",
    "shred_blob",
    "shred_many",
    "shred_object",
    "shred_prefix",
    "silent",
    "steady_now",
    "stored_names",
    "versioning",
    "walk_objects",
    "wall_now",
    "wrap_image_key",
    "write_mark",
]
