"""An engine in a process of its own, so that its imports and its memory are its own."""

import json
import os
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

# What `manage.py up` sets for its parts; the peer gets it too.
AS_IN_A_GROUP = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "4000000"}


class Child:
    """Started at once; `provider` is known when its model is open."""

    def __init__(self, name: str, threads: int, device: str) -> None:
        self.name = name
        self._born = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.contenders", name, str(threads), device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **AS_IN_A_GROUP},
        )
        self.provider: str = self._read()["provider"]

    def ask(self, do: str, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def age(self) -> float:
        """Seconds since it was started."""
        return time.perf_counter() - self._born

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended; its error is above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
