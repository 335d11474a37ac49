"""Erasing: key destroyed, bytes deleted, absence checked, rows removed. Each step may run twice.

`begin` makes an image unreadable in one transaction and then deletes its bytes. What could still
be written then is a late worker's output, sealed with a key that no longer exists; `finish` looks
again after the longest possible job, and only then removes the rows. Until then the row is what
lets the sweeper find the prefix.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction

from processing.models import Blob, Image, Job, Life
from processing.storage import shred_prefix

log = logging.getLogger(__name__)


def longest_job() -> timedelta:
    """After this long no worker can still be writing for an image."""
    return timedelta(seconds=settings.JOB_SECONDS + 60)


def begin(image: Image, now: datetime) -> None:
    """Makes the image unreadable and deletes its bytes.

    Raises the storage's error when it refuses to delete (the key is destroyed by then), and the
    database's when it cannot be written. The sweeper tries again.
    """
    try:
        condemn(image, now)
    except DatabaseError:
        if image.purge_at <= now:
            # Past its time nobody reads it, row or not; and on a full disk its bytes may be just
            # the room that the database lacks.
            shred_prefix(image.prefix)
        raise
    shred_prefix(image.prefix)


def condemn(image: Image, now: datetime, *, spare_live: bool = False) -> bool:
    """Makes the image unreadable, for good and at once: its key, its name and its jobs are gone.

    With `spare_live` an image that can be read stays as it is, and the answer is False.
    """
    with transaction.atomic():
        locked = Image.objects.select_for_update(no_key=True).filter(pk=image.pk).first()
        if locked is None or locked.life == Life.ERASING:
            return True
        if spare_live and locked.life == Life.LIVE and locked.purge_at > now:
            return False
        locked.life, locked.erasing_since = Life.ERASING, now
        locked.wrapped_key = locked.sealed_name = locked.request_key = None
        locked.save()
        Job.objects.filter(image=locked).delete()
    return True


def finish(image: Image) -> None:
    """Checks that nothing is stored any more and removes the rows."""
    shred_prefix(image.prefix)
    with transaction.atomic():
        Blob.objects.filter(image=image).delete()
        Job.objects.filter(image=image).delete()
        Image.objects.filter(pk=image.pk, life=Life.ERASING).delete()
