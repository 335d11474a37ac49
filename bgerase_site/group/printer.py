"""One line of output at a time, with the name of the part that wrote it."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

_COLOURS = (36, 33, 35, 32, 34)
_LONGEST_LINE = 64 * 1024


class Printer:
    def __init__(
        self, names: Sequence[str], stream: TextIO | None = None, *, colour: bool | None = None
    ) -> None:
        self._stream = stream or sys.stdout
        self._width = max((len(name) for name in names), default=0)
        if colour is None:
            colour = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._colours = dict(zip(names, _COLOURS, strict=False)) if colour else {}

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{self._width}} |"
        if name in self._colours:
            prefix = f"\x1b[{self._colours[name]}m{prefix}\x1b[0m"
        self.say(f"{prefix} {text}")

    def say(self, text: str) -> None:
        """A line of the group itself."""
        self._stream.write(f"{text}\n")
        self._stream.flush()


class Lines:
    """Cuts bytes as they come into whole lines of text."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            whole, self._rest = [*whole, self._rest], b""
        return [_text(line) for line in whole]

    def end(self) -> list[str]:
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode(errors="replace")
