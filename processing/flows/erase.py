"""Erasing because somebody asked for it: unreadable at once, and the same as at the deadline."""

import logging
from collections.abc import Iterable

from processing.models import Image, database_now
from processing.retention import erase
from processing.storage import shred_prefix

log = logging.getLogger(__name__)


def erase_images(images: Iterable[Image]) -> list[Image]:
    """Erases the images now.

    Raises DatabaseError when one cannot be made unreadable: nobody is told that it is erased. A
    storage that refuses to delete is another matter: the bytes open no more, and the sweeper goes
    on with them.
    """
    erased = []
    for image in images:
        erase.condemn(image, database_now())
        delete_bytes(image)
        erased.append(image)
    return erased


def delete_bytes(image: Image) -> None:
    """What can be deleted now, of an image that is unreadable; the sweeper does the rest."""
    try:
        shred_prefix(image.prefix)
    except Exception:
        log.exception("%s: bytes not deleted yet; the sweeper goes on", image)
