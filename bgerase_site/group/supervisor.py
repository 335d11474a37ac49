"""Keeps the parts of a group running, in one thread, until it is told to stop or has to give up."""

import contextlib
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bgerase_site.group.backoff import QUICK, Backoff
from bgerase_site.group.parts import Part
from bgerase_site.group.printer import Printer
from bgerase_site.group.process import Process
from bgerase_site.group.watch import Watch

TICK = 0.2  # Seconds between two looks at the parts, when none of them writes.
GRACE = 10.0  # Seconds from SIGTERM to SIGKILL.


@dataclass
class _Member:
    part: Part
    backoff: Backoff = field(default_factory=Backoff)
    process: Process | None = None
    started: float = 0.0
    due: float = 0.0


class Group:
    """`answers` is asked until it is true, once; then `when_up` is called."""

    def __init__(
        self,
        parts: Sequence[Part],
        printer: Printer,
        *,
        clock: Callable[[], float] = time.monotonic,
        grace: float = GRACE,
        answers: Callable[[], bool] = lambda: True,
        when_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._members = [_Member(part) for part in parts]
        self._printer = printer
        self._clock = clock
        self._grace = grace
        self._answers: Callable[[], bool] | None = answers
        self._when_up = when_up
        self._selector = selectors.DefaultSelector()
        self._stops_asked = 0
        self._stop_by: float | None = None
        self._exit_code = 0

    def run(self) -> int:
        """Returns the exit code: 0 after `stop`, 1 when a part could not be kept alive."""
        with Watch() as watch:
            try:
                while not self._over():
                    self._tick(watch)
            finally:
                for member in self._members:
                    if member.process:
                        member.process.discard()
                self._selector.close()
        return self._exit_code

    def stop(self) -> None:
        """Asks every part to end; called again, ends them at once. Safe in a signal handler."""
        self._stops_asked += 1

    def _over(self) -> bool:
        return self._stop_by is not None and not any(m.process for m in self._members)

    def _tick(self, watch: Watch) -> None:
        now = self._clock()
        self._heed_stops(now)
        if self._stop_by is None:
            for member in self._members:
                if member.process is None and member.due <= now:
                    self._start(member, now, watch)
        self._pass_on_output()
        now = self._clock()
        for member in self._members:
            how = member.process.ended() if member.process else None
            if how is not None:
                self._bury(member, how, now)
        if self._stop_by is None and self._answers and self._answers():
            self._answers = None
            self._when_up()

    def _heed_stops(self, now: float) -> None:
        if self._stops_asked and self._stop_by is None:
            self._stop_by = now + self._grace
            self._printer.say("Stopping.")
            for member in self._members:
                if member.process:
                    member.process.ask_to_end()
        if self._stop_by is not None and (now >= self._stop_by or self._stops_asked > 1):
            self._kill_all()

    def _start(self, member: _Member, now: float, watch: Watch) -> None:
        member.started = now
        try:
            process = Process(member.part, watch)
        except (OSError, subprocess.SubprocessError) as error:
            # No memory or no process to be had, or the watchman died just now: that passes.
            self._wait_or_give_up(member, f"it could not be started: {error}", now)
            return
        member.process = process
        self._selector.register(process.output, selectors.EVENT_READ, member)

    def _pass_on_output(self) -> None:
        for key, _ in self._selector.select(TICK):
            member: _Member = key.data
            lines = member.process.read() if member.process else None
            if lines is None:
                self._selector.unregister(key.fileobj)
            for line in lines or ():
                self._printer.line(member.part.name, line)

    def _bury(self, member: _Member, how: str, now: float) -> None:
        """Prints a dead part's last words, and plans its next life."""
        process, member.process = member.process, None
        if process is None:
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(process.output)
        for line in process.read_rest():
            self._printer.line(member.part.name, line)
        if self._stop_by is None:
            self._wait_or_give_up(member, how, now)

    def _wait_or_give_up(self, member: _Member, how: str, now: float) -> None:
        wait = member.backoff.after_death(now - member.started)
        if wait is None:
            self._give_up(member, how)
            return
        self._printer.say(f"The {member.part.name} ended ({how}). It starts again in {wait:.0f} s.")
        member.due = now + wait

    def _give_up(self, member: _Member, how: str) -> None:
        self._printer.say(
            f"The {member.part.name} ended {member.backoff.quick_deaths} times, each time within "
            f"{QUICK:.0f} s of its start, the last time with {how}. "
            "Everything stops; its lines above say why."
        )
        self._exit_code = 1
        self._stops_asked = max(1, self._stops_asked)

    def _kill_all(self) -> None:
        for member in self._members:
            if member.process:
                member.process.kill()


@contextlib.contextmanager
def stopped_by_signals(group: Group) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal stop `group`; a second one stops it at once."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_number: int, _frame: object) -> None:
        group.stop()

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
