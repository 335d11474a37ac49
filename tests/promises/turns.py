"""Threads that take turns: one runs to its next place, and then it is said who goes on.

Places are before and after a lock, a commit, a byte's storing or deleting. Whoever waits for a lock
that somebody else holds counts as waiting, and the others go on until it comes back with the lock.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from processing.storage import shredding
from processing.storage.vault import BlobWriter

PATIENCE = 0.02  # Seconds; then a thread that has not come to its next place waits for a lock.
LONGEST = 30.0
WAITS = "waits"
LOCKS = ("BEGIN", "FOR NO KEY UPDATE", "FOR UPDATE", "wal_checkpoint")
WRITES = ("UPDATE", "INSERT", "DELETE")

Choose = Callable[[Sequence[str]], str]  # Of the names of those who can go on.


@dataclass
class Outcome:
    """What an act came to."""

    answer: Any = None
    error: BaseException | None = None


@dataclass
class Played:
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    turns: list[str] = field(default_factory=list)  # "deletion: before lock", in order.


class Stuck(AssertionError):
    """Everybody waits, for longer than any lock is held."""


class Player(threading.Thread):
    """A thread with a database connection of its own."""

    def __init__(self, name: str, stage: "Stage") -> None:
        super().__init__(name=name, daemon=True)
        self._stage = stage
        self._acts: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._turn = threading.Semaphore(0)
        self.holds = False  # SQLite's one lock.

    def run(self) -> None:
        connection.execute_wrappers.append(self._listen)
        while (act := self._acts.get()) is not None:
            outcome = Outcome()
            try:
                pause("the start")
                outcome.answer = act()
            except BaseException as error:  # noqa: BLE001  For the test to judge.
                outcome.error = error
            self._stage.news.put((self.name, outcome))
        connection.close()

    def play(self, act: Callable[[], Any] | None) -> None:
        self._acts.put(act)

    def go(self) -> None:
        self._turn.release()

    def tell(self, place: str) -> None:
        self._stage.news.put((self.name, place))

    def stop_at(self, place: str) -> None:
        self.tell(place)
        self._turn.acquire()

    def _listen(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        on_sqlite, inside = connection.vendor == "sqlite", connection.in_atomic_block
        locks = any(word in sql for word in LOCKS) or (sql.startswith(WRITES) and not inside)
        if not on_sqlite and sql.startswith("UPDATE"):
            locks = True
        if not locks:
            return execute(sql, params, many, context)
        pause(f"before lock ({sql[:24]})")
        if on_sqlite and self._stage.is_held_from(self):
            self.tell(WAITS)
        answer = execute(sql, params, many, context)
        self.holds = sql.startswith("BEGIN") or (self.holds and inside)
        pause("after lock")
        return answer


def pause(place: str) -> None:
    """Nothing, but for a player."""
    player = threading.current_thread()
    if isinstance(player, Player):
        player.stop_at(place)


class Stage:
    """The players, and whose turn it is."""

    def __init__(self, *names: str) -> None:
        self.news: queue.SimpleQueue[tuple[str, str | Outcome]] = queue.SimpleQueue()
        self._players = {name: Player(name, self) for name in names}
        for player in self._players.values():
            player.start()

    def is_held_from(self, player: Player) -> bool:
        return any(other.holds for other in self._players.values() if other is not player)

    def play(self, acts: Mapping[str, Callable[[], Any]], choose: Choose) -> Played:
        """Raises Stuck."""
        played, ready, busy = Played(), dict[str, str](), set(acts)
        for name, act in acts.items():
            self._players[name].play(act)
        while busy:
            self._hear(played, ready, busy, LONGEST)
        while ready or busy:
            going = None
            if ready:
                going = choose(sorted(ready))
                played.turns.append(f"{going}: {ready.pop(going)}")
                busy.add(going)
                self._players[going].go()
            self._wait_for(going, played, ready, busy)
        return played

    def _wait_for(
        self, going: str | None, played: Played, ready: dict[str, str], busy: set[str]
    ) -> None:
        heard = None
        while heard != going or going is None:
            heard = self._hear(played, ready, busy, PATIENCE if ready else LONGEST)
            if heard is None or going is None:
                break

    def _hear(
        self, played: Played, ready: dict[str, str], busy: set[str], patience: float
    ) -> str | None:
        """Who has said something; None when nobody does for so long."""
        try:
            name, said = self.news.get(timeout=patience)
        except queue.Empty:
            if patience == LONGEST:
                raise Stuck(played.turns) from None
            return None
        if said == WAITS:
            return name if ready else self._hear(played, ready, busy, LONGEST)
        busy.discard(name)
        if isinstance(said, Outcome):
            played.outcomes[name] = said
        else:
            ready[name] = said
        return name

    def close(self) -> None:
        for player in self._players.values():
            player.play(None)
        for player in self._players.values():
            player.join(LONGEST)


@contextmanager
def stage(*names: str) -> Iterator[Stage]:
    """With everything in place that makes players pause."""
    opened = Stage(*names)
    with pytest.MonkeyPatch.context() as places:
        places.setattr(BaseDatabaseWrapper, "commit", _around("commit", BaseDatabaseWrapper.commit))
        places.setattr(BaseDatabaseWrapper, "rollback", _around("", BaseDatabaseWrapper.rollback))
        places.setattr(BlobWriter, "__init__", _around("opening", BlobWriter.__init__))
        places.setattr(BlobWriter, "finish", _around("storing", BlobWriter.finish))
        places.setattr(shredding, "_shred", _around("deleting", shredding._shred))
        try:
            yield opened
        finally:
            opened.close()


def _around(what: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def paused(*args: Any, **kwargs: Any) -> Any:
        if what:
            pause(f"before {what}")
        answer = real(*args, **kwargs)
        player = threading.current_thread()
        if isinstance(player, Player) and isinstance(args[0], BaseDatabaseWrapper):
            player.holds = False
        if what:
            pause(f"after {what}")
        return answer

    return paused
