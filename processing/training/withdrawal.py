"""Turning the opt-in off: from that moment nothing that was kept under it is kept.

In the transaction that writes the entry: no image of that user, as uploader or as the owner of its
workspace, is kept any more. What is past its deadline cannot be read from then on and goes with
the next sweep; the rest goes at its own. After the commit the secrets of the opt-in are destroyed,
without which no copy of a kept image's key opens.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import consent
from accounts.models import User
from accounts.signals import Freed
from processing.models import Image, Reason
from processing.storage import destroy_grant


def withdraw(*, user: User, at: datetime, **kwargs: Any) -> Freed:
    """Hears `consent_withdrawn`, in its transaction, with the user's row locked."""
    theirs = Q(uploaded_by=user) | Q(workspace__owner=user)
    kept = Image.objects.filter(theirs, kept=True)
    # In the order of their ids, like everybody who locks several. None can come to them: whoever
    # uploads what is to be kept waits for the user's row.
    rows = kept.order_by("pk").select_for_update(no_key=True, of=("self",))
    deadlines = list(rows.values_list("purge_at", flat=True))
    kept.update(kept=False, kept_key=None, withdrawn_at=at)
    ended = consent.history(user).filter(on=True).first()
    assert ended is not None
    # Robust: it is off by then, and a secret that stays for now is the sweeper's to destroy.
    number = ended.number
    transaction.on_commit(lambda: destroy_grant(number), robust=True)
    due = sum(deadline <= at for deadline in deadlines)
    return Freed(due, len(deadlines) - due)


def reason_of(purge_at: datetime, withdrawn_at: datetime | None) -> Reason:
    """Why an image goes whose time has come: it would have gone then, or it was kept beyond."""
    if withdrawn_at is not None and withdrawn_at >= purge_at:
        return Reason.CONSENT_WITHDRAWN
    return Reason.DEADLINE


def valid_grants(numbers: Iterable[int]) -> set[int]:
    """Those of these entries that hold: the latest of their users, and on.

    For storage.destroy_withdrawn_grants: a process can die between the commit of a withdrawal and
    the destruction of its secrets, so the sweeper compares them at every round.
    """
    return set(consent.grants().filter(number__in=numbers).values_list("number", flat=True))
