"""Starts a server process that cannot outlive the test run, and stops it."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_PLACE = tempfile.gettempdir()  # As it is before Django is set up, which names one of its own.


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """Different ones: all are held until the last is found."""
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def scratch(name: str, owner: str | None = None) -> Iterator[Path]:
    """A folder that belongs to `owner` (when given, and we are root) and goes with the server.

    Not among the site's temporary files, which its patrol empties: a test with a clock of its own
    would take them for old, and a store that runs for other tests loses its files.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"bgerase-{name}-", dir=_PLACE))
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def other_user(name: str) -> str | None:
    """`name` when we are root, for servers that refuse to run as root."""
    if os.geteuid() != 0:
        return None
    pwd.getpwnam(name)
    return name


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextlib.contextmanager
def daemon(
    argv: Sequence[str | Path],
    *,
    folder: Path,
    ready: Callable[[], bool],
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 30,
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `argv` until the block ends. Raises RuntimeError with its log if it never is `ready`."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads at this time
        )
        try:
            _wait(process, ready, seconds, folder / "log")
            yield process
        finally:
            _stop(process)


def _wait(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, log: Path
) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not come up:\n{log.read_text()[-4000:]}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Nothing of a test server is worth a clean shutdown; its whole group goes at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
