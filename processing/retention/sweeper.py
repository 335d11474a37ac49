"""The sweeper: erases what is due. By time alone, one image at a time, for ever again.

Safe to run in several processes at once: every step of `erase` may run twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from processing.models import Image, ImageQuerySet, Life
from processing.retention import erase
from processing.storage import destroy_expired_epochs

log = logging.getLogger(__name__)
BATCH = 500
STALE_UPLOAD = timedelta(minutes=30)


@dataclass(frozen=True)
class Swept:
    begun: int
    finished: int
    failed: int
    epochs: int


def sweep(now: datetime, most: int | None = None) -> Swept:
    """Erases every image that is due at `now`; errors are logged and tried again next time.

    With `most` it leaves off after so many of each kind: somebody else goes on.
    """
    epochs = destroy_expired_epochs(now)  # First: it needs neither the tables nor the storage.
    images = Image.objects.all()
    due = images.due(now).exclude(life=Life.ERASING)
    broken_off = images.filter(life=Life.RECEIVING, received_at__lte=now - STALE_UPLOAD)
    old = images.filter(life=Life.ERASING, erasing_since__lte=now - erase.longest_job())
    refused = images.filter(life=Life.ERASING, erasing_since__gt=now - erase.longest_job())

    def begin(image: Image) -> None:
        erase.begin(image, now)

    failed, begun = 0, 0
    for queryset in (due, broken_off):
        done, errors = _each(queryset, begin, most)
        begun, failed = begun + done, failed + errors
    failed += _each(refused, begin, most)[1]
    finished, errors = _each(old, erase.finish, most)
    swept = Swept(begun, finished, failed + errors, epochs)
    _forget_deleted_values()
    if swept != Swept(0, 0, 0, 0):
        log.info("%d erased, %d rows removed, %d failed, %d keys destroyed", *vars(swept).values())
    return swept


def _each(
    queryset: ImageQuerySet, step: Callable[[Image], None], most: int | None
) -> tuple[int, int]:
    done = failed = 0
    last = None
    while (most is None or done + failed < most) and (
        batch := list(_after(queryset, last)[: most or BATCH])
    ):
        for image in batch:
            try:
                step(image)
                done += 1
            except Exception:  # One image that fails must not keep the others.
                failed += 1
                log.exception("%s could not be erased; trying again at the next sweep", image)
        last = batch[-1].pk
    return done, failed


def _after(queryset: ImageQuerySet, last: object) -> ImageQuerySet:
    ordered = queryset.order_by("pk")
    return ordered.filter(pk__gt=last) if last else ordered


def _forget_deleted_values() -> None:
    """SQLite's write-ahead log keeps what was deleted until it is truncated.

    At every sweep: a reader can be in the way of one, and not only the sweeper deletes.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
