"""Batches and several models, with real Celery workers: every job ends where it can be run."""

import os
import signal
from pathlib import Path

import pytest

from accounts.models import User
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, Job, JobState, WorkerBeat
from processing.storage import stored_names
from tests import cast
from tests.promises.processes import CELERY, PLAN, SWEEPER, plan, running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.database]
STARTED = 60.0  # Seconds that a worker on a busy machine has for being up.
DETAILED = "synthetic-detailed"


def all_done() -> bool:
    return set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def one_set_of_results(image: Image) -> bool:
    blobs = Blob.objects.filter(image=image).exclude(kind="original")
    assert len({blob.generation for blob in blobs}) == 1
    assert all(blob.stored for blob in blobs)
    return len(stored_names(image.prefix)) == 1 + len(RESULT_KINDS) == 1 + len(blobs)


def test_a_batch_whose_process_is_killed_costs_each_of_its_jobs_an_attempt(
    owner: User, tmp_path: Path
) -> None:
    images = [cast.submit(owner) for _ in range(4)]
    plan("mask.png:sleep")
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path, BATCH="4") as worker:
        wait_until(PLAN.with_name("reached").exists, STARTED, "the engine works")
        assert set(Job.objects.values_list("state", "attempts")) == {(JobState.RUNNING, 1)}
        (child,) = worker.children()
        PLAN.unlink()
        os.kill(child, signal.SIGKILL)
        wait_until(all_done, 90, "all jobs end")
        assert set(Job.objects.values_list("attempts", flat=True)) == {2}
        assert all(one_set_of_results(image) for image in images)


def test_a_batch_that_runs_out_of_time_is_tried_again_one_by_one(
    owner: User, tmp_path: Path
) -> None:
    images = [cast.submit(owner) for _ in range(3)]
    plan("cut_out:nap")
    limits = {"JOB_SECONDS": "6", "BATCH": "4"}
    with running(SWEEPER, tmp_path), running(CELERY, tmp_path, **limits):
        wait_until(PLAN.with_name("reached").exists, STARTED, "the engine works")
        wait_until(
            lambda: set(Job.objects.values_list("state", flat=True)) == {JobState.QUEUED},
            20,
            "the limit strikes",
        )
        PLAN.unlink()
        wait_until(all_done, 90, "all jobs end")
        assert set(Job.objects.values_list("attempts", flat=True)) == {2}
        assert all(one_set_of_results(image) for image in images)


def test_a_job_waits_for_a_worker_that_serves_its_model_and_is_run_at_once(
    owner: User, tmp_path: Path
) -> None:
    """Without the sweeper, which would ring again: each bell reaches whoever can hear it."""
    other = tmp_path / "other"
    other.mkdir()
    serves = {"MODEL": "synthetic", "MODELS": DETAILED}
    with running(CELERY, tmp_path, MODEL="synthetic"):
        wait_until(WorkerBeat.objects.exists, STARTED, "a worker is up")
        with running(CELERY, other, **serves) as second:
            wait_until(lambda: WorkerBeat.objects.count() == 2, STARTED, "both are up")
            for model in (DETAILED, "", DETAILED, ""):
                cast.submit(owner, model=model)
            wait_until(all_done, 30, "each is run by the one that serves it")
            second.kill()
        waiting = cast.submit(owner, model=DETAILED)
        usual = cast.submit(owner)
        wait_until(lambda: Job.objects.get(image=usual).state == JobState.DONE, 30, "the usual one")
        assert Job.objects.get(image=waiting).state == JobState.QUEUED
        with running(CELERY, other, **serves):
            wait_until(all_done, STARTED, "it is found by the worker that serves it")
    assert set(Job.objects.values_list("model_asked", "model")) == {
        ("", "synthetic"),
        (DETAILED, DETAILED),
    }
