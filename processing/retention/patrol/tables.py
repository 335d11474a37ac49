"""What the tables themselves say, read anew: none of it is taken from what somebody noted."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import ConsentEntry
from processing.models import Arrival, Blob, Image, Job, JobState, Life
from processing.retention import deadlines, erase


def look(now: datetime) -> dict[str, float]:
    return {
        "without_deadline": without_deadline().count(),
        "kept_without_consent": kept_without_consent().count(),
        "stuck_erasing": stuck_erasing(now).count(),
        "orphan_rows": orphan_rows(),
    }


def without_deadline() -> "QuerySet[Image]":
    """Promise 1. Constraints of the database keep this empty; here nobody trusts them."""
    longest = deadlines.live_time(deadlines.LONGEST)
    return Image.objects.filter(
        Q(purge_at__isnull=True) | Q(purge_at__gt=F("received_at") + longest)
    )


def kept_without_consent() -> "QuerySet[Image]":
    """By the ledger, not by what the image says of itself: the entries under which it came have to
    be the latest of their people, and "on"."""
    return Image.objects.filter(kept=True).exclude(
        consent__on=True,
        owner_consent__on=True,
        consent_id=_latest_of("uploaded_by"),
        owner_consent_id=_latest_of("workspace__owner"),
    )


def _latest_of(person: str) -> Subquery:
    entries = ConsentEntry.objects.filter(user=OuterRef(person)).order_by("-number")
    return Subquery(entries.values("pk")[:1])


def stuck_erasing(now: datetime) -> "QuerySet[Image]":
    """No worker can be writing for them any more, and they are still not done with."""
    limit = now - settings.BUDGET.alarm
    began = Q(quiet_at__isnull=True, erasing_since__lt=limit - erase.longest_job())
    return Image.objects.filter(Q(quiet_at__lt=limit) | began, life=Life.ERASING)


def orphan_rows() -> int:
    """Blobs, jobs and arrivals without their image; jobs that wait for one that is being erased."""
    image = Image.objects.filter(pk=OuterRef("image_id"))
    waiting = Job.objects.filter(state=JobState.QUEUED, image__life=Life.ERASING)
    return (
        Blob.objects.filter(~Exists(image)).count()
        + Job.objects.filter(~Exists(image)).count()
        + Arrival.objects.filter(~Exists(image)).count()
        + waiting.count()
    )
