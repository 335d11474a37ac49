"""The sweeper: erases what is due. By time alone, for ever again.

First everything that is due loses its key, then the bytes go, then the rows of what is quiet. Safe
to run in several processes at once and to be killed anywhere: every step may run twice, and an
image that is being erased is taken by one sweeper at a time.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from processing import storage
from processing.retention import claims, erase, gates, marks, pulse
from processing.storage import Tick, destroy_expired_epochs, patiently

log = logging.getLogger(__name__)
BEAT_EVERY = 15.0  # Seconds at most, in a round that takes long.
LOOK_AT_BUCKET_EVERY = 60.0
_versioning: tuple[object, float, str] = (None, 0.0, "unknown")


@dataclass(frozen=True)
class Swept:
    begun: int
    finished: int
    failed: int
    epochs: int


def sweep(now: datetime, most: int | None = None) -> Swept:
    """Erases every image that is due at `now`; errors are logged and tried again next time.

    With `most` it leaves off after so many of each kind: somebody else goes on.
    """
    epochs = destroy_expired_epochs(now)  # First: it needs neither the tables nor the storage.
    swept = _Round(now, epochs).run(most)
    _forget_deleted_values()
    if swept != Swept(0, 0, 0, 0):
        words = "%d made unreadable, %d gone, %d failed, %d keys destroyed"
        log.info(words, *vars(swept).values())
    return swept


class _Round:
    def __init__(self, now: datetime, epochs: int) -> None:
        self._now, self._epochs = now, epochs
        self._began = self._beaten = time.monotonic()
        self._begun = self._finished = self._failed = 0
        self._facts: dict[str, Any] = {}

    def run(self, most: int | None) -> Swept:
        self._condemn(most)
        self._facts = {
            "vault": marks.look_anew(self._now, self._tick),
            "versioning": _look_at_bucket(self._tick),
            "skew": round(gates.clock_skew(), 3),
        }
        if self._facts["vault"] != marks.OTHER:
            self._work_off(most)
        self._beat()
        return Swept(self._begun, self._finished, self._failed, self._epochs)

    def _condemn(self, most: int | None) -> None:
        for done, failed in claims.condemn_all(self._now, most):
            self._begun += done
            self._failed += failed
            self._tick()

    def _work_off(self, most: int | None) -> None:
        left = most
        while left is None or left > 0:
            try:
                size = min(claims.BATCH, left or claims.BATCH)
                batch = claims.take(self._now, self._moment(), size)
            except DatabaseError as error:
                log.error("nothing can be written down: %s", type(error).__name__)  # noqa: TRY400
                self._delete_unrecorded()
                break
            if not batch:
                break
            left = None if left is None else left - len(batch)
            failed = self._work(batch)
            self._failed += failed
            # A storage that is away is not waited for by the hour: keys and pulse come first.
            if failed == len(batch) and self._lasts() > settings.SWEEP_EVERY:
                break
            self._tick()

    def _work(self, batch: list[Any]) -> int:
        """How many failed."""
        try:
            worked = erase.work(batch, self._moment(), self._tick)
        except Exception as error:  # noqa: BLE001  They are taken again once they seem abandoned.
            log.error("a batch could not be erased: %s", type(error).__name__)  # noqa: TRY400
            return len(batch)
        self._finished += len(worked.finished)
        return len(worked.failed)

    def _delete_unrecorded(self) -> None:
        """On a full disk these bytes can be just the room that the tables lack. That they are gone
        is found out once it can be written down."""
        for prefixes in claims.prefixes_waiting(self._now):
            self._failed += len(storage.shred_many(prefixes, self._tick))

    def _moment(self) -> datetime:
        """`now` by now, however long the round has lasted; the wall clock has no say in it."""
        return self._now + self._lasts()

    def _lasts(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._began)

    def _tick(self) -> None:
        # A shorter retention takes a sweeper for dead sooner.
        often = min(BEAT_EVERY, settings.BUDGET.silent.total_seconds() / 4)
        if time.monotonic() - self._beaten > often:
            self._beat()

    def _beat(self) -> None:
        self._beaten = time.monotonic()
        try:
            pulse.beat(self._moment(), self._facts | {"failed": self._failed})
        except DatabaseError as error:  # A full disk: erasing goes on, the silence is an alarm.
            log.warning("no pulse: %s", type(error).__name__)


def _look_at_bucket(tick: Tick) -> str:
    """Whether the bucket keeps what is deleted; asked once a minute."""
    global _versioning  # noqa: PLW0603
    vault, since, found = _versioning
    if vault is not storage.current_storage() or time.monotonic() - since > LOOK_AT_BUCKET_EVERY:
        found = patiently(storage.versioning, tick)
        _versioning = (storage.current_storage(), time.monotonic(), found)
    return found


def _forget_deleted_values() -> None:
    """SQLite's write-ahead log keeps what was deleted until it is truncated.

    At every sweep: a reader can be in the way of one, and not only the sweeper deletes.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
