"""Whether the promise is kept right now: what `/readyz`, `/metrics` and the staff's page say."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from django.db import DatabaseError

from processing import storage
from processing.models import database_now
from processing.phrases import phrase
from processing.retention import gates
from processing.retention.gates import Alarm

log = logging.getLogger(__name__)
# Every alarm that can be raised.
CODES = (*gates.CODES, "database_away", "storage_away")
STORAGE_PATIENCE = 5.0  # Seconds.
STORAGE_LOOK_EVERY = 10.0  # Whoever asks for health more often asks us, not the storage.


@dataclass(frozen=True)
class Health:
    """`alarms`: whatever puts the promise at risk. `open`: whether uploads are taken."""

    alarms: list[Alarm]

    @property
    def open(self) -> bool:
        return not any(alarm.closes for alarm in self.alarms)

    @property
    def status(self) -> str:
        return "at_risk" if self.alarms else "ok"


def look() -> Health:
    """Never raises: what does not answer is an alarm too."""
    try:
        found = gates.alarms(database_now())
    except DatabaseError as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        words = phrase("The database does not answer. Nothing is taken, and nothing can be read.")
        found = [Alarm("database_away", words, 1, closes=True)]
    if not _DOOR.answers():
        words = phrase("The storage does not answer. Nothing can be stored, read or deleted there.")
        found.append(Alarm("storage_away", words, 1, closes=True))
    return Health(found)


class _StorageDoor:
    """Asks the storage in a thread of its own: one that hangs holds up nobody else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, "storage-door")
        self._lock = Lock()
        self._asked: Future[object] | None = None
        self._answered: tuple[float, bool] | None = None

    def answers(self) -> bool:
        with self._lock:
            if self._answered and time.monotonic() - self._answered[0] < STORAGE_LOOK_EVERY:
                return self._answered[1]
            if self._asked is None or self._asked.done():
                self._asked = self._threads.submit(storage.read_mark)
            answer = _succeeds(self._asked)
            self._answered = (time.monotonic(), answer)
            return answer

    def forget(self) -> None:
        self._answered = None


def _succeeds(asked: "Future[object]") -> bool:
    try:
        asked.result(STORAGE_PATIENCE)
    except Exception as error:  # noqa: BLE001  Each storage has errors of its own.
        log.warning("the storage does not answer: %s", type(error).__name__)
        return False
    return True


_DOOR = _StorageDoor()
forget_storage = _DOOR.forget
