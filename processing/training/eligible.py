"""What training data may be taken from. There is no other query for it, and no other way."""

from datetime import datetime

from django.db.models import Exists, Max, OuterRef, QuerySet

from accounts import consent
from accounts.models import ConsentEntry
from processing.models import Image, ImageQuerySet, Life


def eligible(now: datetime) -> ImageQuerySet:
    """The images that both their uploader and their workspace's owner let us train on, at `now`.

    Needs a transaction, and holds until it ends: whoever turns the opt-in off meanwhile waits for
    it. The ledger is read again whenever the answer is, so outside of the transaction it cannot
    give what has been withdrawn.
    """
    # Asked first: entries are numbered in the order of their commits, so whoever opts in after
    # the locks are had, and could opt out without waiting, is beyond this one.
    last = ConsentEntry.objects.aggregate(number=Max("number"))["number"] or 0
    consent.lock_users(consent.grants().filter(number__lte=last).values_list("user", flat=True))
    images: ImageQuerySet = Image.objects.all()
    return images.readable(now).filter(
        Exists(_held_by("uploaded_by", "consent")),
        Exists(_held_by("workspace__owner", "owner_consent")),
        consent__lte=last,
        owner_consent__lte=last,
        kept=True,
        life=Life.LIVE,
        received_at__lte=now,
    )


def _held_by(person: str, entry: str) -> QuerySet[ConsentEntry]:
    """The opt-in that an image came under, if it is that person's and holds now."""
    return consent.grants().filter(number=OuterRef(entry), user=OuterRef(person))
