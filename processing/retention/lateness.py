"""Since when an image should be gone: for one row, and for all of them as a query."""

from datetime import datetime

from django.db.models import Q

from processing.models import Image, ImageQuerySet, Life


def end_of(image: Image) -> datetime | None:
    """From when on nothing of an image is to be stored; None while an opt-in keeps it.

    What an opt-in had kept has its `purge_at` long behind it: it is due from the end of that on.
    """
    if image.kept:
        return None
    due = max(image.purge_at, image.withdrawn_at or image.purge_at)
    if image.life != Life.ERASING or image.erasing_since is None:
        return due
    was_kept = image.consent_id is not None and image.withdrawn_at is None
    return image.erasing_since if was_kept else min(due, image.erasing_since)


def overdue(limit: datetime) -> tuple[ImageQuerySet, ImageQuerySet]:
    """The images that were due before `limit` and whose bytes are not gone: those whose erasing
    has not begun, and those where it has not got through.

    Erasing that somebody asked for earlier counts from the deadline here: until then the photo
    could be there.
    """
    passed = Image.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__lt=limit), purge_at__lt=limit
    )
    asked_for_late = Q(consent__isnull=False, withdrawn_at__isnull=True, erasing_since__gte=limit)
    waiting = passed.filter(kept=False).exclude(life=Life.ERASING)
    stuck = passed.filter(life=Life.ERASING, shredded_at__isnull=True).exclude(asked_for_late)
    return waiting, stuck
