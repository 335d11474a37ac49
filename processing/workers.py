"""What a Celery worker does when its processes start and stop."""

import logging
import os
import signal
from typing import Any

from celery.signals import worker_init, worker_process_init, worker_process_shutdown, worker_ready
from django.conf import settings
from django.db import connections

from processing import tasks
from processing.engine import SYNTHETIC, SetupError, find_card, verify
from processing.jobs.warm import cool_down, warm_up

log = logging.getLogger(__name__)


@worker_init.connect
def check_model(**kwargs: Any) -> None:
    """Before anything starts, in the parent: the weights are there and are the right ones."""
    try:
        if settings.MODEL != SYNTHETIC:
            verify(find_card(settings.MODEL), settings.MODELS_DIR)
    except SetupError as error:
        raise SystemExit(str(error)) from error


@worker_process_init.connect
def start_process(**kwargs: Any) -> None:
    connections.close_all()
    try:
        warm_up()
    except SetupError as error:
        # Celery would start this process again and again: the whole worker ends, and says why.
        log.critical("%s", str(error))
        os.kill(os.getppid(), signal.SIGTERM)
        raise


@worker_process_shutdown.connect
def stop_process(**kwargs: Any) -> None:
    cool_down()


@worker_ready.connect
def look_for_work(**kwargs: Any) -> None:
    """What waited while no worker was there needs nobody to ring for it."""
    tasks.tend()
    tasks.ring()
