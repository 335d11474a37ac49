"""Whatever dies, every job ends: done once, or failed with a reason, and nothing else is left.

With the real Celery worker and the real sweeper's loop, on the database and the broker of the run.
"""

import os
import signal
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from processing import tasks
from processing.jobs.reap import worker_up
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, Job, JobState, database_now
from processing.storage import stored_names
from tests import cast
from tests.promises.processes import (
    CELERY,
    PLAN,
    SWEEPER,
    plan,
    running,
    wait_until,
    wait_until_ended,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.database]
STARTED = 60.0  # Seconds that a worker on a busy machine has for being up.


def one_set_of_results(image: Image, attempt: int) -> bool:
    """Exactly one set, and nothing else stored under the image's prefix."""
    blobs = Blob.objects.filter(image=image).exclude(kind="original")
    assert {blob.generation for blob in blobs} == {attempt}
    assert all(blob.stored for blob in blobs)
    assert len(blobs) == len(RESULT_KINDS)
    return len(stored_names(image.prefix)) == 1 + len(RESULT_KINDS)


def in_mid_job(image: Image, stored: int) -> bool:
    """The engine is where the plan stops it, with `stored` results stored before."""
    there = PLAN.with_name("reached").exists()
    return there and Blob.objects.filter(image=image, generation=1, stored=True).count() == stored


def lose_messages() -> None:
    if settings.BROKER_URL.startswith("redis://"):
        from redis import Redis

        with Redis.from_url(settings.BROKER_URL) as redis:
            redis.flushdb()
        return
    for path in (settings.DATA_DIR / "broker" / "messages").iterdir():
        path.unlink()


@pytest.mark.parametrize(("stage", "stored"), [("cut_out", 0), ("cutout.png", 3)])
def test_a_killed_worker_process_costs_an_attempt_and_not_the_job(
    owner: User, tmp_path: Path, stage: str, stored: int
) -> None:
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path) as worker:
        plan(f"{stage}:sleep")
        image = cast.submit(owner)
        wait_until(lambda: in_mid_job(image, stored), STARTED, "the engine works")
        (child,) = worker.children()
        PLAN.unlink()
        os.kill(child, signal.SIGKILL)
        job = wait_until_ended(60)
        assert (job.state, job.attempts) == (JobState.DONE, 2)
        assert one_set_of_results(image, attempt=2)
        assert worker.process.poll() is None
        assert worker.children() != [child]


def test_a_killed_group_goes_on_where_it_was_after_its_restart(owner: User, tmp_path: Path) -> None:
    with running(SWEEPER, tmp_path) as sweeper, running(CELERY, tmp_path) as worker:
        plan("cutout.png:sleep")
        image = cast.submit(owner)
        wait_until(lambda: in_mid_job(image, 3), STARTED, "the engine works")
        worker.kill()
        sweeper.kill()
        PLAN.unlink()
    assert len(stored_names(image.prefix)) == 4
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path):
        job = wait_until_ended(60)
        assert (job.state, job.attempts) == (JobState.DONE, 2)
        assert one_set_of_results(image, attempt=2)


def test_a_lost_message_costs_seconds_and_not_the_job(owner: User, tmp_path: Path) -> None:
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path):
        wait_until(lambda: worker_up(database_now()), STARTED, "the worker is up")
        warm = cast.submit(owner)
        wait_until_ended(STARTED)
        for blob in (Blob, Job):
            blob.objects.filter(image=warm).delete()
        with pytest.MonkeyPatch.context() as lost:
            lost.setattr(tasks, "ring", lambda model="": None)
            image = cast.submit(owner)
        job = wait_until_ended(30)
        assert (job.state, job.attempts) == (JobState.DONE, 1)
        assert one_set_of_results(image, attempt=1)


def test_messages_that_are_lost_with_their_broker_are_not_missed(
    owner: User, tmp_path: Path
) -> None:
    """The broker's folder or database is emptied while everything is down, and while it runs."""
    image = cast.submit(owner)
    lose_messages()
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path):
        assert wait_until_ended(60).state == JobState.DONE
        assert one_set_of_results(image, attempt=1)
        Blob.objects.all().delete()
        Job.objects.all().delete()
        lose_messages()
        again = cast.submit(owner)
        assert wait_until_ended(30).state == JobState.DONE
        assert one_set_of_results(again, attempt=1)


def test_with_the_worker_down_a_photo_is_taken_and_waits(owner: User, tmp_path: Path) -> None:
    client = cast.browser(owner)
    with running(SWEEPER, tmp_path):
        image = cast.submit(owner)
        state = client.get(f"/images/?ids={image.pk}", headers=cast.JSON).json()
        assert state["worker_up"] is False
        assert state["images"][0]["state"] == "queued"
        with running(CELERY, tmp_path):
            assert wait_until_ended(60).state == JobState.DONE
            state = client.get(f"/images/?ids={image.pk}", headers=cast.JSON).json()
            assert state["worker_up"] is True
            assert state["images"][0]["state"] == "done"


def test_a_worker_that_is_asked_to_end_signs_off(owner: User, tmp_path: Path) -> None:
    with running(CELERY, tmp_path) as worker:
        wait_until(lambda: worker_up(database_now()), STARTED, "the worker is up")
        worker.process.terminate()
        assert worker.process.wait(20) == 0
    assert not worker_up(database_now())
