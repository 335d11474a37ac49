"""A new master key: what the one before has wrapped is wrapped again, image by image."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from processing.models import Image, ImageQuerySet, Life
from processing.retention import tags
from processing.storage import KeyGone

BATCH = 500


@dataclass
class Rotated:
    """Numbers of images."""

    rewrapped: int = 0
    current: int = 0  # Under the master key of now already.
    closed: int = 0  # No key of now or before opens them: their epoch has ended, say.


def rotate() -> Rotated:
    """Safe to run twice, and while the site runs. Raises DatabaseError."""
    rotated = Rotated()
    for keys in _batches():
        with transaction.atomic():
            locked = _wrapped().select_for_update(no_key=True, of=("self",)).order_by("pk")
            changed = [image for image in locked.filter(pk__in=keys) if _count(image, rotated)]
            Image.objects.bulk_update(changed, ["wrapped_key", "kept_key"])
            tags.digest_again(changed)  # They are found by digests under the master key of now.
    return rotated


def count() -> Rotated:
    """What `rotate` would do."""
    rotated = Rotated()
    for keys in _batches():
        for image in _wrapped().filter(pk__in=keys):
            _count(image, rotated)
    return rotated


def _count(image: Image, rotated: Rotated) -> bool:
    """Whether it was rewrapped."""
    try:
        changed = image.rewrap()
    except KeyGone:
        rotated.closed += 1
        return False
    rotated.rewrapped += changed
    rotated.current += not changed
    return changed


def _wrapped() -> ImageQuerySet:
    return Image.objects.exclude(life=Life.ERASING)


def _batches() -> Iterator[list[UUID]]:
    last = None
    while True:
        following = _wrapped().filter(pk__gt=last) if last else _wrapped()
        batch = list(following.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1]
