"""What a sweep takes on: images that are due, and images whose erasing has to go on.

In batches, each in a transaction of its own, with the rows locked: a second sweeper takes others.
Where one image is in the way of its batch, the batch is taken one by one.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Action, AuditEntry, Via, Workspace
from processing.models import Image, ImageQuerySet, Life, Reason
from processing.retention import backoff
from processing.retention.condemned import FIELDS, condemn_locked
from processing.storage import shred_prefix

log = logging.getLogger(__name__)
BATCH = 500


def due(now: datetime) -> ImageQuerySet:
    """By time alone, whatever state an image is in."""
    images: ImageQuerySet = Image.objects.all()
    return images.due(now).exclude(life=Life.ERASING)


def broken_off(now: datetime) -> ImageQuerySet:
    """Uploads that have been arriving for longer than any does."""
    images: ImageQuerySet = Image.objects.all()
    return images.filter(life=Life.RECEIVING, received_at__lte=now - settings.BUDGET.stale_upload)


def condemn_all(now: datetime, most: int | None = None) -> Iterator[tuple[int, int]]:
    """Condemns what is due at `now`; for each batch how many images, and how many refused it."""
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
        images = list(found.order_by("look_again_at", "pk")[:most])
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


Place = tuple[datetime, Any]  # The time and the key of the last image of a batch.


def _condemn_batch(
    found: ImageQuerySet, time: str, after: Place | None, now: datetime, size: int
) -> tuple[tuple[int, int], Place | None]:
    """The next images after `after`; (condemned, failed), and where the batch ended."""
    following = _after(found, time, after).order_by(time, "pk").only(*FIELDS)
    images: Sequence[Image] = ()
    try:
        with transaction.atomic():
            images = list(following.select_for_update(no_key=True, skip_locked=True)[:size])
            condemn_locked(images, now, look_again_at=now)
            _note(images, now)
    except Exception as error:  # noqa: BLE001
        log.warning("a batch is taken one by one: %s", type(error).__name__)
        images = images or list(following[:size])  # Where nothing can be locked, nor written.
        counts = _condemn_one_by_one(images, now)
    else:
        counts = (len(images), 0)
    return counts, (getattr(images[-1], time), images[-1].pk) if images else None


def _condemn_one_by_one(images: Iterable[Image], now: datetime) -> tuple[int, int]:
    done = failed = 0
    for image in images:
        try:
            with transaction.atomic():
                rows = Image.objects.filter(pk=image.pk).exclude(life=Life.ERASING).only(*FIELDS)
                locked = list(rows.select_for_update(no_key=True))
                condemn_locked(locked, now, look_again_at=now)
                _note(locked, now)
            done += 1
        except Exception as error:  # noqa: BLE001  One image that fails keeps no other.
            failed += 1
            log.error("%s could not be condemned: %s", image, type(error).__name__)  # noqa: TRY400
            _delete_first(image)
    return done, failed


def _delete_first(image: Image) -> None:
    """Past its time nobody reads it, row or not; and on a full disk its bytes can be just the room
    that the database lacks."""
    try:
        shred_prefix(image.prefix)
    except Exception as error:  # noqa: BLE001
        log.error("nor could its bytes be deleted: %s", type(error).__name__)  # noqa: TRY400


def _after(found: ImageQuerySet, time: str, after: Place | None) -> ImageQuerySet:
    """Written so that both databases go on from that place in the index."""
    if after is None:
        return found
    at, pk = after
    return found.filter(**{f"{time}__gte": at}).exclude(**{time: at, "pk__lte": pk})


def _note(images: Sequence[Image], now: datetime) -> None:
    """For the owner of each: it is gone because its time had come, not because somebody asked."""
    spaces = {image.workspace_id for image in images}
    owners = dict(Workspace.objects.filter(pk__in=spaces).values_list("pk", "owner_id"))
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=now,
            owner_id=owners[image.workspace_id],
            via=Via.SYSTEM,
            action=Action.IMAGE_EXPIRED,
            image_id=image.pk,
            detail="" if image.reason == Reason.DEADLINE else image.reason,
        )
        for image in images
        if image.reason != Reason.BROKEN_OFF  # It never was an image for anybody to see.
    )
