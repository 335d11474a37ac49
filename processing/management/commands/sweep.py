"""`manage.py sweep`: erases what is due, once, or with --loop for as long as it runs."""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection

from accounts.audit import forget_old_entries
from accounts.expiry import forget_expired_sessions
from processing import scratch, tasks
from processing.flows.staff_access import forget_old_accesses
from processing.models import database_now
from processing.retention import anchor, second_hand, sweeper
from processing.retention.parts import clear_left_over
from processing.retention.patrol import patrol
from processing.retention.shares import forget_old_shares
from processing.training.withdrawal import destroy_left_over_grants, destroy_left_over_secrets

log = logging.getLogger(__name__)
TEND_EVERY = 3.0
FORGET_EVERY = 3600.0


class Command(BaseCommand):
    help = "Erases every image that is due. With --loop it goes on, and brings back lost jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        if not loop:
            swept = sweeper.sweep(database_now())
            self.stdout.write(
                f"{swept.begun} made unreadable, {swept.finished} gone, {swept.failed} failed"
            )
            raise SystemExit(1 if swept.failed else 0)
        scratch.use_own_folder()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        every = settings.SWEEP_EVERY.total_seconds()
        log.info("sweeping every %g s", every)
        _run(stop, every)


def _run(stop: threading.Event, sweep_every: float) -> None:
    """One loop for each, so that none waits for another: a storage that hangs keeps neither keys
    alive nor jobs lost. Keys need no database to die.
    """
    loops = (
        ("epochs", second_hand.period(), second_hand.tick),
        ("clock", second_hand.period(), anchor.reanchor_if_idle),
        ("tend", min(TEND_EVERY, sweep_every), tasks.tend),
        ("sweep", sweep_every, lambda: sweeper.sweep(database_now())),
        ("grants", sweep_every, destroy_left_over_grants),
        ("kept", sweep_every, destroy_left_over_secrets),
        ("parts", sweep_every, clear_left_over),
        ("sessions", FORGET_EVERY, lambda: forget_expired_sessions(database_now())),
        ("audit", FORGET_EVERY, lambda: forget_old_entries(database_now())),
        ("shares", FORGET_EVERY, lambda: forget_old_shares(database_now())),
        ("staff", FORGET_EVERY, lambda: forget_old_accesses(database_now())),
        ("patrol", settings.BUDGET.patrol_every.total_seconds(), lambda: patrol(database_now())),
    )
    threads = [
        threading.Thread(target=_repeat, args=[stop, every, step], name=name)
        for name, every, step in loops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(stop: threading.Event, every: float, step: Callable[[], object]) -> None:
    """Waits on the monotonic clock: a stepped wall clock neither stops nor hurries it."""
    while True:
        try:
            close_old_connections()
            step()
        except Exception:  # Nothing may end this loop but a signal.
            log.exception("this round failed; the next one follows")
        if stop.wait(every):
            break
    connection.close()
