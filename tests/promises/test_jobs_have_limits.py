"""Time and memory limits that really end a job, and leave a worker that serves the next one."""

from pathlib import Path

import pytest

from accounts.models import User
from processing.models import Image, Job, JobState
from processing.storage import stored_names
from tests import cast
from tests.promises.processes import (
    CELERY,
    PLAN,
    SWEEPER,
    Part,
    plan,
    running,
    wait_until,
    wait_until_ended,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.database]
LIMITS = {"JOB_SECONDS": "6", "WORKER_MEMORY_MB": "700"}


def only_the_original_is_left(image: Image) -> bool:
    kinds = set(image.blobs.values_list("kind", flat=True))
    return kinds == {"original"} and len(stored_names(image.prefix)) == 1


def serves_the_next_one(owner: User, worker: Part, *, same_process: bool, child: int) -> bool:
    PLAN.unlink()
    failed = set(Job.objects.values_list("pk", flat=True))
    cast.submit(owner)
    wait_until(
        lambda: Job.objects.exclude(pk__in=failed).get().state == JobState.DONE, 40, "the next one"
    )
    assert worker.process.poll() is None
    return (worker.children() == [child]) is same_process


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [("cut_out:spin", "timed_out"), ("mask.png:spin", "timed_out"), ("cut_out:allocate", "memory")],
)
def test_a_job_beyond_its_limit_ends_with_its_reason(
    owner: User, tmp_path: Path, behaviour: str, code: str
) -> None:
    plan(behaviour)
    image = cast.submit(owner)
    with running(SWEEPER, tmp_path, **LIMITS), running(CELERY, tmp_path, **LIMITS) as worker:
        wait_until(PLAN.with_name("reached").exists, 60, "the engine works")
        (child,) = worker.children()
        job = wait_until_ended(15)
        assert (job.state, job.attempts) == (JobState.FAILED, 1)
        assert code in job.error_code
        # The job has failed first: what it had stored is removed after that.
        wait_until(lambda: only_the_original_is_left(image), 10, "its results are removed")
        assert serves_the_next_one(owner, worker, same_process=True, child=child)


def test_a_job_that_hangs_in_c_is_killed_and_fails_after_its_attempts(
    owner: User, tmp_path: Path
) -> None:
    plan("preview.webp:hang")
    image = cast.submit(owner)
    Job.objects.update(attempts=2)  # Twice before, so that this test ends soon.
    with running(SWEEPER, tmp_path, **LIMITS), running(CELERY, tmp_path, **LIMITS) as worker:
        wait_until(PLAN.with_name("reached").exists, 60, "the engine works")
        (child,) = worker.children()
        job = wait_until_ended(60)
        assert (job.state, job.attempts, job.error_code) == (JobState.FAILED, 3, "worker_lost")
        # The job has failed first: what it had stored is removed after that.
        wait_until(lambda: only_the_original_is_left(image), 10, "its results are removed")
        assert serves_the_next_one(owner, worker, same_process=False, child=child)
