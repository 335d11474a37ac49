"""A supervisor that is killed leaves nothing behind, whatever its parts had started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bgerase_site.group.process import Process
from bgerase_site.group.watch import Watch
from tests.group.parts import STAYS, python
from tests.group.test_supervisor import gone

# A part whose child asks for no signal at its parent's death, as Celery's beat does.
WITH_A_CHILD = (
    "import os, time\n"
    "child = os.fork()\n"
    "if child: print('pids', os.getpid(), child, flush=True)\n"
    "time.sleep(60)"
)
SUPERVISOR = f"""
import sys
from bgerase_site.group.parts import Part
from bgerase_site.group.printer import Printer
from bgerase_site.group.supervisor import Group
Group([Part("part", (sys.executable, "-S", "-c", {WITH_A_CHILD!r}))], Printer(["part"])).run()
"""


def _watchmen(supervisor: int) -> list[int]:
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [
        int(pid) for pid in children if b"watchman.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_children_of_parts_end_with_a_killed_supervisor() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        part, child = (int(pid) for pid in supervisor.stdout.readline().split()[3:5])
        (watchman,) = _watchmen(supervisor.pid)
        supervisor.kill()
        assert all(gone(pid) for pid in (part, child, watchman))


def test_parts_end_with_the_supervisor_even_if_the_watchman_was_killed_first() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        part, child = (int(pid) for pid in supervisor.stdout.readline().split()[3:5])
        (watchman,) = _watchmen(supervisor.pid)
        os.kill(watchman, signal.SIGKILL)
        supervisor.kill()
        assert gone(part)
        os.kill(child, signal.SIGKILL)


def test_a_new_watchman_knows_the_parts_that_run() -> None:
    with Watch() as watch:
        old = Process(python("old", STAYS), watch)
        (first,) = _watchmen(os.getpid())
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        new = Process(python("new", STAYS), watch)
        (second,) = _watchmen(os.getpid())
        assert second != first
    # The end of its input is all that a watchman learns of a supervisor's death.
    ends = []
    for process in (old, new):
        while (how := process.ended()) is None:
            time.sleep(0.01)
        process.output.close()
        ends.append(how)
    assert [how.split(":")[0] for how in ends] == ["SIGKILL", "SIGKILL"]


def test_a_group_that_ended_is_forgotten() -> None:
    with Watch() as watch:
        process = Process(python("part", "pass"), watch)
        while process.ended() is None:
            time.sleep(0.01)
        process.output.close()
        assert watch._groups == set()
