"""A clock that a test sets, chance that repeats itself, a process that dies where a test says.

Hypothesis plays a beginning again and again and goes on from it in other ways: it has to lead to
the same place each time, however busy the machine is.
"""

import hashlib
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from django.db import connection

import accounts.clock
from processing.models import clock as database_clock
from processing.retention import second_hand
from processing.storage import steady_now, wall_now

T = TypeVar("T")
BEGINNING = datetime(2031, 5, 4, 7, 8, 9, tzinfo=UTC)
OURS = ("accounts", "processing", "bgerase_site", "tests")
_TOLD_BY = (
    accounts.clock.entry_time,
    database_clock.database_now,
    database_clock.keys_now,
    steady_now,
    wall_now,
)


class Clock:
    """Whoever asks for the time, of whatever clock, is told `now`."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self.owner = threading.get_ident()

    def __call__(self) -> datetime:
        return self.now

    def add(self, length: timedelta) -> None:
        self.now += length

    def time(self) -> float:
        return self.now.timestamp()

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """Passes the time. A thread that another test has left waits as ever."""
        if threading.get_ident() == self.owner:
            self.add(timedelta(seconds=seconds))
        else:
            time.sleep(seconds)


def take_over(patch: pytest.MonkeyPatch) -> Clock:
    """Wherever a module has one of the clocks, by whatever name."""
    clock = Clock()
    # What tests of workers have started in this process goes on; here the machine passes the time.
    patch.setattr(second_hand, "tick", lambda: None)
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in OURS and name != __name__:
            for word, value in list(vars(module).items()):
                if any(value is one for one in _TOLD_BY):
                    patch.setattr(module, word, clock)
                if value is time and not name.startswith("tests."):
                    patch.setattr(module, word, clock)
    return clock


class Chance:
    """What is random begins with the same bytes in every sequence, and ends with its own.

    So ids sort alike and folders are the same ones, while no id is given twice.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._really, self._owner = os.urandom, threading.get_ident()
        self.begin()
        patch.setattr(os, "urandom", self._draw)

    def begin(self) -> None:
        self._drawn = itertools.count()

    def _draw(self, number: int) -> bytes:
        drawn = self._really(number)
        if number < 16 or threading.get_ident() != self._owner:
            return drawn
        return hashlib.sha256(b"%d" % next(self._drawn)).digest()[:8] + drawn[8:]


class Killed(BaseException):
    """Like a kill: no `except Exception` on the way stops it."""


class Fate:
    """Dies at the n-th thing that lasts: a statement, or a file that is made or removed."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._owner = threading.get_ident()

    def _step(self) -> None:
        if self._left is not None and threading.get_ident() == self._owner:
            if self._left == 0:
                raise Killed
            self._left -= 1

    def run(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self._step()
        return execute(sql, params, many, context)

    def before(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self._step()
            return really(*args, **kwargs)

        return step

    def decide(self, after: int | None, step: Callable[[], T]) -> T | Killed:
        """What `step` gives, or its end; never for None. What it did until then stays done."""
        self._left = after
        try:
            return step()
        except Killed as death:
            return death
        finally:
            self._left = None


@contextmanager
def fate(patch: pytest.MonkeyPatch) -> Iterator[Fate]:
    found = Fate()
    for step in ("unlink", "rmdir", "mkdir", "link"):
        patch.setattr(os, step, found.before(getattr(os, step)))
    with connection.execute_wrapper(found.run):
        yield found
