"""Batches: one call of the model for several photos, and each job with an end of its own."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from processing.engine import cut_out
from processing.engine.errors import OutOfMemory
from processing.engine.synthetic import SyntheticMatter
from processing.jobs import batch, run
from processing.jobs.batch import claim_batch
from processing.jobs.claim import LEASE, ClaimLost
from processing.jobs.heartbeat import Heartbeat, Held
from processing.jobs.results import RESULT_KINDS
from processing.jobs.run import run_next
from processing.models import Blob, Job, JobState
from tests import cast, photos

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def four(settings: Settings) -> None:
    settings.BATCH = 4


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many photos each call of the model had."""
    made: list[int] = []
    predict = SyntheticMatter.predict

    def count(self: SyntheticMatter, some: Sequence[Any]) -> Any:
        made.append(len(some))
        return predict(self, some)

    monkeypatch.setattr(SyntheticMatter, "predict", count)
    return made


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Job.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_a_batch_is_one_call_and_every_job_is_done(
    owner: User, calls: list[int], warm: Heartbeat
) -> None:
    for side in (40, 64, 90, 30, 50):
        cast.submit(owner, photos.draw(side, side))
    assert run_next()
    assert calls == [4]
    assert states() == {"done": 4, "queued": 1}
    assert run_next()
    assert calls == [4, 1]
    assert not run_next()
    assert warm.load.facts() == {"runs": 2, "photos": 5}
    sizes = {(job.image.width, job.model) for job in Job.objects.select_related("image")}
    assert sizes == {(side, "synthetic") for side in (40, 64, 90, 30, 50)}
    kinds = len(RESULT_KINDS) + 1
    assert Blob.objects.filter(stored=True).count() == 5 * kinds


def test_results_are_those_of_a_job_alone(owner: User, settings: Settings) -> None:
    photo = photos.draw(80, 60)
    for _ in range(3):
        cast.submit(owner, photo)
    assert run_next()
    settings.BATCH = 1
    cast.submit(owner, photo)
    assert run_next()
    alone = dict(Blob.objects.filter(image__jobs__started_at=latest()).values_list("kind", "size"))
    for job in Job.objects.all():
        assert dict(job.image.blobs.values_list("kind", "size")) == alone


def latest() -> Any:
    return Job.objects.latest("started_at").started_at


def test_one_bad_photo_fails_alone(owner: User, calls: list[int]) -> None:
    for photo in (photos.draw(), photos.draw(200, 200)[:-200], photos.draw_plain(), photos.draw()):
        cast.submit(owner, photo)
    run_next()
    ends = Job.objects.order_by("queued_at").values_list("state", "error_code")
    assert list(ends) == [
        ("done", ""),
        ("failed", "truncated"),
        ("failed", "unknown_foreground"),
        ("done", ""),
    ]
    assert calls == [3]


def test_a_photo_that_breaks_the_model_breaks_it_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = SyntheticMatter.predict

    def break_at(self: SyntheticMatter, some: Sequence[Any]) -> Any:
        if any(photo.width == 33 for photo in some):
            raise RuntimeError("a shape that it cannot take")
        return predict(self, some)

    monkeypatch.setattr(SyntheticMatter, "predict", break_at)
    for side in (40, 33, 50):
        cast.submit(owner, photos.draw(side, side))
    run_next()
    assert states() == {"done": 2, "queued": 1}
    assert run_next()
    assert run_next()
    assert states() == {"done": 2, "failed": 1}


def test_a_job_that_is_taken_away_takes_no_other_with_it(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [cast.submit(owner, photos.draw(side, side)) for side in (40, 50, 60)]

    def lose_meanwhile(photo: bytes, *args: Any) -> Any:
        cutout = cut_out(photo, *args)
        if cutout.width == 50:
            Job.objects.filter(image=images[1]).update(attempts=2)
        return cutout

    monkeypatch.setattr(run, "cut_out", lose_meanwhile)
    run_next()
    jobs = {job.image_id: job.state for job in Job.objects.all()}
    assert [jobs[image.pk] for image in images] == ["done", "running", "done"]
    assert list(Blob.objects.filter(image=images[1]).values_list("kind", flat=True)) == ["original"]


@pytest.mark.parametrize("error", [MemoryError, OutOfMemory])
def test_what_has_no_room_beside_others_is_tried_again_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception], calls: list[int]
) -> None:
    running = threading.active_count()

    def need_all_of_it(*args: Any) -> Any:
        if threading.active_count() > running:
            raise error
        return cut_out(*args)

    monkeypatch.setattr(run, "cut_out", need_all_of_it)
    for _ in range(3):
        cast.submit(owner)
    run_next()
    assert states() == {"queued": 3}
    assert {job.attempts for job in Job.objects.all()} == {1}
    while run_next():
        pass
    assert states() == {"done": 3}
    assert calls == [1, 1, 1]


