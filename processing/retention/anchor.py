"""Believing the machine's clock again, after deadlines have kept away from it.

The steady clock does not follow when the wall clock is stepped. Which of the two is right nobody
here can know: uploads are refused until the operator says so (`manage.py clock accept`), or until
there is no image left that could be erased early or late by it.

On SQLite every deadline was written down by the steady clock. Where that one goes back, all of them
go back with it in one transaction, and so do the keys: no image lives longer, none shorter. On
PostgreSQL deadlines follow the server's clock, and nothing has to be moved.
"""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Manager

from processing.models import (
    Arrival,
    Image,
    ImageQuerySet,
    Job,
    Life,
    Pulse,
    Share,
    ShareDownload,
    StaffAccess,
    WorkerBeat,
    clock,
)
from processing.retention import tags
from processing.storage import (
    KeyGone,
    clocks_apart,
    destroy_epoch,
    epochs_alive,
    reanchor,
    reanchor_to,
    steady_now,
    wall_now,
)

BATCH = 500
NOTICED = 1.2  # Seconds after which every process of the machine counts from a new anchor.
# What else was written down by the clock and is compared with it.
MOVED: tuple[tuple[Manager[Any], tuple[str, ...]], ...] = (
    (Image.objects, ("withdrawn_at", "erasing_since", "quiet_at", "shredded_at", "look_again_at")),
    (Job.objects, ("lease_until", "queued_at", "started_at", "finished_at")),
    (WorkerBeat.objects, ("seen_at",)),
    (Pulse.objects, ("at",)),
    (StaffAccess.objects, ("opened_at", "ends_at")),
    (Arrival.objects, ("heard_at",)),
    (Share.objects, ("created_at", "expires_at", "paused_at", "revoked_at")),
    (ShareDownload.objects, ("ends_at", "finished_at")),
)


def reanchor_if_idle() -> bool:
    """Without any image nothing can go wrong: then the machine's clock is believed."""
    if abs(clocks_apart()) <= settings.BUDGET.clocks_apart or Image.objects.exists():
        return False
    accept()
    return True


def accept() -> int:
    """From now on the wall clock's time is right; how many images were moved with it.

    Meanwhile nobody else writes to an SQLite database. Raises DatabaseError and OSError, and then
    everything is as it was.
    """
    ahead = clocks_apart()
    if abs(ahead) <= settings.BUDGET.clocks_apart:
        return 0
    if ahead > timedelta(0) or not clock.is_local():
        reanchor()
        return 0
    epochs, began = epochs_alive(), steady_now()
    try:
        moved = _turn_back(-ahead)
    except BaseException:
        reanchor_to(wall_now() - ahead)
        raise
    # What came in meanwhile waited for the transaction to end, with a time of the clock before.
    moved += _move_images(Image.objects.filter(received_at__gte=began), -ahead)
    _destroy_unused(epochs)
    return moved


def _turn_back(by: timedelta) -> int:
    """Nobody sees deadlines of one clock by the other: before the transaction ends every process
    has noticed the new anchor."""
    with transaction.atomic():
        moved = _move_images(Image.objects.all(), by)
        for rows, fields in MOVED:
            changes: dict[str, Any] = {field: F(field) - by for field in fields}
            rows.update(**changes)
        reanchor()
        time.sleep(NOTICED)
    return moved


def _move_images(images: ImageQuerySet, by: timedelta) -> int:
    moved = 0
    for batch in _batches(images):
        for image in batch:
            _move_image(image, by)
        fields = ["received_at", "purge_at", "epoch", "wrapped_key", "request_key"]
        moved += Image.objects.bulk_update(batch, fields)
        tags.digest_again(batch)
    return moved


def _batches(images: ImageQuerySet) -> Iterable[list[Image]]:
    ordered, last = images.order_by("pk"), None
    while batch := list((ordered.filter(pk__gt=last) if last else ordered)[:BATCH]):
        last = batch[-1].pk
        yield batch


def _move_image(image: Image, by: timedelta) -> None:
    deadline = image.purge_at - by
    image.received_at -= by
    if image.life != Life.ERASING:
        try:
            image.shorten(deadline)
        except KeyGone:
            image.wrapped_key = None  # Kept by an opt-in beyond its epoch, or past its time.
    image.purge_at = deadline


def _destroy_unused(epochs: list[int]) -> None:
    """Of what was wrapped under them everything has moved on."""
    used = set(Image.objects.exclude(life=Life.ERASING).values_list("epoch", flat=True).distinct())
    for epoch in set(epochs) - used:
        destroy_epoch(epoch)
