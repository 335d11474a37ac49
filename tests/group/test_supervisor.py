"""The supervisor with real, tiny processes."""

import errno
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bgerase_site.group.parts import Part
from bgerase_site.group.printer import Printer
from bgerase_site.group.supervisor import Group
from bgerase_site.group.watch import Watch
from tests.group.parts import FASTER, STAYS, Output, python, run

POPEN = subprocess.Popen


def gone(pid: int, seconds: float = 5) -> bool:
    """True once `pid` is no living process: it is away, or a zombie that nobody has fetched."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_output_of_both_streams_is_prefixed() -> None:
    code, lines = run(
        python("web", "import sys; print('out'); print('err', file=sys.stderr);" + STAYS),
        stop_at="here",
    )
    assert code == 0
    assert sorted(lines[:3]) == ["web | err", "web | here", "web | out"]
    assert lines[-1] == "Stopping."


def test_a_part_gets_the_environment_of_the_group_and_no_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLOUR", "blue")
    code = "import os, sys; print(os.environ['COLOUR'], repr(sys.stdin.read()), 'done');" + STAYS
    _, lines = run(python("web", code), stop_at="done")
    assert lines[0] == "web | blue '' done"


def test_no_part_writes_core_dumps() -> None:
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE));" + STAYS
    _, lines = run(python("web", code), stop_at="here")
    assert lines[0] == "web | (0, 0)"


def test_a_part_that_ends_is_named_with_its_code_and_starts_again(tmp_path: Path) -> None:
    code = (
        f"import pathlib, sys; mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "if mark.exists(): print('back', flush=True); import time; time.sleep(60)\n"
        "mark.touch(); print('last words'); sys.exit(3)"
    )
    exit_code, lines = run(python("worker", code), python("web", STAYS), stop_at="back")
    assert exit_code == 0
    assert "worker | last words" in lines
    assert "The worker ended (exit code 3). It starts again in 1 s." in lines
    assert lines.index("worker | last words") < lines.index("worker | back")
    assert lines.count("web    | here") == 1


def test_a_signal_is_named() -> None:
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    _, lines = run(python("worker", dies), stop_at="starts again")
    assert lines[0].startswith("The worker ended (SIGKILL: killed by hand, or by the system")


def test_a_part_that_cannot_live_stops_the_group() -> None:
    worker = python("worker", "raise SystemExit('no model')")
    exit_code, lines = run(python("web", STAYS), worker, stop_at="never", faster=10)
    assert exit_code == 1
    assert lines.count("worker | no model") == 5
    assert lines[-2] == (
        "The worker ended 5 times, each time within 10 s of its start, the last time with "
        "exit code 1. Everything stops; its lines above say why."
    )


def _failing_once(error: Exception) -> Callable[..., object]:
    """`subprocess.Popen` as it is, but for the first start of a part."""
    left = [error]

    def popen(argv: Sequence[str], **options: Any) -> object:
        if "preexec_fn" in options and left:
            raise left.pop()
        return POPEN(argv, **options)

    return popen


@pytest.mark.parametrize(
    "error",
    [
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        subprocess.SubprocessError("Exception occurred in preexec_fn."),
    ],
)
def test_a_part_that_could_not_be_started_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(subprocess, "Popen", _failing_once(error))
    exit_code, lines = run(python("web", STAYS), stop_at="here")
    assert exit_code == 0
    assert lines[0] == (
        f"The web ended (it could not be started: {error}). It starts again in 1 s."
    )
    assert lines[1] == "web | here"


def test_a_part_that_can_never_be_started_stops_the_group() -> None:
    nowhere = Part("worker", ("/nonexistent/program",))
    exit_code, lines = run(python("web", STAYS), nowhere, stop_at="never", faster=10)
    assert exit_code == 1
    assert sum("could not be started: [Errno 2]" in line for line in lines) == 5


def test_a_watchman_that_dies_between_two_looks_costs_one_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The part itself then meets a broken pipe, before its program runs."""
    ready = Watch.ready

    def dies_after(watch: Watch) -> None:
        ready(watch)
        monkeypatch.setattr(Watch, "ready", ready)
        watch._watchman.kill()
        watch._watchman.wait()

    monkeypatch.setattr(Watch, "ready", dies_after)
    exit_code, lines = run(python("web", STAYS), stop_at="here")
    assert exit_code == 0
    assert lines[0] == "The web ended (SIGPIPE). It starts again in 1 s."
    assert "web | here" in lines


def test_a_part_may_finish_what_it_does() -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_): time.sleep(0.5); print('finished'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('here', flush=True); time.sleep(60)"
    )
    _, lines = run(python("worker", code), stop_at="here")
    assert lines[-1] == "worker | finished"


def test_a_part_that_will_not_stop_is_ended_after_the_grace_with_its_children() -> None:
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child: print('pids', os.getpid(), child, 'here', flush=True)\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    exit_code, lines = run(python("worker", code), stop_at="here", grace=0.5)
    assert exit_code == 0
    assert 0.5 <= time.monotonic() - started < 5
    assert all(gone(int(pid)) for pid in lines[0].split()[3:5])


def test_what_a_dead_part_leaves_behind_is_ended_with_it() -> None:
    code = (
        "import os, time\n"
        "child = os.fork()\n"
        "if not child: time.sleep(60)\n"
        "print('child', child, flush=True); os._exit(9)"
    )
    _, lines = run(python("worker", code), stop_at="starts again")
    assert gone(int(lines[0].split()[-1]))


def test_it_says_once_that_the_group_is_up() -> None:
    output = Output()
    asked: list[bool] = []
    said_up: list[bool] = []

    def answers() -> bool:
        asked.append(True)
        return len(asked) == 3

    def when_up() -> None:
        said_up.append(True)
        group.stop()

    group = Group(
        [python("web", STAYS)],
        Printer(["web"], output),
        clock=lambda: time.monotonic() * FASTER,
        answers=answers,
        when_up=when_up,
    )
    assert group.run() == 0
    assert len(asked) == 3
    assert said_up == [True]


def test_a_broken_terminal_ends_the_parts() -> None:
    seen: list[str] = []

    def react(text: str) -> None:
        seen.append(text)
        raise BrokenPipeError

    code = "import os; print(os.getpid(), flush=True);" + STAYS
    with pytest.raises(BrokenPipeError):
        Group([python("web", code)], Printer(["web"], Output(react))).run()
    pid = int(seen[0].split()[-1])
    assert gone(pid)
    assert pid != os.getpid()
