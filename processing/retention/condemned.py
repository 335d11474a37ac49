"""Condemning: an image becomes unreadable, for good and at once. Its bytes are deleted after that.

In one transaction, with the image's row locked: the wrapped keys and the sealed name are blanked,
the jobs that could still run removed. What could be written after that is a late worker's output,
sealed with a key that no longer exists; `quiet_at` says from when on nobody is left who could.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.expressions import RawSQL

from processing.models import Image, Job, JobState, Life, Reason, Tag
from processing.retention import backoff
from processing.storage import destroy_kept


def longest_job() -> timedelta:
    """After this long no worker can still be writing for an image."""
    return timedelta(seconds=settings.JOB_SECONDS + 60)


def condemn(
    image: Image,
    now: datetime,
    reason: Reason | None,
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
        kept = [locked.pk] if locked.kept else []
        condemn_locked([locked.pk], now, reason, kept=kept, by_uploader=by_uploader)
    return True


def condemn_locked(
    ids: Sequence[UUID],
    now: datetime,
    reason: Reason | None = None,
    *,
    kept: Sequence[UUID],
    by_uploader: bool = False,
    look_again_at: datetime | None = None,
) -> None:
    """Condemns images whose rows are locked and not being erased yet. Needs a transaction.

    `kept`: those of them that an opt-in keeps. Without `reason` each has its own: its time, or what
    else there is. The sweeper takes over at `look_again_at`, or once it has to take the caller for
    dead.
    """
    assert transaction.get_connection().in_atomic_block
    those = RawSQL(*as_one(ids))  # noqa: S611  Constants and ids alone.
    jobs = _lock_jobs(those)
    open_jobs = [job.pk for job in jobs if job.state in _OPEN]
    arriving = Value(now if by_uploader else now + longest_job(), DateTimeField())
    Image.objects.filter(pk__in=those).update(
        life=Life.ERASING,
        reason=reason or _REASON,
        erasing_since=now,
        quiet_at=Case(When(life=Life.RECEIVING, then=arriving), default=now),
        look_again_at=look_again_at or now + backoff.lease(),
        wrapped_key=None,
        kept_key=None,
        sealed_name=None,
        request_key=None,
        kept=False,
    )
    if kept:
        # Robust: a secret that stays for now is the sweeper's to destroy.
        transaction.on_commit(lambda: destroy_kept(kept), robust=True)
    # What somebody called them, and what finds them by it.
    Tag.objects.filter(image_id__in=those).delete()
    for image_id, end in _ends_of_writing(jobs, now):
        Image.objects.filter(pk=image_id, quiet_at__lt=end).update(quiet_at=end)
    # Those that have ended go with the rows: they run no more, and there can be very many.
    if open_jobs:
        Job.objects.filter(pk__in=open_jobs).delete()


def as_one(ids: Sequence[UUID]) -> tuple[str, list[Any]]:
    """These ids as one parameter, written here: the driver takes longer to write a thousand than
    the database to read them."""
    if connection.vendor == "sqlite":
        return "SELECT value FROM json_each(%s)", [json.dumps([one.hex for one in ids])]
    return "SELECT unnest(%s::uuid[])", [f"{{{','.join(one.hex for one in ids)}}}"]


_OPEN = (JobState.QUEUED, JobState.RUNNING)
# Why an image that nobody asked to erase is erased. What an opt-in had kept past its deadline goes
# because that ended: without it it would have gone long before.
_REASON = Case(
    When(life=Life.RECEIVING, then=Value(Reason.BROKEN_OFF)),
    When(withdrawn_at__gt=F("purge_at"), then=Value(Reason.CONSENT_WITHDRAWN)),
    default=Value(Reason.DEADLINE),
)


def _note_end_of_upload(image: Image, now: datetime) -> None:
    """What never went live (it has no size yet) had no job: nobody but its uploader could write."""
    arriving = Image.objects.filter(pk=image.pk, size=0, quiet_at__gt=now)
    arriving.update(quiet_at=now, look_again_at=now)


def _lock_jobs(those: RawSQL) -> list[Job]:
    """The jobs that somebody can be at: those that have not ended, and those tried before.

    Locked: a worker that is claiming one this moment has either done so and shows here, or finds it
    gone. Whoever opens an ended job again, or makes one, locks the image first.
    """
    jobs = Job.objects.filter(Q(state__in=_OPEN) | Q(attempts__gt=1), image_id__in=those)
    if connection.features.has_select_for_update:
        jobs = jobs.select_for_update(no_key=True)
    return list(jobs.only("image_id", "state", "attempts", "started_at"))


def _ends_of_writing(jobs: Iterable[Job], now: datetime) -> Iterable[tuple[UUID, datetime]]:
    """From when on no worker can be writing any more, for the images that one can have now.

    A lease that ran out says only that its worker was silent: it can be writing until no job lasts
    so long. An attempt that closed its job itself has stopped, an earlier one perhaps not.
    """
    for job in jobs:
        if job.state == JobState.RUNNING:
            yield job.image_id, now + longest_job()
        elif job.attempts > (0 if job.state == JobState.QUEUED else 1):
            yield job.image_id, (job.started_at or now) + longest_job()