def test_out_of_memory_alone_is_an_end(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.submit(owner)
    monkeypatch.setattr(run, "cut_out", raising(MemoryError()))
    run_next()
    assert Job.objects.get().error_code == "out_of_memory"


def raising(error: BaseException) -> Any:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    return fail


def test_when_time_runs_out_what_is_not_done_is_tried_again_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit strikes in the process's first thread, which waits for the others."""
    slow, struck = threading.Event(), threading.Event()

    def hold_up(photo: bytes, *args: Any) -> Any:
        cutout = cut_out(photo, *args)
        if cutout.width == 50:
            assert slow.wait(10)
        return cutout

    join = batch._join

    def strike(threads: Sequence[threading.Thread]) -> None:
        if struck.is_set():
            slow.set()
            return join(threads)
        struck.set()
        while Job.objects.filter(state=JobState.DONE).count() < 2:
            time.sleep(0.01)
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(run, "cut_out", hold_up)
    monkeypatch.setattr(batch, "_join", strike)
    for side in (40, 50, 60):
        cast.submit(owner, photos.draw(side, side))
    run_next()
    assert states() == {"done": 2, "queued": 1}
    assert Blob.objects.filter(image__jobs__state="queued").count() == 1
    assert run_next()
    assert states() == {"done": 3}


def test_only_first_attempts_of_one_model_run_together(owner: User, settings: Settings) -> None:
    settings.MODELS = ["synthetic", "synthetic-detailed"]
    again, *others = (cast.submit(owner) for _ in range(3))
    cast.submit(owner, model="synthetic-detailed")
    Job.objects.filter(image=again).update(attempts=1)
    serves = ["", "synthetic-detailed"]
    (alone,) = claim_batch(serves, lambda first: 4)
    assert (alone.image, alone.together) == (again, False)
    pair = claim_batch(serves, lambda first: 4)
    assert [claim.image for claim in pair] == others
    assert {claim.together for claim in pair} == {True}
    (last,) = claim_batch(serves, lambda first: 4)
    assert last.job.model_asked == "synthetic-detailed"
    assert claim_batch(serves, lambda first: 4) == []


def test_it_waits_a_moment_for_more_and_no_longer(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.submit(owner)
    naps: list[float] = []

    def arrive_meanwhile(seconds: float) -> None:
        naps.append(seconds)
        cast.submit(owner)

    monkeypatch.setattr(batch, "time", Clock(arrive_meanwhile))
    assert len(claim_batch([""], lambda first: 4)) == 2
    assert len(naps) == 1
    assert sum(naps) <= batch.WAIT == 0.02


class Clock:
    """A monotonic clock that only goes on while it is slept by."""

    def __init__(self, while_asleep: Any) -> None:
        self._now, self._while_asleep = 100.0, while_asleep

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._while_asleep(seconds)
        self._now += seconds


def test_leases_of_all_are_kept_and_only_the_lost_one_is_told(owner: User, warm: Heartbeat) -> None:
    first, second = (cast.submit(owner) for _ in range(2))
    claims = claim_batch([""], lambda one: 4)
    warm.watch(*claims)
    Job.objects.update(lease_until=None)
    Job.objects.filter(image=second).update(attempts=2)
    warm._beat()
    assert Job.objects.get(image=first).lease_until is not None
    held = [Held(claim, warm) for claim in claims]
    held[0].check()
    with pytest.raises(ClaimLost):
        held[1].check()


def test_connections_of_the_threads_are_closed(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def note(*args: Any) -> Any:
        seen.append(connection.connection)
        return cut_out(*args)

    monkeypatch.setattr(run, "cut_out", note)
    cast.submit(owner), cast.submit(owner)
    run_next()
    assert len(seen) == 2
    assert connection.connection not in seen
    for one in seen:
        with pytest.raises(Exception, match="closed"):
            one.execute("SELECT 1")


def test_a_lease_is_long_against_the_wait() -> None:
    assert timedelta(seconds=batch.WAIT + batch.PATIENCE) * 10 < LEASE
