"""What a sweep takes on: images that are due, and images whose erasing has to go on.

In batches, each in a transaction of its own, with the rows locked: a second sweeper takes others.
Where one image is in the way of its batch, the batch is taken one by one.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import Action, Via
from processing.models import Arrival, Image, ImageQuerySet, Life, Reason
from processing.retention import backoff
from processing.retention.condemned import as_one, condemn_locked
from processing.storage import shred_prefix

log = logging.getLogger(__name__)
BATCH = 1000


def due(now: datetime) -> ImageQuerySet:
    """By time alone, whatever state an image is in."""
    images: ImageQuerySet = Image.objects.all()
    return images.due(now).exclude(life=Life.ERASING)


def broken_off(now: datetime) -> ImageQuerySet:
    """Uploads that have been arriving for longer than any does; of one that comes in parts it is
    the time since its latest part, and its deadline stays what it is."""
    images: ImageQuerySet = Image.objects.all()
    limit = now - settings.BUDGET.stale_upload
    heard_of = Arrival.objects.filter(image=OuterRef("pk"), heard_at__gt=limit)
    return images.filter(~Exists(heard_of), life=Life.RECEIVING, received_at__lte=limit)


def condemn_all(now: datetime, most: int | None = None) -> Iterator[tuple[int, int]]:
    """Condemns what is due at `now`; for each batch how many images, and how many refused it."""
    with _writing_much():
        yield from _condemn_in_batches(now, most)


@contextmanager
def _writing_much() -> Iterator[None]:
    """SQLite copies its log into the database every 4 MB, which is every batch, and waits for the
    disk each time. While a sweep goes on it is every 64 MB; its end empties the log anyway."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint = 16000")
        cursor.execute("PRAGMA cache_size = -32000")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 1000")
            cursor.execute("PRAGMA cache_size = -2000")


def _condemn_in_batches(now: datetime, most: int | None) -> Iterator[tuple[int, int]]:
    for found, time in ((due(now), "purge_at"), (broken_off(now), "received_at")):
        left, after = most, None
        while left is None or left > 0:
            batch, after = _condemn_batch(found, time, after, now, min(BATCH, left or BATCH))
            if after is None:
                break
            yield batch
            left = None if left is None else left - sum(batch)


def take(now: datetime, at: datetime, most: int) -> list[Image]:
    """Images whose erasing has to go on at `now`, for this sweeper alone for a while from `at`."""
    with transaction.atomic():
        found = _waiting(now).select_for_update(no_key=True, skip_locked=True)
        found = found.order_by("look_again_at")
        images = list(found.only("prefix", "quiet_at", "erase_tries")[:most])
        Image.objects.filter(pk__in=[image.pk for image in images]).update(
            look_again_at=at + backoff.lease()
        )
    return images


def prefixes_waiting(now: datetime) -> Iterator[list[str]]:
    """Where the bytes are of images whose erasing has to go on, in batches, without taking them."""
    last = ""
    found = _waiting(now).order_by("prefix").values_list("prefix", flat=True)
    while batch := list(found.filter(prefix__gt=last)[:BATCH]):
        yield batch
        last = batch[-1]


def _waiting(now: datetime) -> ImageQuerySet:
    images: ImageQuerySet = Image.objects.all()
    return images.filter(life=Life.ERASING, look_again_at__lte=now)


Place = tuple[datetime, UUID]  # The time and the key of the last image of a batch.


def _condemn_batch(
    found: ImageQuerySet, time: str, after: Place | None, now: datetime, size: int
) -> tuple[tuple[int, int], Place | None]:
    """The next images after `after`; (condemned, failed), and where the batch ended."""
    following = _after(found, time, after).order_by(time, "pk")
    try:
        with transaction.atomic():
            locked = following.select_for_update(no_key=True, skip_locked=True)
            rows = list(locked.values_list("pk", "kept")[:size])
            # The last one's time alone: the driver takes longer to read a thousand times than the
            # database to find them.
            last = Image.objects.filter(pk__in=[pk for pk, _ in rows[-1:]])
            place: Place | None = last.values_list(time, "pk").first()
            _condemn(rows, now)
    except Exception as error:  # noqa: BLE001
        log.warning("a batch is taken one by one: %s", type(error).__name__)
        # Where nothing can be locked, nor written, it can still be read.
        places: list[Place] = list(following.values_list(time, "pk")[:size])
        counts = _condemn_one_by_one(found, [pk for _, pk in places], now)
        return counts, places[-1] if places else None
    return (len(rows), 0), place


def _condemn(rows: Sequence[tuple[UUID, bool]], now: datetime) -> None:
    """Their ids, and whether an opt-in keeps them."""
    if rows:
        ids, kept = [pk for pk, _ in rows], [pk for pk, is_kept in rows if is_kept]
        condemn_locked(ids, now, kept=kept, look_again_at=now)
        _note(ids, now)


def _condemn_one_by_one(
    found: ImageQuerySet, ids: Iterable[UUID], now: datetime
) -> tuple[int, int]:
    """Of these what is still to be `found`: an upload can have come to its end meanwhile."""
    done = failed = 0
    for image_id in ids:
        row = found.filter(pk=image_id)
        try:
            with transaction.atomic():
                locked = row.select_for_update(no_key=True)
                _condemn(list(locked.values_list("pk", "kept")), now)
            done += 1
        except Exception as error:  # noqa: BLE001  One image that fails keeps no other.
            failed += 1
            log.error(  # noqa: TRY400
                "image %s could not be condemned: %s", image_id, type(error).__name__
            )
            _delete_first(row)
    return done, failed


def _delete_first(row: ImageQuerySet) -> None:
    """Past its time nobody reads it, row or not; and on a full disk its bytes can be just the room
    that the database lacks."""
    try:
        for prefix in row.values_list("prefix", flat=True):
            shred_prefix(prefix)
    except Exception as error:  # noqa: BLE001
        log.error("nor could its bytes be deleted: %s", type(error).__name__)  # noqa: TRY400


def _after(found: ImageQuerySet, time: str, after: Place | None) -> ImageQuerySet:
    """Written so that both databases go on from that place in the index."""
    if after is None:
        return found
    at, pk = after
    return found.filter(**{f"{time}__gte": at}).exclude(**{time: at, "pk__lte": pk})


def _note(ids: Sequence[UUID], now: datetime) -> None:
    """For the owner of each: it is gone because its time had come, not because somebody asked.

    In one statement, as there can be very many. An upload that broke off never was an image for
    anybody to see.
    """
    those, keys = as_one(ids)
    values = [
        connection.ops.adapt_datetimefield_value(now),
        Via.SYSTEM.value,
        Action.IMAGE_EXPIRED.value,
        Reason.DEADLINE.value,
        Reason.BROKEN_OFF.value,
        *keys,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.replace("the ids", those), values)


_NOTE = """
INSERT INTO accounts_auditentry (at, owner_id, via, action, image_id, count, detail, address)
SELECT %s, space.owner_id, %s, %s, image.id, 1,
    CASE image.reason WHEN %s THEN '' ELSE image.reason END, ''
FROM processing_image image JOIN accounts_workspace space ON space.id = image.workspace_id
WHERE image.reason <> %s AND image.id IN (the ids)
"""
