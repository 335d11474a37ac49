"""Runs a part with a wall clock of its own: `python -m tests.promises.stepped_clock FILE ARGV…`.

FILE holds by how many seconds it is ahead, and may change at any time; beside it `.seen` says which
value was met. What counts from the boot on stays as it is, as when somebody sets a machine's clock.
ARGV is what would follow `python`: a script, or -m and a module.
"""

import datetime as dt
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

_time, _time_ns = time.time, time.time_ns
_datetime: Any = dt.datetime


class _AnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _datetime)


class SteppedDatetime(dt.datetime, metaclass=_AnyDatetime):
    """What it makes are datetimes like any other."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _datetime(*args, **kwargs)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return _datetime.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _datetime.fromtimestamp(time.time(), dt.UTC).replace(tzinfo=None)


def install(told: Path) -> None:
    seen = told.with_suffix(".seen")

    def step() -> int:
        seconds = told.read_text()
        if seconds and (not seen.exists() or seen.read_text() != seconds):
            seen.write_text(seconds)
        return int(seconds or "0")

    time.time = lambda: _time() + step()
    time.time_ns = lambda: _time_ns() + step() * 10**9
    dt.datetime = SteppedDatetime  # type: ignore[misc]


def run(argv: list[str]) -> None:
    first, *rest = [one for one in argv if not one.startswith("-W")]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        sys.path.insert(0, os.fspath(Path(first).resolve().parent))
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    install(Path(sys.argv[1]))
    run(sys.argv[2:])
