"""Keys of what is kept for training: they live as long as both consents do, and not a moment more.

Every grant, an "on" of the consent ledger, has a secret of its own: 32 random bytes in a file that
is named by the entry's number. So has every kept image, in a file that is named by its id. The key
of a kept image is wrapped once more, by the secrets of its uploader's grant, of the workspace
owner's and of its own together. Whoever of them withdraws, the secret is overwritten and removed,
and past its deadline nothing opens the image any more, in no backup; the image's own goes when it
is erased, or kept no more, while the opt-in goes on.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from processing.storage import secret_files
from processing.storage.wrapping import KeyGone, ciphers, fits, unwrap_by, wrap

log = logging.getLogger(__name__)
TREE, TREE_OF_IMAGES = "kept", "kept-images"
USE = b"bgerase kept key"
SETTLED = 3600.0  # Seconds after which an image's secret has its row, or never gets one.
Grants = tuple[int, int]  # Numbers in the ledger: the uploader's and the owner's, perhaps the same.


def make_kept_key(image_id: bytes, key: bytes, grants: Grants) -> bytes:
    """The key of an image wrapped for as long as both grants hold and it is not erased
    (12 + 32 + 16 bytes).

    Raises KeyGone for a grant whose secret was destroyed, whatever the ledger says of it: a backup
    of the database that was restored can be older than the withdrawal.
    """
    if any(secret_files.has_ended(TREE, number) for number in grants):
        raise KeyGone("consent withdrawn")
    uploader, owner = (secret_files.read_or_make(TREE, number) for number in grants)
    return wrap(image_id, key, uploader + owner + _make_own(image_id), USE)


def open_kept_key(image_id: bytes, wrapped: bytes | None, grants: Grants) -> bytes:
    """The 32-byte key of an image. Raises KeyGone once either grant or its own was destroyed."""
    return unwrap_by(ciphers_of(image_id, both(grants)), image_id, wrapped)


def ciphers_of(image_id: bytes, pair: bytes) -> Iterator[AESGCM]:
    """What opens the key of a kept image; `pair` is `both` of its grants."""
    with suppress(KeyGone):
        own = secret_files.read(TREE_OF_IMAGES, _number(image_id))
        yield from ciphers(pair + own, USE)
    yield from ciphers(pair, USE)  # What was kept before images had secrets of their own.


def rewrap_kept_key(image_id: bytes, wrapped: bytes | None, grants: Grants) -> bytes | None:
    """Under the master key of now; None where it is already. Raises KeyGone."""
    key = open_kept_key(image_id, wrapped, grants)
    secret = both(grants) + _make_own(image_id)
    return None if fits(image_id, wrapped, secret, USE) else wrap(image_id, key, secret, USE)


def destroy_kept(image_ids: Iterable[UUID]) -> None:
    """Of images that are erased, or not kept any more: no backup opens them by an opt-in."""
    secret_files.destroy_many(TREE_OF_IMAGES, [image_id.int for image_id in image_ids])


def destroy_left_over_kept(keeps: Callable[[list[UUID]], Collection[UUID]]) -> list[UUID]:
    """Destroys the secrets of images that are not kept; whose they were.

    For what a process has left that died before its `destroy_kept`, or before the image's row was
    committed: a secret comes first, so what is younger than an hour is left alone.
    """
    ids = [UUID(int=number) for number in secret_files.settled(TREE_OF_IMAGES, SETTLED)]
    kept = set(keeps(ids)) if ids else set()
    gone = [one for one in ids if one not in kept]
    destroy_kept(gone)
    return gone


def grants_alive() -> list[int]:
    """Numbers in the ledger whose secrets are there, in order."""
    return secret_files.numbers(TREE)


def destroy_grant(number: int) -> bool:
    """False when it was never made, is destroyed already, or cannot be removed (logged).

    A full disk can refuse the note that it has ended. What the secret was overwritten with is such
    a note until the sweeper comes round again.
    """
    overwritten = secret_files.overwrite(TREE, number)
    try:
        secret_files.end(TREE, number)
    except OSError as error:
        log.error("the end of an opt-in cannot be noted yet: %s", error.strerror)  # noqa: TRY400
        if overwritten:
            return False
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


def _make_own(image_id: bytes) -> bytes:
    return secret_files.read_or_make(TREE_OF_IMAGES, _number(image_id))


def _number(image_id: bytes) -> int:
    return int.from_bytes(image_id, "big")
