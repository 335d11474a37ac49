"""Keys of what is kept for training: they live as long as both consents do, and not a moment more.

Every grant, an "on" of the consent ledger, has a secret of its own: 32 random bytes in a file that
is named by the entry's number. The key of a kept image is wrapped once more, by the secrets of its
uploader's grant and of the workspace owner's together. Whoever of them withdraws, the secret is
overwritten and removed, and past its deadline nothing opens the image any more, in no backup.
"""

from collections.abc import Callable, Collection

from processing.storage import secret_files
from processing.storage.wrapping import KeyGone, rewrap, unwrap, wrap

TREE = "kept"
USE = b"bgerase kept key"
Grants = tuple[int, int]  # Numbers in the ledger: the uploader's and the owner's, perhaps the same.


def make_kept_key(image_id: bytes, key: bytes, grants: Grants) -> bytes:
    """The key of an image wrapped for as long as both grants hold (12 + 32 + 16 bytes).

    Raises KeyGone for a grant whose secret was destroyed, whatever the ledger says of it: a backup
    of the database that was restored can be older than the withdrawal.
    """
    if any(secret_files.has_ended(TREE, number) for number in grants):
        raise KeyGone("consent withdrawn")
    uploader, owner = (secret_files.read_or_make(TREE, number) for number in grants)
    return wrap(image_id, key, uploader + owner, USE)


def open_kept_key(image_id: bytes, wrapped: bytes | None, grants: Grants) -> bytes:
    """The 32-byte key of an image. Raises KeyGone once either grant was destroyed."""
    return unwrap(image_id, wrapped, both(grants), USE)


def rewrap_kept_key(image_id: bytes, wrapped: bytes | None, grants: Grants) -> bytes | None:
    """Under the master key of now; None where it is already. Raises KeyGone."""
    return rewrap(image_id, wrapped, both(grants), USE)


def grants_alive() -> list[int]:
    """Numbers in the ledger whose secrets are there, in order."""
    return secret_files.numbers(TREE)


def destroy_grant(number: int) -> bool:
    """False when it was never made, is destroyed already, or cannot be removed (logged)."""
    secret_files.end(TREE, number)
    return secret_files.destroy(TREE, number)


def destroy_withdrawn_grants(valid: Callable[[list[int]], Collection[int]]) -> list[int]:
    """Destroys every secret whose grant no longer holds; their numbers.

    For what a process has left that died between a withdrawal's commit and its `destroy_grant`.
    `valid` is asked which of the numbers still hold, and it is asked after the files were listed:
    a grant is in the ledger before it is used, so none can be too new for the answer.
    """
    alive = grants_alive()
    holding = set(valid(alive)) if alive else set()
    return [number for number in alive if number not in holding and destroy_grant(number)]


def both(grants: Grants) -> bytes:
    """The secrets of a pair. Raises KeyGone once either was destroyed."""
    uploader, owner = (secret_files.read(TREE, number) for number in grants)
    return uploader + owner
