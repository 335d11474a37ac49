"""One group for each data folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another group holds the folder; the text is its process number, or empty."""


@contextlib.contextmanager
def only_group(path: Path) -> Iterator[bool]:
    """Holds the lock at `path`; yields True if the last holder was killed before it could stop.

    Raises AlreadyRunning. The kernel lets go of the lock however its holder dies.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(file.read().strip()) from None
        was_killed = bool(file.read())
        _write(file.fileno(), f"{os.getpid()}\n")
        yield was_killed
        _write(file.fileno(), "")


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode("ascii"), 0)
