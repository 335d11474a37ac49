"""Local disk as a Django storage that can be written to while a photo arrives."""

import os
from contextlib import suppress
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


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

    def delete_folders(self, name: str) -> None:
        """Removes the empty folders under `name`, itself, and its parent when it is empty too.

        What is not empty stays: a file that somebody put there meanwhile is not ours to lose.
        """
        top = Path(self.path(name))
        # os.walk passes over what another eraser removes meanwhile.
        inner = [Path(folder) for folder, _, _ in os.walk(top, topdown=False)]
        for folder in [*inner, top.parent]:
            with suppress(OSError):
                folder.rmdir()


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
