"""A socket whose other side cannot keep a thread waiting for as long as it likes.

The web server reads and writes in its threads and has few of them. A time limit for each call is
not enough: one byte every 29 seconds would pass it for a day. So the waiting is added up. Only
waiting counts: a photo is not cut off because this machine was slow to seal what had arrived.
"""

import errno
import math
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

T = TypeVar("T")
_PIECE = 65536  # Bytes handed to the system at once, so that a long answer shows its progress.


@dataclass(frozen=True)
class Pace:
    """Waiting of `grace` seconds is allowed, and one second more for each `rate` bytes moved.

    In all it is never more than `most` seconds.
    """

    grace: float
    rate: float = math.inf
    most: float = math.inf

    def allowed(self, moved: int) -> float:
        return min(self.grace + moved / self.rate, self.most)


@dataclass(frozen=True)
class Patience:
    """The limits of one web server; `silence` is the longest time without a single byte."""

    silence: float = 30
    head: Pace = Pace(15)
    form: Pace = Pace(30)
    photos: Pace = Pace(30, rate=8000, most=15 * 60)
    answer: Pace = Pace(30, rate=8000, most=60 * 60)


class GaveUp(ConnectionResetError):
    """The other side was too slow. For all who read and write it is as if it had hung up."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the other side was too slow")


class _Meter:
    """What has been waited in one direction, and for how many bytes."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waited = 0.0
        self._moved = 0

    def left(self) -> float:
        return self._pace.allowed(self._moved) - self._waited

    def add(self, waited: float, moved: int) -> None:
        self._waited += waited
        self._moved += moved


class PatientSocket(socket.socket):
    """An accepted connection. Reading and writing raise GaveUp when a limit is passed."""

    def __init__(self, accepted: socket.socket, patience: Patience) -> None:
        kind = (accepted.family, accepted.type, accepted.proto)
        super().__init__(*kind, fileno=accepted.detach())
        self._silence = patience.silence
        self._reading = _Meter(patience.head)
        self._writing = _Meter(patience.answer)
        self.gave_up = False

    def expect(self, reading: Pace, writing: Pace) -> Self:
        """From now on these limits hold, and what was waited before is forgotten."""
        self._reading, self._writing = _Meter(reading), _Meter(writing)
        return self

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - the name and shape are Python's
        """To block means here: for no longer than the longest silence. Nothing, once closed."""
        if self.fileno() >= 0:
            self.settimeout(self._silence if flag else 0)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        receive = super().recv
        return self._timed(self._reading, lambda: receive(bufsize, flags), len)

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        send = super().send
        rest = memoryview(data).cast("B")
        while rest:
            piece = rest[:_PIECE]
            sent = self._timed(self._writing, lambda: send(piece, flags), int)  # noqa: B023
            rest = rest[sent:]

    def _timed(self, meter: _Meter, move: Callable[[], T], size: Callable[[T], int]) -> T:
        timeout = self.gettimeout()
        if not timeout:
            return move()
        left = meter.left()
        if left <= 0:
            raise self._given_up()
        begun = time.monotonic()
        try:
            if left < timeout:
                self.settimeout(left)
            moved = move()
        except TimeoutError:
            raise self._given_up() from None
        finally:
            if left < timeout:
                self.settimeout(timeout)
        meter.add(time.monotonic() - begun, size(moved))
        return moved

    def _given_up(self) -> GaveUp:
        self.gave_up = True
        return GaveUp()
