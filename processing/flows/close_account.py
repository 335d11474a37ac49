"""Closing an account: what its photos are, then who it was.

Whatever breaks on the way leaves an account that is still open, with fewer photos in it: closing it
again goes on from there. Once it is closed nothing new can come (`flows.submit` looks, behind the
same lock).
"""

from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.chain import lock_head
from accounts.consent import CHAIN, lock_users
from accounts.flows.close import close
from accounts.models import Action, User
from processing.access import everything_of
from processing.flows.erase import delete_bytes, erase_images
from processing.models import Image, Reason, database_now
from processing.retention import erase


def close_account(user: User, by: Actor) -> int:
    """Erases all of the user's images, ends their opt-in, blanks the account; how many images.

    Raises DatabaseError, and then nothing personal is blanked. A storage that refuses to delete
    does not keep the account open: the bytes are unreadable, and the sweeper goes on.
    """
    erased = erase_images(everything_of(user), by=by, reason=Reason.ACCOUNT_CLOSED)
    with transaction.atomic():
        lock_users([user.pk])
        # Before any image, in the order of whoever turns an opt-in off: of two, one waits.
        lock_head(CHAIN)
        # They came while the others were being erased. In the order in which everybody locks them.
        late = list(everything_of(user).order_by("pk"))
        for image in late:
            _condemn(image, by)
        close(user, by)
    for image in late:
        delete_bytes(image)
    return len(erased) + len(late)


def _condemn(image: Image, by: Actor) -> None:
    erase.condemn(image, database_now(), Reason.ACCOUNT_CLOSED)
    audit.note(Action.IMAGE_ERASED, owner=image.workspace.owner, by=by, image_id=image.pk)
