"""Recording what a job made: the row first, then the bytes, then "stored", each behind the lock."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from processing.jobs.claim import Claim, lock
from processing.models import Blob, Image, Job, JobState, Task, database_now
from processing.storage import BlobWriter, shred_blob

log = logging.getLogger(__name__)


def reserve(claim: Claim, kinds: Iterable[str]) -> None:
    """Rows for what will be stored. Raises ClaimLost."""
    with transaction.atomic():
        lock(claim, database_now())
        Blob.objects.bulk_create(
            Blob(image=claim.image, kind=kind, generation=claim.attempt) for kind in kinds
        )


def store(claim: Claim, image_key: bytes, kind: str, content: bytes) -> None:
    """Stores one reserved blob and makes it readable.

    Raises ClaimLost, with nothing left of it, when the image was erased meanwhile.
    """
    with BlobWriter(image_key, claim.image.prefix, claim.attempt, kind) as writer:
        writer.write(content)
    with transaction.atomic():
        lock(claim, database_now())
        Blob.objects.filter(image=claim.image, kind=kind, generation=claim.attempt).update(
            stored=True, size=len(content)
        )


def finish(claim: Claim, width: int, height: int, **facts: Any) -> None:
    """The job is done; `facts` are columns of it, the size is the photo's, upright.

    Raises ClaimLost.
    """
    with transaction.atomic():
        now = database_now()
        job = lock(claim, now)
        Image.objects.filter(pk=claim.image.pk).update(width=width, height=height)
        _close(job, JobState.DONE, finished_at=now, **facts)


def finish_rendering(claim: Claim, **facts: Any) -> None:
    """The rendering is there; `facts` are columns of its job. Raises ClaimLost."""
    with transaction.atomic():
        now = database_now()
        _close(lock(claim, now), JobState.DONE, finished_at=now, **facts)


def finish_version(claim: Claim, number: int, **facts: Any) -> None:
    """The version's files are there, and given out if it is still the one that is wanted.

    `facts` are columns of its job. Raises ClaimLost.
    """
    with transaction.atomic():
        now = database_now()
        _close(lock(claim, now), JobState.DONE, finished_at=now, **facts)
        Image.objects.filter(pk=claim.image.pk, head=number).update(version=number)


def kinds_of(job: Job) -> tuple[str, ...]:
    """The kinds of blobs that a job makes, and that nobody but this job makes or removes."""
    if job.task == Task.EDIT:
        return tuple(f"{job.output}.{kind}" for kind in (*RESULT_KINDS, STROKES, PICTURE))
    return (job.output,) if job.task == Task.RENDER else RESULT_KINDS


def fail(claim: Claim, code: str) -> None:
    """The job has failed for good; what it had stored is removed. Raises ClaimLost."""
    with transaction.atomic():
        now = database_now()
        _close(lock(claim, now), JobState.FAILED, finished_at=now, error_code=code)
        hide_generation(claim.job, claim.attempt)
    discard(claim)


def give_back(claim: Claim) -> None:
    """The job waits for its next attempt. Raises ClaimLost."""
    with transaction.atomic():
        _close(lock(claim, database_now()), JobState.QUEUED)
        hide_generation(claim.job, claim.attempt)
    discard(claim)


def discard(claim: Claim) -> None:
    """Removes everything that this attempt stored. May run when the image is long gone."""
    discard_generation(claim.job, claim.attempt)


def discard_generation(job: Job, generation: int) -> None:
    """What the storage refuses to delete stays hidden, and goes with the image's prefix."""
    hide_generation(job, generation)  # First unreadable, then gone: no row ever lacks its bytes.
    try:
        for kind in kinds_of(job):
            shred_blob(job.image.prefix, generation, kind)
    except Exception:
        log.exception("%s: results of attempt %d not deleted yet", job, generation)
        return
    _of_attempt(job, generation).delete()


def hide_generation(job: Job, generation: int) -> None:
    """Nobody reads these results any more; their bytes may still be there."""
    _of_attempt(job, generation).update(stored=False)


def _of_attempt(job: Job, generation: int) -> QuerySet[Blob]:
    return Blob.objects.filter(image_id=job.image_id, generation=generation, kind__in=kinds_of(job))


def _close(job: Job, state: JobState, **columns: Any) -> None:
    job.state, job.lease_until = state, None
    for name, value in columns.items():
        setattr(job, name, value)
    job.save()


# What a version brings along, stored while its job is not yet anybody's (flows.edit).
STROKES, PICTURE = "strokes.json", "picture"
# In the order in which people need them: what the page shows, what everything else is made from
# when somebody asks for it (flows.render), what most download.
RESULT_KINDS = (
    "preview.webp",
    "thumbnail.webp",
    "mask.png",
    "cutout.png",
)
