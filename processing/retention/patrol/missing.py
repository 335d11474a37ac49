"""The other way round: what the tables say is stored, and nobody has seen."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from processing import storage
from processing.models import Blob, Image, database_now
from processing.retention.patrol.seen import Seen

log = logging.getLogger(__name__)
BATCH = 2000


def look(began: datetime, seen: Seen) -> dict[str, float]:
    """Blobs of images that can be read, recorded as stored before `began`, and not there."""
    return {"missing_objects": sum(_is_missing(blob) for blob in _unseen(began, seen))}


def _unseen(began: datetime, seen: Seen) -> Iterator[Blob]:
    """What comes while the walk is under way can have been passed by: the next round sees it."""
    readable = Image.objects.readable(began).filter(received_at__lt=began)
    blobs = Blob.objects.filter(stored=True, image__in=readable).select_related("image")
    last = 0
    while batch := list(blobs.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for blob in batch:
            if _name(blob) not in seen:
                yield blob
        last = batch[-1].pk


def _is_missing(blob: Blob) -> bool:
    """Looked at once more, with the image's row locked: nobody erases or writes meanwhile."""
    with transaction.atomic():
        image = Image.objects.readable(database_now()).filter(pk=blob.image_id)
        locked = image.select_for_update(no_key=True).first()
        if locked is None or not Blob.objects.filter(pk=blob.pk, stored=True).exists():
            return False
        if _name(blob) in storage.stored_names(locked.prefix):
            return False
    log.error("patrol: %s is recorded and not in the storage", blob)
    return True


def _name(blob: Blob) -> str:
    prefix = blob.image.prefix
    return f"{prefix[:2]}/{prefix}/{blob.generation}/{blob.kind}"
