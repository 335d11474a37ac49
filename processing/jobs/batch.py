"""Several jobs at once: their photos go through the model in one call, which costs a GPU little
more than one photo does.

Each job has a thread of its own and goes its whole way there: it opens, decodes, stores and ends
by itself. Only the model is shared: `Table` waits until everybody has brought a photo and asks it
once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connections

from processing.engine import Matter
from processing.jobs import results
from processing.jobs.claim import Claim, ClaimLost, can_share, claim_more, claim_next
from processing.jobs.heartbeat import Heartbeat, Held, Hold
from processing.models import database_now

WAIT = 0.02  # Seconds that the first job of a batch waits for more of them.
PATIENCE = 0.5  # Seconds that a photo waits for slower ones to be decoded.

RunOne = Callable[[Claim, Hold, Matter], None]


def claim_batch(serves: Sequence[str], most: Callable[[Claim], int]) -> list[Claim]:
    """The next job, and up to `most` of it in all that can run beside it; [] when nothing waits."""
    first = claim_next(database_now(), serves)
    if first is None:
        return []
    room = most(first) - 1 if can_share(first) else 0
    more: list[Claim] = []
    until = time.monotonic() + WAIT
    while room > len(more):
        more += claim_more(database_now(), first, room - len(more))
        if time.monotonic() >= until:
            break
        time.sleep(max(0.0, until - time.monotonic()))
    if not more:
        return [first]
    return [Claim(one.job, one.image, one.attempt, together=True) for one in (first, *more)]


def run_together(
    claims: Sequence[Claim], heartbeat: Heartbeat, matter: Matter, run_one: RunOne
) -> None:
    """Every job comes to its own end: `run_one` records it, whatever becomes of the others."""
    table = Table(matter, len(claims))
    threads = [
        threading.Thread(target=_run, args=(claim, heartbeat, table, run_one), name=f"{claim.job}")
        for claim in claims
    ]
    started: list[threading.Thread] = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        _join(started)
    except (SoftTimeLimitExceeded, RuntimeError, MemoryError):
        # Out of time, or no more threads. Nobody knows by whom: each is tried again, alone. What
        # hangs in C keeps this process here until the hard limit ends it.
        for claim in claims:
            _give_back(claim)
        _join(started)


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def _run(claim: Claim, heartbeat: Heartbeat, table: "Table", run_one: RunOne) -> None:
    seat = Seat(table)
    try:
        run_one(claim, Held(claim, heartbeat), seat)
    finally:
        seat.leave()
        connections.close_all()


def _give_back(claim: Claim) -> None:
    try:
        results.give_back(claim)
    except ClaimLost:
        return  # It has come to its end, or to nobody's hands any more.


class Table:
    """Where the threads of a batch meet the model: one call for all that is there."""

    def __init__(self, matter: Matter, seats: int) -> None:
        self.matter = matter
        self._coming = seats
        self._changed = threading.Condition()
        self._asks: list[Ask] = []
        self._turn = threading.Lock()

    def arrive(self) -> None:
        with self._changed:
            self._coming -= 1
            self._changed.notify_all()

    def predict(self, photos: Sequence[Any]) -> list[Any]:
        """As Matter.predict. Returns when all of the batch are here, or none came for a while."""
        ask = Ask(photos)
        with self._changed:
            self._asks.append(ask)
            self._changed.wait_for(lambda: ask.taken or not self._coming, PATIENCE)
            group = [] if ask.taken else self._take()
        if group:
            with self._turn:
                _serve(group, self.matter)
        return ask.answer.result()

    def _take(self) -> "list[Ask]":
        group, self._asks = self._asks, []
        for ask in group:
            ask.taken = True
        return group


class Ask:
    """The photos of one job, and what the model will have said of them."""

    def __init__(self, photos: Sequence[Any]) -> None:
        self.photos = photos
        self.taken = False
        self.answer: Future[list[Any]] = Future()


def _serve(group: Sequence[Ask], matter: Matter) -> None:
    """One call; where it fails, one for each: a photo that breaks the model breaks alone."""
    try:
        planes = matter.predict([photo for ask in group for photo in ask.photos])
    except Exception:  # noqa: BLE001  Each learns of its own below.
        for ask in group:
            _serve_alone(ask, matter)
        return
    for ask in group:
        ask.answer.set_result(planes[: len(ask.photos)])
        planes = planes[len(ask.photos) :]


def _serve_alone(ask: Ask, matter: Matter) -> None:
    try:
        ask.answer.set_result(matter.predict(ask.photos))
    except Exception as error:  # noqa: BLE001  Raised again where it was asked for.
        ask.answer.set_exception(error)


class Seat:
    """The model, as one job of a batch sees it."""

    def __init__(self, table: Table) -> None:
        self._table, self._expected = table, True

    @property
    def name(self) -> str:
        return self._table.matter.name

    @property
    def version(self) -> str:
        return self._table.matter.version

    @property
    def provider(self) -> str:
        return self._table.matter.provider

    def predict(self, photos: Sequence[Any]) -> list[Any]:
        self.leave()
        return self._table.predict(photos)

    def leave(self) -> None:
        """Nobody waits for this job any more: it has come, or has ended before it could."""
        if self._expected:
            self._expected = False
            self._table.arrive()
