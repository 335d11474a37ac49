"""Every Celery task, and what follows what. A message carries nothing but its name.

An upload rings once. A worker that has finished a job rings again while jobs wait, so that one
message is enough to empty the queue, and a lost one costs seconds: `tend` rings for what was
overlooked. Each model that can be asked for by name has a bell of its own, which only workers that
serve it hear.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any

from celery import shared_task
from kombu.exceptions import ChannelError, OperationalError

from processing.jobs import reap, serving
from processing.models import database_now
from processing.retention import sweeper

log = logging.getLogger(__name__)
# A message would carry the limits of whoever rings; the worker's settings are to hold.
A_FEW = 50
WORKERS_OWN_LIMITS: dict[str, Any] = {"time_limit": None, "soft_time_limit": None}
TELL_EVERY = 600.0  # Seconds.
_told: dict[str, float] = {}


def queue_of(model: str) -> str:
    """Not a prefix or an end of another one's name: the folder broker goes by the end."""
    return f"model-{model}" if model else "celery"


def ring(model: str = "") -> None:
    """Wakes a worker that serves this model; "" is the site's own. When the broker is away the job
    waits in the database all the same."""
    try:
        work.apply_async(queue=queue_of(model), **WORKERS_OWN_LIMITS)
    except (ChannelError, OperationalError, OSError) as error:
        log.warning("the broker cannot be reached (%s); jobs wait", type(error).__name__)


def ring_for(models: Iterable[str]) -> None:
    for model in models:
        ring(model)


@shared_task
def work() -> None:
    # Imported here: the web process rings, and must not load the engine for that.
    from processing.jobs.run import run_next

    if run_next() and (asked := serving.next_asked()) is not None:
        ring(asked)  # Once, whatever waits: messages must not multiply.


@shared_task
def sweep() -> None:
    """A second hand beside the sweeper's own loop; photos wait for this process meanwhile."""
    sweeper.sweep(database_now(), most=A_FEW)
    tend()


def tend() -> None:
    """Brings back what got lost: expired leases, and jobs that nobody was rung for."""
    now = database_now()
    reaped = reap.reap(now)
    ring_for(serving.waiting() if reaped else serving.overlooked(now))
    _tell_unserved(serving.unserved(now, serving.UNSERVED))


def _tell_unserved(waiting: dict[str, int]) -> None:
    """Every ten minutes for each model: the operator has to start a worker that serves it."""
    for model, number in waiting.items():
        if time.monotonic() - _told.get(model, -TELL_EVERY) >= TELL_EVERY:
            _told[model] = time.monotonic()
            name = model or "of this site"
            log.warning("no worker serves the model %s: %d jobs wait for it", name, number)
