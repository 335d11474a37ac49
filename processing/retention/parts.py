"""The parts of an upload are blobs of their image; once it is sealed as a whole they go."""

import logging

from django.db import transaction

from processing.models import PART, Arrival, Blob, Image, Life
from processing.storage import shred_blob

log = logging.getLogger(__name__)
OF_AN_UPLOAD = (PART, "original")


def clear(image: Image) -> None:
    """Removes what a live image no longer needs of its upload. May run twice.

    Its parts, and what a sealing that broke off has left. First the bytes: until they are gone
    their rows say that they are there. Raises the storage's error.
    """
    left = Blob.objects.filter(image=image, kind__in=OF_AN_UPLOAD, stored=False)
    for generation, kind in left.values_list("generation", "kind"):
        shred_blob(image.prefix, generation, kind)
    with transaction.atomic():
        left.delete()
        Arrival.objects.filter(image=image).delete()


def clear_left_over() -> int:
    """A process can die between the moment when an image goes live and the end of its parts.

    How many images still had some.
    """
    images = list(Image.objects.filter(arrival__isnull=False, life=Life.LIVE).only("prefix"))
    for image in images:
        try:
            clear(image)
        except Exception:  # One that fails keeps no other; the next round tries again.
            log.exception("the parts of %s could not be removed", image)
    return len(images)
