"""Erasing because somebody asked for it: unreadable at once, and the same as at the deadline."""

import logging
from collections.abc import Iterable

from processing.models import Image, database_now
from processing.retention import erase

log = logging.getLogger(__name__)


def erase_images(images: Iterable[Image]) -> list[Image]:
    """Erases the images now. One whose bytes the storage refuses to delete is unreadable all the
    same, and the sweeper goes on with it."""
    erased = []
    for image in images:
        try:
            erase.begin(image, database_now())
        except Exception:
            log.exception("%s: bytes not deleted yet; the sweeper goes on", image)
        erased.append(image)
    return erased
