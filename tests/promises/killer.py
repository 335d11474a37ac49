"""Processes that kill themselves with SIGKILL at a named place, on the test's own database.

A warm process without any database connection forks a child for every act: the child does what it
is told (tests/promises/acts.py) and dies where the point says, as a machine would that loses its
power. `python -m tests.promises.killer` is that warm process; a test speaks to it through `Killer`.
"""

import contextlib
import functools
import importlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LONGEST_ACT = 60  # Seconds; then SIGALRM ends it, which no test takes for a kill.
BESIDE = {"heartbeat", "second hand", "the database's clock"}


@dataclass(frozen=True)
class Point:
    """Where a process dies: `when` ("before", "after") the `nth` time that something happens.

    `place`: a function, as `module:name`, called with `about` among its arguments (as text). Or
    `commit`: the end of a transaction that wrote to all of these tables, "INSERT image", say.
    """

    name: str
    when: str
    place: str
    about: str = ""
    nth: int = 1
    act: str = ""


@dataclass(frozen=True)
class Death:
    """How a child ended: by which signal (0 for none), and what it said: its point, its answer."""

    signal: int
    reached: bool
    answer: Any


class Killer:
    """The warm process; its children work on the vault of whichever test asks."""

    def __init__(self, log: Path) -> None:
        from tests.promises.processes import environment

        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.promises.killer"],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def die(self, point: Point, **facts: Any) -> Death:
        """The act of the point, in a process of its own that dies there."""
        death = self._ask(point.act, asdict(point), facts)
        assert death.reached, f"never came to {point.name!r}: {self._last_words()}"
        assert death.signal == signal.SIGKILL, f"{point.name!r}: {death}"
        return death

    def do(self, act: str, **facts: Any) -> Any:
        """The same act in a process that lives; its answer."""
        death = self._ask(act, None, facts)
        assert death.signal == 0, f"{act} ended by signal {death.signal}: {self._last_words()}"
        return death.answer

    def stop(self) -> None:
        self._process.communicate(timeout=LONGEST_ACT)  # It ends with its orders.

    def _ask(self, act: str, point: dict[str, Any] | None, facts: dict[str, Any]) -> Death:
        from tests.promises.processes import (
            storage_url,
        )  # Here: the warm process has no settings yet.

        told = {"act": act, "point": point, "facts": facts, "vault": storage_url()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(told), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, f"the warm process is gone: {self._last_words()}"
        return Death(**json.loads(line))

    def _last_words(self) -> str:
        return self._log.read_text()[-3000:]


def main() -> None:
    """Reads what to do, a line each, and answers with a line each, until its parent is gone."""
    import django

    django.setup()
    acts = importlib.import_module("tests.promises.acts")
    acts.load_all()
    assert threading.active_count() == 1  # A fork takes one thread along, and no lock of others.
    for line in sys.stdin:
        print(json.dumps(asdict(_run(json.loads(line), acts))), flush=True)


def _run(told: dict[str, Any], acts: Any) -> Death:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _live(told, acts, reading, writing)
    os.close(writing)
    with os.fdopen(reading) as said:
        words = [json.loads(line) for line in said]
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        return Death(-1, reached=False, answer=None)  # Its trace is in the log.
    answers = [word["answer"] for word in words if "answer" in word]
    reached = any("reached" in word for word in words)
    return Death(os.WTERMSIG(status), reached, answers[0] if answers else None)


def _live(told: dict[str, Any], acts: Any, reading: int, writing: int) -> None:
    """The child: never returns."""
    ended = 1
    try:
        os.close(reading)
        signal.alarm(LONGEST_ACT)
        acts.begin(told["vault"])
        if told["point"]:
            arm(Point(**told["point"]), lambda: os.write(writing, b'{"reached": true}\n'))
        answer = getattr(acts, told["act"])(**told["facts"])
        os.write(writing, json.dumps({"answer": answer}).encode() + b"\n")
        ended = 0
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(ended)


def arm(point: Point, tell: Callable[[], object]) -> None:
    """Sets the trap in this process."""
    times = itertools.count(1)

    def pass_by(number: int = 0) -> int:
        """Before (without a number, which is the answer) and after each time."""
        when, number = ("after", number) if number else ("before", next(times))
        if (when, number) == (point.when, point.nth):
            tell()
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    if point.place == "commit":
        _watch_commits(point.about.split(", "), pass_by)
    else:
        _watch_calls(point, pass_by)


def _watch_calls(point: Point, pass_by: Callable[..., int]) -> None:
    module, _, path = point.place.partition(":")
    holder: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        holder = getattr(holder, parent)
    real = getattr(holder, name)

    @functools.wraps(real)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if _is_beside() or (point.about and point.about not in f"{args} {kwargs}"):
            return real(*args, **kwargs)
        number = pass_by()
        answer = real(*args, **kwargs)
        pass_by(number)
        return answer

    setattr(holder, name, watched)


def _watch_commits(writes: list[str], pass_by: Callable[..., int]) -> None:
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    written: list[str] = []
    mine, real = connections["default"], BaseDatabaseWrapper.commit

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if mine.in_atomic_block:
            written.append(_in_short(sql))
        else:
            written.clear()
        return execute(sql, params, many, context)

    def commit(self: BaseDatabaseWrapper) -> None:
        meant = self is mine and all(one in written for one in writes)
        if self is mine:
            written.clear()
        number = pass_by() if meant else 0
        real(self)
        if meant:
            pass_by(number)

    mine.execute_wrappers.append(listen)
    BaseDatabaseWrapper.commit = commit  # type: ignore[method-assign]


def _in_short(sql: str) -> str:
    """`INSERT image` for `INSERT OR IGNORE INTO "processing_image" (…`."""
    verb, _, rest = sql.partition(" ")
    table = rest.split('"')[1] if '"' in rest else ""
    return f"{verb} {table.rpartition('_')[2]}"


def _is_beside() -> bool:
    """The threads that beat for a worker pass no points."""
    return threading.current_thread().name in BESIDE


@contextlib.contextmanager
def killer(folder: Path) -> Iterator[Killer]:
    warm = Killer(folder / "killer.log")
    try:
        yield warm
    finally:
        warm.stop()


if __name__ == "__main__":
    main()
