"""Finds what got lost: jobs whose worker died, and jobs whose message never arrived."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from processing.jobs.claim import MOST_ATTEMPTS
from processing.jobs.results import discard_generation, hide_generation
from processing.models import Image, Job, JobState, WorkerBeat

log = logging.getLogger(__name__)
SILENT = timedelta(seconds=20)
FORGOTTEN = timedelta(hours=1)
OVERLOOKED = timedelta(seconds=4)


def worker_up(now: datetime) -> bool:
    return WorkerBeat.objects.filter(seen_at__gt=now - SILENT).exists()


def reap(now: datetime) -> int:
    """Puts every job whose lease has run out back into the queue, or fails it; how many."""
    reaped = 0
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now):
        reaped += _take_back(job, now)
    WorkerBeat.objects.filter(seen_at__lt=now - FORGOTTEN).delete()
    return reaped


def overlooked(now: datetime) -> bool:
    """Whether a job has waited so long that its message can be lost, with a worker there."""
    waiting = Job.objects.filter(state=JobState.QUEUED, queued_at__lt=now - OVERLOOKED)
    return waiting.exists() and worker_up(now)


def _take_back(found: Job, now: datetime) -> bool:
    with transaction.atomic():
        Image.objects.select_for_update(no_key=True).filter(pk=found.image_id).first()
        job = (
            Job.objects.select_related("image")
            .filter(pk=found.pk, state=JobState.RUNNING, lease_until__lt=now)
            .first()
        )
        if job is None:
            return False
        job.lease_until = None
        if job.attempts >= MOST_ATTEMPTS:
            job.state, job.error_code, job.finished_at = JobState.FAILED, "worker_lost", now
        else:
            job.state = JobState.QUEUED
        job.save()
        # Here, too: whoever dies before it is discarded leaves no second set of results to read.
        hide_generation(job, job.attempts)
    log.warning("%s lost its worker at attempt %d: %s", job, job.attempts, job.state)
    try:
        discard_generation(job, job.attempts)
    except Exception:  # Unreadable already, and gone with the image; the other jobs must not wait.
        log.exception("%s: what attempt %d had stored is not deleted yet", job, job.attempts)
    return True
