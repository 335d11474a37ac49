"""Secrets that can be destroyed: 32 random bytes each, in a file outside of the database.

They lie in `KEYS_DIR/<tree>/<number>.key`. Leave that folder out of every backup.
"""

import logging
import math
import os
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from processing.storage.wrapping import KEY_BYTES, KeyGone

log = logging.getLogger(__name__)


def read_or_make(tree: str, number: int) -> bytes:
    """The secret, made at its first use. Raises KeyGone when it was destroyed half-way."""
    path = _path(tree, number)
    try:
        return _checked(path.read_bytes())
    except FileNotFoundError:
        return _checked(_make(path))


def read(tree: str, number: int) -> bytes:
    """Raises KeyGone when it was destroyed, or never made."""
    try:
        return _checked(_path(tree, number).read_bytes())
    except FileNotFoundError:
        raise KeyGone("secret destroyed") from None


def numbers(tree: str) -> list[int]:
    """Of all secrets that are there, in order."""
    return sorted(int(path.stem) for path in _secrets(tree))


def settled(tree: str, seconds: float) -> list[int]:
    """Those that were made so long ago. By the wall clock: what it says was made so far in the
    future was made before somebody turned it back."""
    now = time.time()
    return sorted(int(path.stem) for path in _secrets(tree) if abs(now - _time_of(path)) > seconds)


def destroy(tree: str, number: int) -> bool:
    """Overwrites and removes it; if it cannot do both, it still does the other.

    False when it could not be removed, which is logged, or when somebody else was first.
    """
    return destroy_many(tree, [number]) == 1


def destroy_many(tree: str, those: Iterable[int]) -> int:
    """`destroy` for many; how many were removed."""
    paths = [_path(tree, number) for number in those]
    removed = sum([_remove(path) for path in paths])
    if paths:
        with suppress(OSError):  # A crash can bring the file back then, overwritten.
            sync_folder(folder(tree))
        _remove_drafts(folder(tree), {path.name for path in paths})
    return removed


def overwrite(tree: str, number: int) -> bool:
    """Overwrites it and leaves the file: it opens nothing, and is not made anew. False where that
    cannot be done, or there is none."""
    return _overwrite(_path(tree, number))


def _overwrite(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            file.write(bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True


def _remove(path: Path) -> bool:
    _overwrite(path)
    try:
        path.unlink()
    except FileNotFoundError:
        return False  # Another process was first.
    except OSError as error:
        log.error("a secret that has ended cannot be removed: %s", error.strerror)  # noqa: TRY400
        return False
    return True


def _remove_drafts(where: Path, names: Collection[str]) -> None:
    """Of a process that was killed: perhaps the same file."""
    for draft in where.glob(".*.key.*"):
        if draft.name[1:].rpartition(".")[0] in names:
            _remove_draft(draft)


def end(tree: str, number: int) -> None:
    """Notes that this secret is never made again: an empty file that stays."""
    create_once(_end_of(tree, number), b"")


def has_ended(tree: str, number: int) -> bool:
    return _end_of(tree, number).exists()


def root() -> Path:
    path: Path = settings.KEYS_DIR
    return path


def folder(tree: str) -> Path:
    path = root() / tree
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def create_once(path: Path, content: bytes) -> None:
    """Makes a file with its whole content, or leaves the one that is there.

    Of two processes at once one wins, and nobody ever sees half of a file.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # The draft is gone only where the secret has just been destroyed.
        with suppress(FileExistsError, FileNotFoundError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _remove_draft(draft: Path) -> None:
    """One that stays is for a person, and keeps no other secret from its end."""
    try:
        draft.unlink(missing_ok=True)
    except OSError as error:
        log.error("a draft of a secret that has ended cannot be removed: %s", error.strerror)  # noqa: TRY400


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _secrets(tree: str) -> Iterator[Path]:
    return (path for path in folder(tree).glob("[0-9]*.key") if path.stem.isdecimal())


def _time_of(path: Path) -> float:
    with suppress(FileNotFoundError):  # Destroyed this moment.
        return path.stat().st_mtime
    return math.nan


def _path(tree: str, number: int) -> Path:
    return folder(tree) / f"{number}.key"


def _end_of(tree: str, number: int) -> Path:
    return folder(tree) / f"{number}.ended"


def _make(path: Path) -> bytes:
    create_once(path, os.urandom(KEY_BYTES))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyGone("secret destroyed") from None


def _checked(secret: bytes) -> bytes:
    if len(secret) != KEY_BYTES or not any(secret):  # Overwritten, and not yet removed.
        raise KeyGone("secret destroyed")
    return secret
