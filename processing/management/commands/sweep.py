"""`manage.py sweep`: erases what is due, once, or with --loop for as long as it runs."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from processing import tasks
from processing.models import database_now
from processing.retention import sweeper

log = logging.getLogger(__name__)
TEND_EVERY = 3.0


class Command(BaseCommand):
    help = "Erases every image that is due. With --loop it goes on, and brings back lost jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        if not loop:
            swept = sweeper.sweep(database_now())
            self.stdout.write(f"{swept.begun} erased, {swept.failed} failed")
            raise SystemExit(1 if swept.failed else 0)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        every = settings.SWEEP_EVERY.total_seconds()
        log.info("sweeping every %g s", every)
        _run(stop, every)


def _run(stop: threading.Event, sweep_every: float) -> None:
    """Sleeps on the monotonic clock: a stepped wall clock neither stops nor hurries it."""
    next_sweep = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= next_sweep:
            next_sweep = time.monotonic() + sweep_every
            _safely(lambda: sweeper.sweep(database_now()))
        _safely(tasks.tend)
        stop.wait(min(TEND_EVERY, sweep_every))


def _safely(step: Callable[[], object]) -> None:
    try:
        close_old_connections()
        step()
    except Exception:  # Nothing may end this loop but a signal.
        log.exception("this round failed; the next one follows")
