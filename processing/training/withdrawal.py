"""Turning the opt-in off: from that moment nothing that was kept under it is kept.

In the transaction that writes the entry: no image of that user, as uploader or as the owner of its
workspace, is kept any more. What is past its deadline cannot be read from then on and goes with
the next sweep; the rest goes at its own. After the commit the secrets of the opt-in are destroyed,
without which no copy of a kept image's key opens.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import consent
from accounts.models import User
from accounts.signals import Freed
from processing.models import Image, ImageQuerySet, database_now
from processing.storage import destroy_grant, destroy_left_over_kept, destroy_withdrawn_grants

BATCH = 1000


def withdraw(*, user: User, **kwargs: Any) -> Freed:
    """Hears `consent_withdrawn`, in its transaction, with the user's row locked."""
    now = database_now()
    images: ImageQuerySet = Image.objects.all()
    kept = images.because_of(user).filter(kept=True)
    # In the order of their ids, like everybody who locks several. None can come to them: whoever
    # uploads what is to be kept waits for the user's row.
    rows = kept.order_by("pk").select_for_update(no_key=True, of=("self",))
    deadlines = list(rows.values_list("purge_at", flat=True))
    kept.update(kept=False, kept_key=None, withdrawn_at=now)
    ended = consent.history(user).filter(on=True).first()
    assert ended is not None
    # Robust: it is off by then, and a secret that stays for now is the sweeper's to destroy.
    number = ended.number
    transaction.on_commit(lambda: destroy_grant(number), robust=True)
    due = sum(deadline <= now for deadline in deadlines)
    return Freed(due, len(deadlines) - due)


def destroy_left_over_grants() -> list[int]:
    """Destroys the secrets of opt-ins that hold no more: a process can die between the commit of a
    withdrawal and the end of its secret. The numbers of those that were left over."""
    return destroy_withdrawn_grants(_valid)


def destroy_left_over_secrets() -> list[UUID]:
    """The same for images that are kept no more, or never came to be; whose secrets they were."""
    return destroy_left_over_kept(_kept)


def _kept(ids: list[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), BATCH):
        rows = Image.objects.filter(pk__in=ids[start : start + BATCH], kept=True)
        found.update(rows.values_list("pk", flat=True))
    return found


def _valid(numbers: Iterable[int]) -> set[int]:
    """Those of these entries that hold: the latest of their users, and on."""
    return set(numbers) & set(consent.grants().values_list("number", flat=True))
