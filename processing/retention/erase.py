"""Erasing: key destroyed, bytes deleted, absence checked, rows removed. Each step may run twice.

`condemn` makes an image unreadable in one transaction. Its bytes are deleted then, and once nobody
can be writing for it any more (`quiet_at`), a listing that finds nothing is the proof of absence:
the rows are removed, and the receipt is written in the same transaction. Until then the row is what
lets the sweeper find the prefix.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F

from processing.models import Arrival, Blob, Edit, Image, Job, Life, Reason
from processing.retention import backoff, marks, pulse, receipts, shares
from processing.retention.condemned import condemn, condemn_locked, longest_job
from processing.storage import Tick, shred_many, shred_prefix, silent

__all__ = [
    "begin",
    "condemn",
    "condemn_locked",
    "finish",
    "longest_job",
    "step",
    "work",
]

log = logging.getLogger(__name__)


@dataclass
class Worked:
    """What one go at images that are being erased has come to."""

    finished: list[UUID] = field(default_factory=list)  # Rows removed, receipts written.
    failed: list[UUID] = field(default_factory=list)  # Tried again after a while.


def begin(image: Image, now: datetime, reason: Reason | None, *, by_uploader: bool = False) -> None:
    """Makes the image unreadable and deletes its bytes.

    Raises the storage's error when it refuses to delete (the key is destroyed by then), and the
    database's when it cannot be written. The sweeper tries again.
    """
    try:
        condemn(image, now, reason, by_uploader=by_uploader)
    except DatabaseError:
        if image.purge_at <= now and not image.kept:
            # Past its time nobody reads it, row or not; and on a full disk its bytes may be just
            # the room that the database lacks.
            shred_prefix(image.prefix)
        raise
    if marks.look(now) == marks.OTHER:
        return
    outcome = shred_many([image.prefix])
    _record([image], outcome, now)
    error = outcome[image.prefix]
    if isinstance(error, Exception):
        raise error


def step(image: Image, now: datetime) -> bool:
    """One more go at an image that is being erased; whether its rows are gone now.

    A storage that refuses raises nothing: it is tried again later.
    """
    row = Image.objects.filter(pk=image.pk, life=Life.ERASING).first()
    return row is not None and bool(work([row], now).finished)


def work(images: Sequence[Image], now: datetime, tick: Tick = silent) -> Worked:
    """Deletes the bytes of images that are being erased, and ends it for those that are quiet.

    One that fails keeps no other: it is logged, counted and left alone for a while. In a storage
    that is another one nothing is looked for, and nothing is gone.
    """
    if marks.look(now) == marks.OTHER or not images:
        return Worked()
    outcome = shred_many([image.prefix for image in images], tick)
    worked = Worked(failed=_record(images, outcome, now))
    failed = set(worked.failed)
    quiet = [one for one in images if one.pk not in failed and one.quiet_at and one.quiet_at <= now]
    if quiet and _is_still_ours(now, tick):
        _end(quiet, now, worked)
    return worked


def finish(image: Image, now: datetime) -> bool:
    """Checks that nothing is stored any more, removes the rows and writes the receipt.

    False where that is not to be: before `quiet_at`, in the wrong storage, or done already. Raises
    the storage's error.
    """
    deleted = shred_prefix(image.prefix)
    if not _is_still_ours(now):
        return False
    if deleted:
        Image.objects.filter(pk=image.pk, life=Life.ERASING).update(
            objects_deleted=F("objects_deleted") + deleted
        )
    return bool(_remove([image.pk], now))


def _is_still_ours(now: datetime, tick: Tick = silent) -> bool:
    """Seen now that nothing is listed: a disk that has just gone away is as empty."""
    return marks.look_anew(now, tick) == marks.SAME


def _record(
    images: Sequence[Image], outcome: Mapping[str, int | Exception], now: datetime
) -> list[UUID]:
    """Writes down what became of the bytes; the ids of those that were refused."""
    deleted: dict[int, list[UUID]] = defaultdict(list)
    refused: list[Image] = []
    for image in images:
        found = outcome[image.prefix]
        if isinstance(found, Exception):
            refused.append(image)
            log.error("%s could not be erased: %s", image, type(found).__name__)
        else:
            deleted[found].append(image.pk)
    everyone = Image.objects.filter(pk__in=[one.pk for one in images])
    with transaction.atomic():
        # All locks in one order first: whoever erases the same images meanwhile does so too.
        list(everyone.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        for number, ids in deleted.items():
            gone = Image.objects.filter(pk__in=ids, life=Life.ERASING)
            gone.update(objects_deleted=F("objects_deleted") + number, shredded_at=now)
        _postpone(refused, now)
        shredded = [pk for ids in deleted.values() for pk in ids]
        waiting = Image.objects.filter(pk__in=shredded, life=Life.ERASING, quiet_at__gt=now)
        waiting.update(look_again_at=F("quiet_at"))
    return [image.pk for image in refused]


def _postpone(images: Sequence[Image], now: datetime) -> None:
    alike: dict[int, list[UUID]] = defaultdict(list)
    for image in images:
        alike[image.erase_tries + 1].append(image.pk)
    for tries, ids in alike.items():
        Image.objects.filter(pk__in=ids, life=Life.ERASING).update(
            erase_tries=F("erase_tries") + 1, look_again_at=now + backoff.delay(tries)
        )
    if images:
        pulse.count_errors(len(images))


def _end(images: Sequence[Image], now: datetime, worked: Worked) -> None:
    """All at once, and if that fails one by one, so that one keeps no other."""
    try:
        worked.finished += _remove([image.pk for image in images], now)
    except Exception as error:  # noqa: BLE001
        if len(images) == 1:
            _give_up(images[0], now, error, worked)
            return
        for image in images:
            _end([image], now, worked)


def _give_up(image: Image, now: datetime, error: Exception, worked: Worked) -> None:
    log.error("the rows of %s could not be removed: %s", image, type(error).__name__)
    worked.failed.append(image.pk)
    try:
        with transaction.atomic():
            _postpone([image], now)
    except DatabaseError as refused:
        log.error("nor put off: %s", type(refused).__name__)  # noqa: TRY400


def _remove(ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Removes the rows of those that are quiet, each with its receipt; whose they were.

    Of two processes at once, one has a row, and the other passes it over.
    """
    if not ids:
        return []
    with transaction.atomic():
        quiet = Image.objects.select_for_update(skip_locked=True).filter(
            pk__in=ids, life=Life.ERASING, quiet_at__lte=now
        )
        rows = list(quiet.order_by("pk"))
        gone = [row.pk for row in rows]
        receipts.write(rows, now)
        shares.go_with(gone)
        for table in (Blob, Job, Edit, Arrival):
            table.objects.filter(image_id__in=gone).delete()
        Image.objects.filter(pk__in=gone).only("pk").delete()
    return gone
