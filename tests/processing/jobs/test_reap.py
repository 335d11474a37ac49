"""Lost jobs come back: three times at most, without what the lost attempt had stored."""

from datetime import timedelta

import pytest

from accounts.models import User
from processing import tasks
from processing.jobs import reap as module
from processing.jobs.claim import LEASE
from processing.jobs.reap import reap, worker_up
from processing.jobs.serving import OVERLOOKED, SILENT, overlooked
from processing.models import Blob, Job, JobState, WorkerBeat, database_now
from processing.storage import stored_names
from tests import cast

TICK = timedelta(microseconds=1)


def after_lease() -> None:
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=database_now() - TICK)


def test_a_job_whose_lease_holds_is_left_alone(owner: User) -> None:
    claim = cast.start(cast.submit(owner))
    assert claim.job.lease_until is not None
    assert reap(claim.job.lease_until) == 0
    assert Job.objects.get().state == JobState.RUNNING
    assert reap(claim.job.lease_until + TICK) == 1


def test_a_lost_job_waits_again_and_what_it_stored_is_gone(owner: User) -> None:
    image = cast.submit(owner)
    cast.start(image)
    assert len(stored_names(image.prefix)) == 2
    after_lease()
    assert reap(database_now()) == 1
    job = Job.objects.get()
    assert (job.state, job.attempts, job.lease_until) == (JobState.QUEUED, 1, None)
    assert [blob.kind for blob in Blob.objects.all()] == ["original"]
    assert len(stored_names(image.prefix)) == 1
    assert reap(database_now()) == 0


def test_a_job_that_lost_three_workers_has_failed(owner: User) -> None:
    image = cast.submit(owner)
    for attempt in (1, 2, 3):
        assert cast.start(image).attempt == attempt
        after_lease()
        assert reap(database_now()) == 1
    job = Job.objects.get()
    assert (job.state, job.error_code, job.attempts) == (JobState.FAILED, "worker_lost", 3)
    assert job.finished_at is not None
    assert len(stored_names(image.prefix)) == 1
    assert reap(database_now() + timedelta(hours=1)) == 0


def test_a_reaper_that_lost_the_race_changes_nothing(owner: User) -> None:
    """The heartbeat came between its look and its lock."""
    cast.start(cast.submit(owner))
    found = Job.objects.get()
    assert not module._take_back(found, database_now())
    assert Job.objects.get().state == JobState.RUNNING


def test_a_storage_that_refuses_does_not_keep_the_other_jobs(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        cast.start(cast.submit(owner))
    after_lease()
    monkeypatch.setattr(module, "discard_generation", lambda job, generation: 1 / 0)
    assert reap(database_now()) == 3
    assert {job.state for job in Job.objects.all()} == {JobState.QUEUED}


def test_results_that_are_not_deleted_yet_are_not_read_any_more(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes a job back can die over it, too: the next attempt's set is the only one."""
    image = cast.submit(owner)
    cast.start(image)
    after_lease()
    monkeypatch.setattr(module, "discard_generation", lambda job, generation: None)
    assert reap(database_now()) == 1
    assert [blob.kind for blob in Blob.objects.filter(stored=True)] == ["original"]
    assert len(stored_names(image.prefix)) == 2


def test_a_worker_is_up_while_it_says_so(db: None) -> None:
    now = database_now()
    assert not worker_up(now)
    cast.start_worker()
    assert worker_up(now)
    assert not worker_up(now + SILENT + timedelta(seconds=1))


def test_workers_that_are_long_gone_are_forgotten(db: None) -> None:
    cast.start_worker()
    reap(database_now() + timedelta(minutes=59))
    assert WorkerBeat.objects.exists()
    reap(database_now() + timedelta(minutes=61))
    assert not WorkerBeat.objects.exists()


def test_a_job_is_overlooked_when_a_worker_is_there_and_it_waits(owner: User) -> None:
    cast.submit(owner)
    soon, late = database_now(), database_now() + OVERLOOKED + timedelta(seconds=1)
    assert not overlooked(late)  # Nobody is there to ring for.
    cast.start_worker()
    assert not overlooked(soon)
    assert overlooked(late)


def test_tending_rings_once_for_what_got_lost(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[int] = []
    monkeypatch.setattr(tasks, "ring", lambda model: rings.append(1))
    tasks.tend()
    cast.start(cast.submit(owner))
    tasks.tend()
    assert rings == []
    after_lease()
    tasks.tend()
    assert rings == [1]
    cast.start_worker()
    Job.objects.update(queued_at=database_now() - LEASE)
    tasks.tend()
    assert rings == [1, 1]
