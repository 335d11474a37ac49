"""Breaking the glass: staff look at one image, for a reason that its owner reads at once.

What is not in the owner's log did not happen: the entry is written in the transaction of the act,
and where it cannot be written there is no access.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor, note
from accounts.models import Action, User
from processing.models import Blob, Image, StaffAccess, database_now
from processing.storage import KeyGone, read_blob

LENGTH = timedelta(minutes=15)
SHOWN = "preview.webp"  # The only thing that staff see, and they cannot save it by a button.


class NoAccess(Exception):
    """None was opened, it has ended, or the image can be read no longer."""


def open_image(staff: User, image_id: uuid.UUID, reason: str, by: Actor) -> StaffAccess:
    """Opens an image to one of the staff, for a while and never beyond its own time.

    Raises NoAccess when there is no such image to read, DatabaseError when it cannot be noted.
    """
    with transaction.atomic():
        now = database_now()
        image = _lock(image_id, now)
        ends_at = now + LENGTH if image.kept else min(now + LENGTH, image.purge_at)
        access = StaffAccess.objects.create(
            staff=staff, image_id=image.pk, reason=reason, opened_at=now, ends_at=ends_at
        )
        owner = image.workspace.owner
        note(Action.STAFF_OPENED, owner=owner, by=by, image_id=image.pk, detail=reason)
    return access


def view_image(staff: User, image_id: uuid.UUID, by: Actor) -> Iterator[bytes]:
    """The image's preview, chunk by chunk; each call is a view, and noted.

    Raises NoAccess, DatabaseError when it cannot be noted.
    """
    with transaction.atomic():
        now = database_now()
        image = _lock(image_id, now)
        if access_of(staff, image_id, now) is None:
            raise NoAccess
        blob = image.blobs.filter(kind=SHOWN, stored=True).order_by("-generation").first()
        if blob is None:
            raise NoAccess
        note(Action.STAFF_VIEWED, owner=image.workspace.owner, by=by, image_id=image.pk)
    return _read(image, blob)


def access_of(staff: User, image_id: uuid.UUID, now: datetime) -> StaffAccess | None:
    """The one that is open to this person at this moment."""
    open_now = StaffAccess.objects.filter(staff=staff, image_id=image_id, ends_at__gt=now)
    return open_now.order_by("-ends_at").first()


def forget_old_accesses(now: datetime) -> int:
    """Deletes what is older than the audit log is kept; how many there were."""
    old = StaffAccess.objects.filter(ends_at__lt=now - timedelta(days=settings.AUDIT_DAYS))
    return old.delete()[0]


def _lock(image_id: uuid.UUID, now: datetime) -> Image:
    """An image that can be read now, locked: it is not erased while this is being noted."""
    readable = Image.objects.readable(now).select_related("workspace__owner")
    image = readable.select_for_update(no_key=True, of=("self",)).filter(pk=image_id).first()
    if image is None:
        raise NoAccess
    return image


def _read(image: Image, blob: Blob) -> Iterator[bytes]:
    try:
        yield from read_blob(image.open_key(), image.prefix, blob.generation, blob.kind)
    except (KeyGone, FileNotFoundError) as error:
        raise NoAccess from error
