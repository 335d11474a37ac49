"""Claiming: a job is whose conditional update came first, for as long as the lease lasts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from processing.models import Image, Job, JobState, Life, Task

LEASE = timedelta(seconds=20)
MOST_ATTEMPTS = 3
FIRST = ("-task",)  # "render" before "edit" before "cut_out", as the index has it.


class ClaimLost(Exception):
    """The job is no longer this worker's, or its image is due or being erased."""


@dataclass(frozen=True)
class Claim:
    """One attempt at one job. Whoever holds the latest attempt holds the job.

    `together`: it runs beside others, so that what breaks down can be any of their faults.
    """

    job: Job
    image: Image
    attempt: int
    together: bool = False


def claim_next(now: datetime, serves: Collection[str] | None = None) -> Claim | None:
    """The oldest waiting job, now running here; None when nothing waits.

    Renderings come first, then versions: somebody waits for each with a finger on the button, it
    takes a moment, and of one workspace only so many wait at once (flows.render, flows.edit), so
    that cut-outs get their turn.
    Only what asks for a model of `serves`; anything, where that is None.
    """
    found = _waiting(now)
    if serves is not None:
        found = found.filter(model_asked__in=serves)
    while (job_id := found.values_list("pk", flat=True).first()) is not None:
        if (claim := _take(job_id, now)) is not None:
            return claim
    return None


def can_share(claim: Claim) -> bool:
    """Whether other jobs may run beside it: after a failure each runs alone, and shows its own."""
    return claim.attempt == 1 and claim.job.task == Task.CUT_OUT


def claim_more(now: datetime, like: Claim, most: int) -> list[Claim]:
    """Up to `most` further jobs that can run together with `like`, the oldest first."""
    alike = _waiting(now).filter(model_asked=like.job.model_asked, task=Task.CUT_OUT, attempts=0)
    ids = list(alike.values_list("pk", flat=True)[:most])
    return [claim for one in ids if (claim := _take(one, now)) is not None]


def _waiting(now: datetime) -> QuerySet[Job]:
    readable = Q(image__purge_at__gt=now) | Q(image__kept=True)
    return Job.objects.filter(readable, state=JobState.QUEUED, image__life=Life.LIVE).order_by(
        *FIRST, "queued_at", "pk"
    )


@transaction.atomic
def _take(job_id: UUID, now: datetime) -> Claim | None:
    # The count is raised before the work: a photo that kills its worker is not tried for ever.
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        lease_until=now + LEASE,
        started_at=now,
    )
    if not taken:
        return None
    # Read in the transaction that took it: the attempt is this one's, and the row is still there.
    job = Job.objects.select_related("image").get(pk=job_id)
    return Claim(job, job.image, job.attempts)


def queue_again(job: Job, now: datetime) -> None:
    """What has failed waits anew in the row that it has, with attempts that nobody has made yet: a
    worker that comes back late from one of the old finds nothing of its own to touch."""
    job.attempts += -job.attempts % MOST_ATTEMPTS
    job.state, job.error_code, job.finished_at = JobState.QUEUED, "", None
    job.queued_at = now
    job.save()


def is_last(attempt: int) -> bool:
    """A rendering that has failed can be asked for again: its next attempts are counted on."""
    return attempt % MOST_ATTEMPTS == 0


def extend(claim: Claim, now: datetime) -> bool:
    """False when the job was taken away meanwhile."""
    return bool(
        Job.objects.filter(pk=claim.job.pk, state=JobState.RUNNING, attempts=claim.attempt).update(
            lease_until=now + LEASE
        )
    )


def lock(claim: Claim, now: datetime) -> Job:
    """The job, with its image's row locked until the transaction ends.

    Every write for a claim happens behind this lock, so that erasing, which takes the same lock,
    comes wholly before or wholly after it. Raises ClaimLost. Needs a transaction.
    """
    assert transaction.get_connection().in_atomic_block
    image = Image.objects.select_for_update(no_key=True).filter(pk=claim.image.pk).first()
    if image is None or image.life != Life.LIVE or (image.purge_at <= now and not image.kept):
        raise ClaimLost
    job = Job.objects.filter(
        pk=claim.job.pk, state=JobState.RUNNING, attempts=claim.attempt
    ).first()
    if job is None:
        raise ClaimLost
    return job
