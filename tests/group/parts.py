"""Tiny parts, and a group that runs them fifty times faster than the clock."""

import io
import sys
import time
from collections.abc import Callable

from bgerase_site.group.parts import Part
from bgerase_site.group.printer import Printer
from bgerase_site.group.supervisor import Group

FASTER = 50


def python(name: str, code: str) -> Part:
    return Part(name, (sys.executable, "-S", "-c", code))


STAYS = "import time; print('here', flush=True); time.sleep(60)"


class Output(io.StringIO):
    """Calls `react` with each line that is printed."""

    def __init__(self, react: Callable[[str], None] = lambda line: None) -> None:
        super().__init__()
        self.react = react

    def write(self, text: str) -> int:
        self.react(text)
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


def run(
    *parts: Part, stop_at: str, grace: float = 5.0, faster: int = FASTER
) -> tuple[int, list[str]]:
    """Runs a group until a printed line contains `stop_at`; returns its exit code and its lines.

    `grace` is in real seconds.
    """
    output = Output()
    printer = Printer([part.name for part in parts], output, colour=False)
    group = Group(parts, printer, clock=lambda: time.monotonic() * faster, grace=grace * faster)

    def react(text: str) -> None:
        if stop_at in text:
            group.stop()

    output.react = react
    return group.run(), output.lines
