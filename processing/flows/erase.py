"""Erasing because somebody asked for it: unreadable at once, and then the same as at the deadline.

Where nobody can still be writing for an image, all of it happens at once, the receipt included.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Action, User
from processing.access import everything_of
from processing.models import Image, Life, Reason, database_now
from processing.retention import erase

log = logging.getLogger(__name__)
BATCH = 500  # So many lose their bytes before the answer; of more, the sweeper deletes the rest.


def erase_images(
    images: Iterable[Image], by: Actor, reason: Reason = Reason.ASKED_FOR
) -> list[Image]:
    """Erases the images now; all that were given, also what somebody else had begun to erase.

    Raises DatabaseError when one cannot be made unreadable: nobody is told that it is erased. A
    storage that refuses to delete is another matter: the bytes open no more, and the sweeper goes
    on with them.
    """
    asked, now = list(images), database_now()
    here: list[UUID] = []
    for number, part in enumerate(_parts(asked)):
        # What is left to the sweeper is its own to take at once, not after our time has run out.
        condemned = _condemn(part, by, reason, now, look_again_at=now if number else None)
        if not number:
            here = condemned
    _delete(Image.objects.filter(pk__in=here))
    return asked


def erase_all(user: User, by: Actor) -> list[Image]:
    """Everything that is in a user's own workspaces or was sent by them, in whatever state."""
    return erase_images(everything_of(user), by)


def delete_bytes(image: Image) -> None:
    """What can be deleted now of an image that is unreadable; the sweeper does the rest."""
    _delete(Image.objects.filter(pk=image.pk, life=Life.ERASING))


def _condemn(
    images: Sequence[Image],
    by: Actor,
    reason: Reason,
    now: datetime,
    look_again_at: datetime | None,
) -> list[UUID]:
    """Those of them that were not being erased yet, condemned, and noted in one transaction."""
    rows = Image.objects.filter(pk__in=[image.pk for image in images]).exclude(life=Life.ERASING)
    with transaction.atomic():
        locked = list(
            rows.select_related("workspace__owner")
            .select_for_update(no_key=True, of=("self",))
            .order_by("pk")
        )
        ids = [image.pk for image in locked]
        kept = [image.pk for image in locked if image.kept]
        erase.condemn_locked(ids, now, reason, kept=kept, look_again_at=look_again_at)
        for image in locked:
            audit.note(
                Action.IMAGE_ERASED,
                owner=image.workspace.owner,
                by=by,
                image_id=image.pk,
                detail="" if reason == Reason.ASKED_FOR else reason,
            )
    return ids


def _delete(images: Iterable[Image]) -> None:
    try:
        erase.work(list(images), database_now())
    except Exception as error:  # noqa: BLE001  They open no more; the sweeper goes on.
        log.error("bytes not deleted yet: %s", type(error).__name__)  # noqa: TRY400


def _parts(images: Sequence[Image]) -> Iterator[Sequence[Image]]:
    for start in range(0, len(images), BATCH):
        yield images[start : start + BATCH]
