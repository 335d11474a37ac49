"""What sending and finishing an upload in parts share: its row, the places of its blobs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Max, QuerySet, Sum

from processing.engine import PhotoError
from processing.errors import WrongOffset
from processing.flows.submit import refusal_of
from processing.models import PART, Arrival, Blob, Image, Life, database_now
from processing.storage import KeyGone, shred_blob

log = logging.getLogger(__name__)


def received(image: Image) -> int:
    """How many bytes of it are there, in parts that follow each other."""
    if image.life == Life.LIVE:
        return image.size
    return parts_of(image).aggregate(sum=Sum("size"))["sum"] or 0


def parts_of(image: Image) -> "QuerySet[Blob]":
    return Blob.objects.filter(image=image, kind=PART, stored=True).order_by("generation")


def lock(image: Image) -> Image:
    """The row of what is still arriving. Raises WrongOffset once it is live, Image.DoesNotExist."""
    rows = Image.objects.select_for_update(no_key=True).filter(purge_at__gt=database_now())
    row = rows.exclude(life=Life.ERASING).get(pk=image.pk)
    if row.life == Life.LIVE:
        raise WrongOffset
    return row


def next_blob(row: Image, kind: str, first: int) -> Blob:
    """A place of its own, at which nothing lies, for every try."""
    blobs = Blob.objects.filter(image=row, kind=kind)
    latest = blobs.aggregate(latest=Max("generation"))["latest"]
    generation = first if latest is None else latest + 1
    return Blob.objects.create(image=row, kind=kind, generation=generation)


def hear(row: Image) -> None:
    Arrival.objects.filter(image=row).update(heard_at=database_now())


def drop(image: Image, blob: Blob) -> None:
    """Removes what was written and does not count. What cannot be removed now keeps its row, and
    goes when the image is whole or erased."""
    try:
        if Blob.objects.filter(pk=blob.pk, stored=True).exists():
            return  # It counts: what failed came after its commit.
        shred_blob(image.prefix, blob.generation, blob.kind)
        Blob.objects.filter(pk=blob.pk, stored=False).delete()
    except Exception:
        log.exception("%s could not be removed now", blob)


@contextmanager
def told_as_it_is(image: Image) -> Iterator[None]:
    """What was erased under the sender's hands is not there, whatever the storage says of it."""
    try:
        yield
    except (PhotoError, Image.DoesNotExist):
        raise
    except KeyGone:
        raise Image.DoesNotExist from None
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is error and not Image.objects.filter(pk=image.pk, life=Life.RECEIVING).exists():
            raise Image.DoesNotExist from error
        raise refusal from error
