"""The heartbeat says that a worker lives, keeps its lease, and notices when it was taken away."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.db import DatabaseError, InterfaceError, OperationalError

from accounts.models import User
from processing.engine import load_matter
from processing.jobs import heartbeat as module
from processing.jobs import warm as warm_module
from processing.jobs.claim import LEASE, ClaimLost, claim_next
from processing.jobs.heartbeat import Heartbeat
from processing.jobs.reap import worker_up
from processing.jobs.shelf import Shelf
from processing.models import Job, WorkerBeat, database_now
from tests import cast
from tests.processing.threads import apart


def test_a_beat_says_what_the_worker_runs(db: None, warm: Heartbeat) -> None:
    warm._beat()
    warm._beat()
    beat = WorkerBeat.objects.get()
    assert (beat.model, beat.model_version, beat.provider) == ("synthetic", "1", "none")
    assert (beat.serves, beat.load) == ([""], {"runs": 0, "photos": 0})
    assert worker_up(database_now())


def test_a_beat_keeps_the_lease(owner: User, warm: Heartbeat) -> None:
    cast.submit(owner)
    claim = claim_next(database_now() - timedelta(seconds=15))
    warm.watch(claim)
    before = database_now()
    warm._beat()
    lease_until = Job.objects.get().lease_until
    assert lease_until is not None
    assert lease_until >= before + LEASE
    warm.check()


def test_a_job_that_was_taken_away_is_noticed_at_the_next_beat(
    owner: User, warm: Heartbeat
) -> None:
    cast.submit(owner)
    warm.watch(claim_next(database_now()))
    Job.objects.update(attempts=2)
    warm.check()
    warm._beat()
    with pytest.raises(ClaimLost):
        warm.check()
    warm.watch(None)
    warm._beat()
    warm.check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [DatabaseError, OperationalError, InterfaceError, MemoryError])
def test_a_heart_goes_on_beating_when_the_database_was_away(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.01)
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        if beats < 3:
            raise error("holiday.jpg")

    heart = Heartbeat("synthetic", "1", "none")
    monkeypatch.setattr(heart, "_beat", beat)
    heart.start()
    while beats < 5 and heart.is_alive():
        time.sleep(0.01)
    alive = heart.is_alive()
    heart._stopping.set()
    heart.join()
    assert alive
    assert "holiday" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_heart_that_is_stopped_signs_off(monkeypatch: pytest.MonkeyPatch) -> None:
    heart = Heartbeat("synthetic", "1", "none")
    heart.start()
    deadline = time.monotonic() + 10
    while not apart(WorkerBeat.objects.exists) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert worker_up(database_now())
    heart.stop()
    assert not WorkerBeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_heart_that_has_stopped_is_started_again_with_the_next_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it every job of this worker would be taken away, three times."""
    matter = load_matter("synthetic", site.MODELS_DIR, device="cpu", threads=1)
    dead = Heartbeat(matter.name, matter.version, matter.provider)
    monkeypatch.setattr(warm_module, "_shelf", Shelf(lambda name: matter, lambda name: 0, room=0))
    monkeypatch.setattr(warm_module, "_heartbeat", dead)
    _, heartbeat = warm_module.warm()
    assert heartbeat is not dead
    assert heartbeat.is_alive()
    assert warm_module.warm()[1] is heartbeat
    heartbeat.stop()
    assert not WorkerBeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_with_the_heart_the_second_hand_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys die in a worker, too, also when its heart cannot reach the database."""
    started: list[str] = []
    monkeypatch.setattr("processing.retention.second_hand.start", lambda: started.append("hand"))
    monkeypatch.setattr(module, "EVERY", 0.01)
    heart = Heartbeat("synthetic", "1", "none")
    heart.start()
    assert started == ["hand"]
    heart.stop()
