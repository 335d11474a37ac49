"""Condemning: an image becomes unreadable, for good and at once. Its bytes are deleted after that.

In one transaction, with the image's row locked: the wrapped keys and the sealed name are blanked,
the jobs removed. What could still be written then is a late worker's output, sealed with a key that
no longer exists; `quiet_at` says from when on there is nobody left who could.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from processing.models import Image, Job, JobState, Life, Reason
from processing.retention import backoff

# What is read of the images of a batch.
FIELDS = ("workspace_id", "life", "prefix", "received_at", "purge_at", "withdrawn_at")


def longest_job() -> timedelta:
    """After this long no worker can still be writing for an image."""
    return timedelta(seconds=settings.JOB_SECONDS + 60)


def condemn(
    image: Image,
    now: datetime,
    reason: Reason,
    *,
    spare_live: bool = False,
    by_uploader: bool = False,
) -> bool:
    """Makes the image unreadable, for good and at once: its keys, its name and its jobs are gone.

    With `spare_live` an image that can be read stays as it is, and the answer is False.
    `by_uploader`: whoever writes its original has stopped, because it is the caller.
    """
    with transaction.atomic():
        locked = Image.objects.select_for_update(no_key=True).filter(pk=image.pk).first()
        if locked is None or locked.life == Life.ERASING:
            if locked is not None and by_uploader:
                _note_end_of_upload(locked, now)
            return True
        readable = locked.life == Life.LIVE and (locked.purge_at > now or locked.kept)
        if spare_live and readable:
            return False
        condemn_locked([locked], now, reason, by_uploader=by_uploader)
    return True


def condemn_locked(
    images: Sequence[Image],
    now: datetime,
    reason: Reason | None = None,
    *,
    by_uploader: bool = False,
    look_again_at: datetime | None = None,
) -> None:
    """Condemns images whose rows are locked and not being erased yet. Needs a transaction.

    Their `reason` and `quiet_at` are set here as in the tables. Without `reason` each has its own:
    its time, or what else there is. The sweeper takes over at `look_again_at`, or once it has to
    take the caller for dead.
    """
    assert transaction.get_connection().in_atomic_block
    quiet = _quiet_from(images, now, by_uploader=by_uploader)
    alike: dict[tuple[Reason, datetime], list[UUID]] = defaultdict(list)
    for image in images:
        image.reason, image.quiet_at = reason or reason_of(image), quiet[image.pk]
        alike[Reason(image.reason), image.quiet_at].append(image.pk)
    for (why, quiet_at), ids in alike.items():
        Image.objects.filter(pk__in=ids).update(
            life=Life.ERASING,
            reason=why,
            erasing_since=now,
            quiet_at=quiet_at,
            look_again_at=look_again_at or now + backoff.lease(),
            wrapped_key=None,
            kept_key=None,
            sealed_name=None,
            request_key=None,
            kept=False,
        )
    Job.objects.filter(image_id__in=[image.pk for image in images]).delete()


def _note_end_of_upload(image: Image, now: datetime) -> None:
    """What never went live (it has no size yet) had no job: nobody but its uploader could write."""
    arriving = Image.objects.filter(pk=image.pk, size=0, quiet_at__gt=now)
    arriving.update(quiet_at=now, look_again_at=now)


def reason_of(image: Image) -> Reason:
    """Why an image that nobody asked to erase is erased."""
    if image.life == Life.RECEIVING:
        return Reason.BROKEN_OFF
    if image.withdrawn_at is not None and image.withdrawn_at > image.purge_at:
        return Reason.CONSENT_WITHDRAWN  # Without its opt-in it would have gone long before.
    return Reason.DEADLINE


def _quiet_from(
    images: Sequence[Image], now: datetime, *, by_uploader: bool
) -> dict[UUID, datetime]:
    """From when on nobody can be writing for an image any more.

    `now` where no worker has it and no upload is arriving. The jobs are locked: a worker that is
    claiming one this moment has either done so and shows here, or finds it gone.
    """
    found: dict[UUID, datetime] = {}
    for image in images:
        arriving = image.life == Life.RECEIVING and not by_uploader
        found[image.pk] = now + longest_job() if arriving else now
    for job in _locked_jobs(found):
        found[job.image_id] = max(found[job.image_id], _end_of_writing(job, now))
    return found


def _locked_jobs(image_ids: Iterable[UUID]) -> Iterable[Job]:
    jobs = Job.objects.select_for_update(no_key=True).filter(image_id__in=list(image_ids))
    return jobs.order_by("pk").only("image_id", "state", "attempts", "started_at")


def _end_of_writing(job: Job, now: datetime) -> datetime:
    """A lease that ran out says only that its worker was silent: it can be writing until no job
    lasts so long. An attempt that closed its job itself has stopped, an earlier one perhaps not.
    """
    if job.state == JobState.RUNNING:
        return now + longest_job()
    lost = job.attempts > 1 or (job.state == JobState.QUEUED and job.attempts > 0)
    if not lost:
        return now
    return (job.started_at or now) + longest_job()
