"""The other way round: what the tables say is stored, and nobody has seen."""

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from processing import storage
from processing.models import Blob, Image, Life, database_now
from processing.retention.patrol.seen import Seen

log = logging.getLogger(__name__)
BATCH = 1000


class _Recorded(NamedTuple):
    pk: int
    image_id: uuid.UUID
    prefix: str
    generation: int
    kind: str

    @property
    def name(self) -> str:
        return f"{self.prefix[:2]}/{self.prefix}/{self.generation}/{self.kind}"


def look(began: datetime, seen: Seen) -> dict[str, float]:
    """Blobs of images that can be read, recorded as stored before `began`, and not there."""
    return {"missing_objects": sum(_is_missing(blob) for blob in _unseen(began, seen))}


def _unseen(began: datetime, seen: Seen) -> Iterator[_Recorded]:
    """What comes while the walk is under way can have been passed by: the next round sees it.

    As `readable` has it, but joined: a query within a query would be asked anew for each batch.
    """
    readable = Q(image__purge_at__gt=began) | Q(image__kept=True)
    blobs = Blob.objects.filter(
        readable, stored=True, image__life=Life.LIVE, image__received_at__lt=began
    ).order_by("pk")
    fields = blobs.values_list("pk", "image_id", "image__prefix", "generation", "kind")
    last = 0
    while batch := [_Recorded(*row) for row in fields.filter(pk__gt=last)[:BATCH]]:
        yield from (blob for blob in batch if blob.name not in seen)
        last = batch[-1].pk


def _is_missing(blob: _Recorded) -> bool:
    """Looked at once more, with the image's row locked: nobody erases or writes meanwhile."""
    with transaction.atomic():
        image = Image.objects.readable(database_now()).filter(pk=blob.image_id)
        locked = image.select_for_update(no_key=True).first()
        if locked is None or not Blob.objects.filter(pk=blob.pk, stored=True).exists():
            return False
        if blob.name in storage.stored_names(locked.prefix):
            return False
    log.error("patrol: %s of %s is recorded and not in the storage", blob.kind, locked)
    return True
