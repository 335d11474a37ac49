"""Parts of a file, as a request's `Range` asks for them."""

import re
from dataclasses import dataclass


class NotThere(Exception):
    """The file has no such part."""


@dataclass(frozen=True)
class Part:
    """From the byte `first` to the byte `last`, that one too."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def read_range(asked: str, size: int) -> Part | None:
    """The part that is asked for; None is the whole file: nothing, something unreadable or several
    parts were asked for, which a server need not give. Raises NotThere."""
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", asked.strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        length = min(int(last), size)
        if not length:
            raise NotThere
        return Part(size - length, size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotThere
    return Part(int(first), min(int(last), size - 1) if last else size - 1)
