"""Which worker may run which job. A job asks for a model by name, or with "" for the site's own;
a worker says in its heartbeat what it serves, in the same words."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from processing.models import Job, JobState, WorkerBeat

SILENT = timedelta(seconds=20)
OVERLOOKED = timedelta(seconds=4)
UNSERVED = timedelta(minutes=1)


def served_here() -> list[str]:
    """What a worker with these settings serves."""
    own = [""] if settings.MODEL in settings.MODELS else []
    return own + [name for name in settings.MODELS if name != settings.MODEL]


def live_workers(now: datetime) -> list[WorkerBeat]:
    return list(WorkerBeat.objects.filter(seen_at__gt=now - SILENT))


def served_by(workers: Iterable[WorkerBeat]) -> set[str]:
    return {asked for beat in workers for asked in beat.serves}


def served_anywhere(now: datetime) -> set[str]:
    return served_by(live_workers(now))


def next_asked() -> str | None:
    """What the oldest of the waiting jobs that could run here asks for."""
    jobs = Job.objects.filter(state=JobState.QUEUED, model_asked__in=served_here())
    return jobs.order_by("queued_at").values_list("model_asked", flat=True).first()


def waiting(until: datetime | None = None) -> Counter[str]:
    """How many jobs wait for each model; only those in the queue since before `until`."""
    jobs = Job.objects.filter(state=JobState.QUEUED)
    jobs = jobs.filter(queued_at__lt=until) if until is not None else jobs
    return Counter(jobs.values_list("model_asked", flat=True))


def overlooked(now: datetime) -> list[str]:
    """Models that jobs have waited for so long that their message can be lost, with a worker there
    that could have run them."""
    served = served_anywhere(now)
    return sorted(set(waiting(until=now - OVERLOOKED)) & served)


def unserved(now: datetime, for_longer_than: timedelta = timedelta(0)) -> Counter[str]:
    """Jobs that wait for a model that no live worker serves. They wait until one does, or until
    their image is erased: nothing but the operator can help."""
    served = served_anywhere(now)
    found = waiting(until=now - for_longer_than if for_longer_than else None)
    return Counter({asked: number for asked, number in found.items() if asked not in served})
