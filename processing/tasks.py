"""Every Celery task, and what follows what. A message carries nothing but its name.

An upload rings once. A worker that has finished a job rings again while jobs wait, so that one
message is enough to empty the queue, and a lost one costs seconds: `tend` rings for what was
overlooked.
"""

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import ChannelError, OperationalError

from processing.jobs import reap
from processing.models import Job, JobState, database_now
from processing.retention import sweeper

log = logging.getLogger(__name__)
# A message would carry the limits of whoever rings; the worker's settings are to hold.
A_FEW = 50
WORKERS_OWN_LIMITS: dict[str, Any] = {"time_limit": None, "soft_time_limit": None}


def ring() -> None:
    """Wakes a worker. When the broker is away the job waits in the database all the same."""
    try:
        work.apply_async(**WORKERS_OWN_LIMITS)
    except (ChannelError, OperationalError, OSError) as error:
        log.warning("the broker cannot be reached (%s); jobs wait", type(error).__name__)


@shared_task
def work() -> None:
    # Imported here: the web process rings, and must not load the engine for that.
    from processing.jobs.run import run_next

    if run_next() and Job.objects.filter(state=JobState.QUEUED).exists():
        ring()


@shared_task
def sweep() -> None:
    """A second hand beside the sweeper's own loop; photos wait for this process meanwhile."""
    sweeper.sweep(database_now(), most=A_FEW)
    tend()


def tend() -> None:
    """Brings back what got lost: expired leases, and jobs that nobody was rung for."""
    now = database_now()
    if reap.reap(now) or reap.overlooked(now):
        ring()
