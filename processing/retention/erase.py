"""Erasing: key destroyed, bytes deleted, absence checked, rows removed. Each step may run twice.

`begin` makes an image unreadable in one transaction and then deletes its bytes. What could still
be written then is a late worker's output, sealed with a key that no longer exists; `finish` looks
again after the longest possible job, and only then removes the rows. Until then the row is what
lets the sweeper find the prefix.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from processing.models import Blob, Image, Job, Life
from processing.storage import shred_prefix

log = logging.getLogger(__name__)


def longest_job() -> timedelta:
    """After this long no worker can still be writing for an image."""
    return timedelta(seconds=settings.JOB_SECONDS + 60)


def begin(image: Image, now: datetime) -> None:
    """Makes the image unreadable and deletes its bytes.

    Raises the storage's error when it refuses to delete; the key is destroyed by then, and the
    sweeper tries again.
    """
    with transaction.atomic():
        locked = Image.objects.select_for_update(no_key=True).filter(pk=image.pk).first()
        if locked is None:
            return
        if locked.life != Life.ERASING:
            locked.life, locked.erasing_since = Life.ERASING, now
            locked.wrapped_key = locked.sealed_name = locked.request_key = None
            locked.save()
            Job.objects.filter(image=locked).delete()
    shred_prefix(image.prefix)


def finish(image: Image) -> None:
    """Checks that nothing is stored any more and removes the rows."""
    shred_prefix(image.prefix)
    with transaction.atomic():
        Blob.objects.filter(image=image).delete()
        Job.objects.filter(image=image).delete()
        Image.objects.filter(pk=image.pk, life=Life.ERASING).delete()
