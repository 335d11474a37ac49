"""The second hand: keys die on time, whatever else of the site is dead.

A thread in every process that stays: each web worker, each worker of the queue; the sweeper has it
among its loops. It needs neither the tables nor the storage: the database's clock is asked in
passing, and while it does not answer, what it said last is counted on from.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import connection

from processing import storage
from processing.models import clock, keys_now

log = logging.getLogger(__name__)
EVERY = 20.0
PATIENCE = 3.0
_thread: threading.Thread | None = None
_asking: threading.Thread | None = None
_remembered_at = float("-inf")


def start() -> None:
    """Once per process, however often it is called; again when the thread has died."""
    global _thread  # noqa: PLW0603  One hand for each process.
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_run, name="second hand", daemon=True)
        _thread.start()


def period() -> float:
    return min(EVERY, float(settings.SWEEP_EVERY.total_seconds()))


def tick() -> None:
    """Destroys the keys of every epoch that has ended, and marks how far the time has come."""
    _ask_for_the_time()
    if destroyed := storage.destroy_expired_epochs(keys_now()):
        log.info("%d keys destroyed", destroyed)
    _remember()


def _run() -> None:
    while True:
        try:
            tick()
        except Exception:  # Nothing may end this loop.
            log.exception("keys could not be destroyed now; trying again")
        time.sleep(period())  # Not by the wall clock.


def _ask_for_the_time() -> None:
    """In a thread of its own: a database that hangs keeps nobody's keys alive."""
    global _asking  # noqa: PLW0603
    known_for = clock.known_for()
    if clock.is_local() or (known_for is not None and known_for < EVERY):
        return
    if _asking is None or not _asking.is_alive():
        _asking = threading.Thread(target=_ask, name="the database's clock", daemon=True)
        _asking.start()
    _asking.join(PATIENCE)


def _ask() -> None:
    try:
        clock.database_now()
    except Exception as error:  # noqa: BLE001  Whatever it is, the time goes on.
        log.info("the database does not tell the time: %s", type(error).__name__)
    finally:
        connection.close()


def _remember() -> None:
    global _remembered_at  # noqa: PLW0603
    if time.monotonic() - _remembered_at >= EVERY:
        storage.follow()
        storage.remember()
        _remembered_at = time.monotonic()
