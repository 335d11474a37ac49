"""Real parts of a site, as processes that work on the test's own database, vault and broker."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from processing.models import Job, JobState

ROOT = Path(__file__).resolve().parent.parent.parent
PLAN = Path(settings.DATA_DIR) / "run" / "plan"
CELERY = [
    "-Wignore:You're running the worker with superuser",
    *("-m", "celery", "--quiet", "--app=bgerase_site", "worker", "--pool=prefork"),
    *("--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    "--include=tests.promises.slow_engine",
]
SWEEPER = ["manage.py", "sweep", "--loop"]
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def plan(behaviour: str) -> None:
    """What the engine of a worker does from now on: see tests/promises/slow_engine.py."""
    PLAN.write_text(behaviour)


def database_url() -> str:
    """The test's database, which is not the one that the settings name."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(found['NAME']))}"
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def storage_url() -> str:
    """The test's own vault."""
    location = settings.STORAGES["vault"]["OPTIONS"].get("location")
    return f"file://{quote(location)}" if location else str(settings.STORAGE_URL)


def environment(**more: str) -> dict[str, str]:
    """`more`: settings, without their prefix."""
    ours = {"DATABASE_URL": database_url(), "STORAGE_URL": storage_url()} | more
    named = {f"BGERASE_{name}": value for name, value in ours.items()}
    return {**os.environ, **named, "PYTHONPATH": str(ROOT)}


class Part:
    """One process and all that it starts; they end with it, or with the test at the latest."""

    def __init__(self, argv: Sequence[str], log: Path, **more: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *argv],
                cwd=ROOT,
                env=environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509
            )

    def children(self) -> list[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in found.split()]

    def kill(self) -> None:
        """The whole group at once, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def running(argv: Sequence[str], folder: Path, **more: str) -> Iterator[Part]:
    """Runs a part until the block ends; its log is told if something in the block fails."""
    part = Part(argv, folder / "log", **more)
    try:
        yield part
    except BaseException:
        print(part.log.read_text()[-4000:])
        raise
    finally:
        part.kill()


def wait_until(true: Callable[[], object], seconds: float, what: str) -> float:
    """How long it took. Raises AssertionError."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() < start + seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - start


def wait_until_ended(seconds: float) -> Job:
    """The only job, done or failed. Raises AssertionError."""
    ends = {JobState.DONE, JobState.FAILED}
    wait_until(lambda: Job.objects.get().state in ends, seconds, "the job ends")
    return Job.objects.get()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
