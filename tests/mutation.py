"""`python -m tests.mutation`: changes the code in thousands of small ways, and counts how many of
those changes (mutants) some test notices (kills).

With `--share 10` a tenth of them, drawn by `--seed`; with a module's name those in it alone. Ends
with 1 when fewer than 90 % were killed in any package. Mutants that no test reaches count as alive.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from mutmut.__main__ import CatchOutput, create_mutants
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "mutants"
GOAL = 90.0
KILLED = {"killed", "timeout", "caught by type check", "segfault"}
MEMORY = Path("/dev/shm")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="processing.retention.erase, say")
    parser.add_argument("--share", type=float, default=100, help="percent of the mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="at once")
    chosen = parser.parse_args()

    _generate(chosen.children)
    mutants = _of(chosen.modules, _outcomes())
    if not mutants:
        print("No mutant is in", *chosen.modules)
        return 1
    number = max(1, round(len(mutants) * chosen.share / 100))
    sample = random.Random(chosen.seed).sample(sorted(mutants), number)
    _run(sample, chosen.children)
    return _report(sample, mutants)


def _generate(children: int) -> None:
    """What `mutmut run` begins with; it does no more than that for files that have not changed."""
    os.chdir(ROOT)
    MUTANTS.mkdir(exist_ok=True)
    with CatchOutput():
        copy_src_dir()
        copy_also_copy_files()
        create_mutants(children)


def _run(sample: list[str], children: int) -> None:
    # Without it mutmut runs the tests twice in one process before it forks: what a run leaves
    # behind then fails the second, and is not taken for the death of every mutant.
    (MUTANTS / "mutmut-stats.json").unlink(missing_ok=True)
    memory = {"TMPDIR": str(MEMORY)} if MEMORY.is_dir() else {}
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    command = [mutmut, "run", f"--max-children={children}", *sample]
    if code := subprocess.run(command, env=os.environ | memory, check=False).returncode:
        sys.exit(code)


def _outcomes() -> dict[str, int | None]:
    """Every mutant by its name (module.function__mutmut_number), with the exit code of its run."""
    found: dict[str, int | None] = {}
    for meta in MUTANTS.rglob("*.meta"):
        found |= json.loads(meta.read_text())["exit_code_by_key"]
    return found


def _of(modules: Iterable[str], mutants: Iterable[str]) -> set[str]:
    chosen = tuple(f"{module}." for module in modules) or ("",)
    return {name for name in mutants if name.startswith(chosen)}


def _report(sample: Iterable[str], mutants: Iterable[str]) -> int:
    outcomes = _outcomes()
    there = Counter(_module(name) for name in mutants)
    run: dict[str, Counter[str]] = defaultdict(Counter)
    packages: dict[str, Counter[str]] = defaultdict(Counter)
    for name in sorted(sample):
        status = status_by_exit_code[outcomes[name]]
        outcome = "killed" if status in KILLED else "alive"
        if outcome == "alive":
            print(f"{status:9}  {name}")
        run[_module(name)][outcome] += 1
        packages[".".join(name.split(".")[:2])][outcome] += 1
    for module, found in sorted(run.items()):
        print(_line(module, found), f"({there[module]} in all)")
    for package, found in sorted(packages.items()):
        print(_line(package, found))
    return 0 if all(_percent(found) >= GOAL for found in packages.values()) else 1


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def _line(what: str, found: Mapping[str, int]) -> str:
    return f"{_percent(found):5.1f} %  {found['killed']:4} of {sum(found.values()):4}  {what}"


def _percent(found: Mapping[str, int]) -> float:
    return 100 * found["killed"] / sum(found.values())


if __name__ == "__main__":
    sys.exit(main())
