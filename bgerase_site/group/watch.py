"""The supervisor's side of the watchman."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = Path(__file__).with_name("watchman.py")


class Watch:
    """Tells the watchman which process groups there are. A watchman that died is replaced."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._watchman = self._hire()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        """The end of its input is the watchman's sign to end what is left, and itself."""
        with self._watchman as watchman, contextlib.suppress(BrokenPipeError):
            assert watchman.stdin is not None
            watchman.stdin.close()

    def ready(self) -> None:
        """To be called before a part starts."""
        if self._watchman.poll() is not None:
            self.__exit__()
            self._watchman = self._hire()

    def add_this_process(self) -> None:
        """Called in the part itself, so that there is no moment at which nobody knows of it."""
        self._tell(f"+{os.getpid()}\n")

    def added(self, group: int) -> None:
        self._groups.add(group)

    def remove(self, group: int) -> None:
        self._groups.discard(group)
        with contextlib.suppress(BrokenPipeError):
            self._tell(f"-{group}\n")

    def _hire(self) -> subprocess.Popen[bytes]:
        watchman = subprocess.Popen(  # noqa: S603 - a program of ours
            [sys.executable, "-I", "-S", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        self._watchman = watchman
        for group in self._groups:
            self._tell(f"+{group}\n")
        return watchman

    def _tell(self, line: str) -> None:
        pipe = self._watchman.stdin
        assert pipe is not None
        if not pipe.closed:
            os.write(pipe.fileno(), line.encode("ascii"))
