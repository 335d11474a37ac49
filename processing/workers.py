"""What a Celery worker does when its processes start and stop."""

import logging
import os
import signal
from typing import Any

from celery.signals import (
    celeryd_after_setup,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)
from django.conf import settings
from django.db import connections

from processing import tasks
from processing.engine import SetupError, find_card, needs_weights, verify
from processing.jobs.serving import served_here
from processing.jobs.warm import cool_down, warm_up

log = logging.getLogger(__name__)


@worker_init.connect
def check_models(**kwargs: Any) -> None:
    """Before anything starts, in the parent: the weights are there and are the right ones."""
    try:
        for name in filter(needs_weights, settings.MODELS):
            verify(find_card(name, settings.ALLOWED_LICENCES), settings.MODELS_DIR)
    except SetupError as error:
        raise SystemExit(str(error)) from error


@celeryd_after_setup.connect
def listen(instance: Any, **kwargs: Any) -> None:
    """To the bells of what this worker serves, and to no other: a message that is taken by a worker
    that cannot run the job would be lost."""
    instance.app.amqp.queues.select([tasks.queue_of(model) for model in served_here()])


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
    tasks.ring_for(served_here())
