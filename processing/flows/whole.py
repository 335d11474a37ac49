"""Finishing an upload in parts: the whole is sealed as the original, and the parts are no more."""

from contextlib import suppress

from django.db import transaction

from accounts.audit import Actor
from processing.errors import Incomplete, Interrupted, WrongOffset
from processing.flows.arriving import drop, hear, lock, next_blob, parts_of, received, told_as_it_is
from processing.flows.submit import go_live
from processing.models import PART, Blob, Image, Life
from processing.retention import parts
from processing.storage import BlobWriter, read_blob


def finish(image: Image, by: Actor) -> Image:
    """The image, live, with its job waiting. May be asked for again, and twice at once: the first
    whole that is sealed counts.

    Raises Incomplete, StorageFull, Image.DoesNotExist.
    """
    if image.life == Life.RECEIVING:
        _make_whole(image, by)
    with suppress(Exception):  # A storage that refuses now: the sweeper's loop goes on with it.
        parts.clear(image)
    return image


def _make_whole(image: Image, by: Actor) -> None:
    try:
        whole = _reserve_whole(image)
    except WrongOffset:  # Somebody else has finished it this moment.
        image.refresh_from_db()
        return
    try:
        with told_as_it_is(image):
            _seal(image, whole)
            _go_live(image, whole, by)
    except BaseException as error:
        drop(image, whole)
        image.refresh_from_db()  # Raises Image.DoesNotExist.
        if not (image.life == Life.LIVE and isinstance(error, Image.DoesNotExist | Interrupted)):
            raise


def _reserve_whole(image: Image) -> Blob:
    """The row of an original. Raises WrongOffset where there is one already."""
    with transaction.atomic():
        row = lock(image)
        if received(row) != image.arrival.size:
            raise Incomplete
        hear(row)
        return next_blob(row, "original", first=0)


def _seal(image: Image, whole: Blob) -> None:
    key = image.open_key()
    with BlobWriter(key, image.prefix, whole.generation, "original") as writer:
        for part in parts_of(image):
            for piece in read_blob(key, image.prefix, part.generation, PART):
                writer.write(piece)


def _go_live(image: Image, whole: Blob, by: Actor) -> None:
    size, model = image.arrival.size, image.arrival.model_asked
    with transaction.atomic():
        go_live(image, size, whole.generation, model, by)
        parts_of(image).update(stored=False)
