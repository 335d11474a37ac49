"""Decodes mutated photos in processes that may be killed, and counts how each one ended.

python -m tests.fuzz [--count 50000] [--seed 1] [--dir FOLDER] [--case NUMBER]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.pool import ROOT, Result, decoder, run

FAILURES = ROOT / "var" / "fuzz" / "failures.jsonl"


def main() -> int:
    asked = _ask()
    first, count = (0, asked.count) if asked.case is None else (asked.case, 1)
    numbers = range(first, first + count)
    folders = [str(asked.dir.resolve())] if asked.dir else []
    results: list[Result] = []

    def tell(result: Result) -> None:
        results.append(result)
        if result.is_failure:
            _keep(result, asked.seed, folders)
        if len(results) % 5000 == 0:
            print(f"{len(results):>8} of {len(numbers)}", flush=True)

    start = time.monotonic()
    argv = decoder(asked.seed, asked.memory_mb, folders)
    left_over = run(argv, numbers, asked.seconds, asked.jobs, tell)
    _report(results, time.monotonic() - start, left_over)
    return int(bool(left_over) or any(one.is_failure for one in results))


def _ask() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this one alone, to see a failure again")
    parser.add_argument("--dir", type=Path, help="a folder of further files to start from")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--memory-mb", type=int, default=1500)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


def _keep(result: Result, seed: int, folders: list[str]) -> None:
    """What it takes to make the case again, never its content."""
    FAILURES.parent.mkdir(parents=True, exist_ok=True)
    row = {"seed": seed, "case": result.number, "dir": folders, "outcome": result.outcome}
    with FAILURES.open("a") as file:
        file.write(json.dumps(row) + "\n")
    print(f"FAILURE {row}", flush=True)


def _report(results: list[Result], seconds: float, left_over: list[str]) -> None:
    print(f"{len(results)} cases in {seconds:.0f} s, {len(results) / seconds:.0f} a second")
    for outcome, count in Counter(one.outcome for one in results).most_common():
        print(f"{count:>8}  {outcome}")
    slowest = max(results, key=lambda one: one.seconds)
    largest = max(results, key=lambda one: one.peak_mb)
    print(f"slowest  case {slowest.number}: {slowest.seconds:.2f} s, {slowest.outcome}")
    print(f"largest  case {largest.number}: {largest.peak_mb:.0f} MB, {largest.outcome}")
    print(f"temporary files left over: {', '.join(left_over) or 'none'}")
    failures = sum(one.is_failure for one in results)
    print(f"failures {failures}" + (f", kept in {FAILURES.relative_to(ROOT)}" if failures else ""))


if __name__ == "__main__":
    sys.exit(main())
