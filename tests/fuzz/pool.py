"""Children that are killed when they take too long, and replaced when they die."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120


@dataclass(frozen=True)
class Result:
    number: int
    outcome: str
    seconds: float
    peak_mb: float

    @property
    def is_failure(self) -> bool:
        return self.outcome.startswith(("escaped", "killed", "died"))


class Child:
    """One process that answers numbers with results; see tests/fuzz/child.py."""

    def __init__(self, argv: Sequence[str], seconds: float, folder: str) -> None:
        self._argv, self._seconds, self._folder = argv, seconds, folder
        self._process: subprocess.Popen[str] | None = None

    def ask(self, number: int) -> Result:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
        if not select.select([process.stdout], [], [], self._seconds)[0]:
            self.end()
            return Result(number, f"killed after {self._seconds:g} s", self._seconds, 0)
        answer = process.stdout.readline()
        if not answer:
            code = process.wait()
            self.end()
            return Result(number, f"died with {code}", 0, 0)
        return Result(number, *json.loads(answer))

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": self._folder},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline(), "the child did not start"
        return self._process


def decoder(seed: int, memory_mb: int, folders: Iterable[str]) -> list[str]:
    """The command of a child that decodes."""
    return [sys.executable, "-m", "tests.fuzz.child", str(seed), str(memory_mb), *folders]


def run(
    argv: Sequence[str],
    numbers: Iterable[int],
    seconds: float,
    jobs: int,
    tell: Callable[[Result], None],
) -> list[str]:
    """Runs every case and tells each result; returns the names of temporary files left over."""
    waiting, lock = iter(numbers), threading.Lock()
    with tempfile.TemporaryDirectory() as folder:

        def attend(child: Child) -> None:
            try:
                for number in _share(waiting, lock):
                    result = child.ask(number)
                    with lock:
                        tell(result)
            finally:
                child.end()

        children = [Child(argv, seconds, folder) for _ in range(jobs)]
        with ThreadPoolExecutor(jobs) as threads:
            list(threads.map(attend, children))
        return sorted(one.name for one in Path(folder).rglob("*"))


def _share(numbers: Iterator[int], lock: threading.Lock) -> Iterator[int]:
    while True:
        with lock:
            number = next(numbers, None)
        if number is None:
            return
        yield number
