"""`python -m tests.mutation`: what `mutmut run` has come to, file by file.

Ends with 1 when fewer than 90 % of the mutants were killed. Mutants that no test reaches count as
alive; those that were not run are left out, and named.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parent.parent
GOAL = 90.0
KILLED = {"killed", "timeout", "caught by type check", "segfault"}


def main() -> int:
    total: Counter[str] = Counter()
    for meta in sorted((ROOT / "mutants").rglob("*.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"].values()
        found = Counter(_outcome(code) for code in codes)
        if found["killed"] + found["alive"]:
            name = meta.relative_to(ROOT / "mutants").with_suffix("")
            print(f"{_share(found):5.1f} %  {found['killed']:4} of {_run(found):4}  {name}")
            total += found
    if not _run(total):
        print("No mutant was run: start with `mutmut run`.")
        return 1
    print(
        f"{_share(total):5.1f} %  {total['killed']} of {_run(total)}; not run: {total['not run']}"
    )
    return 0 if _share(total) >= GOAL else 1


def _outcome(code: int | None) -> str:
    if code is None:
        return "not run"
    return "killed" if status_by_exit_code[code] in KILLED else "alive"


def _run(found: Counter[str]) -> int:
    return found["killed"] + found["alive"]


def _share(found: Counter[str]) -> float:
    return 100 * found["killed"] / _run(found)


if __name__ == "__main__":
    sys.exit(main())
