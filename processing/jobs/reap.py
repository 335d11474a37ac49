"""Finds what got lost: jobs whose worker died."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from processing.jobs.claim import is_last
from processing.jobs.results import discard_generation, hide_generation
from processing.jobs.serving import SILENT
from processing.models import Image, Job, JobState, WorkerBeat

log = logging.getLogger(__name__)
FORGOTTEN = timedelta(hours=1)


def worker_up(now: datetime) -> bool:
    return WorkerBeat.objects.filter(seen_at__gt=now - SILENT).exists()


def reap(now: datetime) -> int:
    """Puts every job whose lease has run out back into the queue, or fails it; how many."""
    reaped = 0
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now):
        reaped += _take_back(job, now)
    WorkerBeat.objects.filter(seen_at__lt=now - FORGOTTEN).delete()
    return reaped


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
        if is_last(job.attempts):
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
