"""Local disk as a Django storage that can be written to while a photo arrives."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

MOST_ROUNDS = 5  # Of deleting what is listed: a writer that is still at it adds to the list.


class DiskStorage(FileSystemStorage):
    """Files are 0600, folders 0700; a new file is never opened over an old one.

    Django's own storage only takes a whole file at once, which would need a temporary one.
    """

    def __init__(self, location: str) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        path = Path(self.path(name))
        if mode == "rb":
            return File(path.open("rb"), name)
        return SyncedFile(os.fdopen(_create(path), "wb"), name)

    def shred(self, name: str) -> int:
        """Removes the folder `name` with all that is in it, and its parent when that is empty.

        How many files there were. That the folder itself could be removed is the proof that
        nothing was left in it. Raises OSError when something stays; the rest is gone even then.
        """
        top, deleted = self.path(name), 0
        for _ in range(MOST_ROUNDS):
            found, error = _empty(top)
            deleted += found
            if error is not None:
                raise error
            try:
                os.rmdir(top)  # noqa: PTH106  Ten thousand of them in a few seconds.
            except FileNotFoundError:
                break
            except OSError as refused:
                if refused.errno != errno.ENOTEMPTY:
                    raise
                continue  # A writer that is still at it.
            break
        else:
            raise OSError(f"still not empty after {MOST_ROUNDS} rounds of deleting")
        with suppress(OSError):
            os.rmdir(os.path.dirname(top))  # noqa: PTH106, PTH120
        return deleted

    def parents_of(self, names: Iterable[str]) -> list[str]:
        return sorted({os.path.dirname(self.path(name)) for name in names})  # noqa: PTH120

    def sync(self, folder: str) -> None:
        """Makes what was removed from a folder outlast a loss of power. Raises OSError."""
        if not _sync_folder(folder):  # Removed too: then its own parent knows.
            _sync_folder(str(self.location))


class SyncedFile(File):  # type: ignore[type-arg]  # Not subscriptable at run time.
    """On the disk, not only in its cache, before anybody is told that it is stored."""

    def close(self) -> None:
        try:
            if self.file is not None and not self.closed:
                self.file.flush()
                os.fsync(self.file.fileno())
        finally:  # A full disk refuses the rest; the descriptor is let go of all the same.
            super().close()


def _create(path: Path) -> int:
    for _ in range(10):
        try:
            _make_folders(path.parent)
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue  # An erasing neighbour removed the folder, empty for that moment.
    raise FileNotFoundError(path)


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        # One by one: `parents=True` would leave those above open to everybody.
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)


def _empty(folder: str) -> tuple[int, OSError | None]:
    """Deletes what is in a folder; how many files, and the first error: the others go all the same.

    Passes over what another eraser removes meanwhile.
    """
    deleted, failed = 0, None
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return 0, None
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                found, error = _empty(entry.path)
                deleted, failed = deleted + found, failed or error
                os.rmdir(entry.path)  # noqa: PTH106
            else:
                os.unlink(entry.path)  # noqa: PTH108
                deleted += 1
        except FileNotFoundError:
            continue
        except OSError as error:
            # A folder that a writer has filled again is for the next round.
            failed = failed or (None if error.errno == errno.ENOTEMPTY else error)
    return deleted, failed


def _sync_folder(folder: str) -> bool:
    """False when it is not there."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True
