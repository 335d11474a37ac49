"""What Prometheus asks for. Nothing is counted in the memory of a process: every number is read
from the tables, the pulses and the key folder when it is asked for, so all web processes say the
same. docs/operations.md says what each means and what to do."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import ChainHead
from processing import health, storage
from processing.jobs import serving
from processing.jobs.load import WINDOW
from processing.jobs.reap import worker_up
from processing.models import Image, Job, JobState, Life, Pulse, database_now
from processing.retention import gates
from processing.retention.lateness import overdue

log = logging.getLogger(__name__)


def render() -> bytes:
    """Text in Prometheus' format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector())
    return generate_latest(registry)


class SiteCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _of_health(health.look())
        yield from _of_keys()
        try:
            numbers = list(_of_database())
        except DatabaseError as error:  # Told as an alarm already; a missing number is not a zero.
            log.warning("no numbers of the database: %s", type(error).__name__)
        else:
            yield from numbers


def _of_database() -> Iterator[Metric]:
    now, found = database_now(), gates.pulses()
    yield _gauge(
        "clock_skew_seconds", "This machine's clock to the database's.", gates.clock_skew()
    )
    yield from _of_sweeper(now, found.get("sweeper"))
    yield from _of_patrol(now, found.get("patrol"))
    yield from _of_tables(now)
    yield from _of_workers(now)


def _of_health(seen: health.Health) -> Iterator[Metric]:
    raised = {alarm.code: alarm.value for alarm in seen.alarms}
    alarms = GaugeMetricFamily(
        "bgerase_alarm", "What puts the promise at risk, by its code.", labels=["code"]
    )
    for code in health.CODES:
        alarms.add_metric([code], raised.get(code, 0))
    yield alarms
    yield _gauge("uploads_open", "1 while uploads are taken.", seen.open)


def _of_sweeper(now: datetime, pulse: Pulse | None) -> Iterator[Metric]:
    if pulse is None:
        return
    lag = max(0.0, (now - pulse.at).total_seconds())
    yield _gauge("sweep_lag_seconds", "Since the sweeper was last heard of.", lag)
    errors = CounterMetricFamily(
        "bgerase_erase_errors", "Times that a storage refused to delete.", labels=["storage"]
    )
    for name, number in (pulse.facts.get("erase_errors") or {}).items():
        errors.add_metric([name], number)
    yield errors


# Metric to the number of the patrol that it shows, and what it is.
_PATROLLED = {
    "oldest_object_age_seconds": (
        "oldest_object_seconds",
        "Age of the oldest stored object that no opt-in keeps, by the storage's own clock.",
    ),
    "objects": ("objects", "Stored objects."),
    "stored_bytes": ("stored_bytes", "Stored bytes."),
    "unknown_objects": ("unknown_objects", "Stored objects that no image knows of."),
    "missing_objects": ("missing_objects", "Recorded objects that are not stored."),
    "multipart_pending": ("multiparts_pending", "Multipart uploads that are not finished."),
    "queue_messages": ("messages", "Messages in the queue."),
    "images_without_deadline": ("without_deadline", "Always 0."),
    "training_items_without_consent": ("kept_without_consent", "Always 0."),
    "patrol_duration_seconds": ("seconds", "How long the last patrol took."),
}


def _of_patrol(now: datetime, pulse: Pulse | None) -> Iterator[Metric]:
    """Without a patrol there are no numbers of it: a missing one is not a zero."""
    if pulse is None:
        return
    lag = max(0.0, (now - pulse.at).total_seconds())
    yield _gauge("patrol_lag_seconds", "Since the patrol was last heard of.", lag)
    for name, (fact, words) in _PATROLLED.items():
        if fact in pulse.facts:
            yield _gauge(name, words, pulse.facts[fact])


def _of_tables(now: datetime) -> Iterator[Metric]:
    oldest = [images.aggregate(at=Min("purge_at"))["at"] for images in overdue(now)]
    since = min((moment for moment in oldest if moment), default=now)
    late = (now - since).total_seconds()
    yield _gauge("oldest_overdue_seconds", "Of what is due and not erased, the oldest.", late)
    yield _by("images", "life", Life.values, Image.objects.values_list("life"))
    yield _by("jobs", "state", JobState.values, Job.objects.values_list("state"))
    kept = Image.objects.filter(kept=True).count()
    yield _gauge("images_kept", "Images that a training opt-in keeps.", kept)
    yield _gauge("worker_up", "1 while a worker was heard of lately.", worker_up(now))
    receipts = ChainHead.objects.filter(name="receipts").first()
    written = CounterMetricFamily("bgerase_receipts", "Receipts of erased images.")
    written.add_metric([], receipts.number if receipts else 0)
    yield written


def _of_workers(now: datetime) -> Iterator[Metric]:
    """What the workers have said in their heartbeats, and what waits for them, by models."""
    beats, waits = serving.live_workers(now), serving.waiting()
    served = Counter(
        (asked or settings.MODEL, beat.provider) for beat in beats for asked in beat.serves
    )
    workers = _labelled("workers", "Live workers.", ["model", "provider"])
    for labels, number in sorted(served.items()):
        workers.add_metric(labels, number)
    yield workers
    waiting = _labelled("jobs_waiting", "Waiting jobs, by the model that they need.", ["model"])
    for model in sorted({*waits, "", *(asked for beat in beats for asked in beat.serves)}):
        waiting.add_metric([model or settings.MODEL], waits[model])
    yield waiting
    yield _gauge(
        "jobs_unserved",
        "Waiting jobs whose model no live worker serves.",
        serving.unserved(now).total(),
    )
    rate = _labelled("images_per_second", "Images that were run, last minute.", ["provider"])
    sizes = _labelled("batch_size", "Images in one run, on average, last minute.", ["provider"])
    for provider in sorted({beat.provider for beat in beats}):
        loads = [beat.load for beat in beats if beat.provider == provider]
        photos = sum(load.get("photos", 0) for load in loads)
        runs = sum(load.get("runs", 0) for load in loads)
        rate.add_metric([provider], photos / WINDOW)
        sizes.add_metric([provider], photos / runs if runs else 0)
    yield from (rate, sizes)


def _of_keys() -> Iterator[Metric]:
    yield _gauge("epoch_keys_alive", "Keys of expiry epochs.", len(storage.epochs_alive()))
    yield _gauge("grant_keys_alive", "Keys of training opt-ins.", len(storage.grants_alive()))


def _labelled(name: str, words: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bgerase_{name}", words, labels=labels)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bgerase_{name}", words, value=float(value))


def _by(name: str, label: str, values: list[str], rows: object) -> GaugeMetricFamily:
    """Rows counted by a column; 0 for a word of its list that no row has."""
    family = GaugeMetricFamily(f"bgerase_{name}", f"By {label}.", labels=[label])
    counted = dict(rows.annotate(number=Count("pk")).order_by())  # type: ignore[attr-defined]
    for value in values:
        family.add_metric([value], counted.get(value, 0))
    return family
