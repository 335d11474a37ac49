"""A worker that finishes late stores nothing and leaves nothing (promise 6)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from processing.jobs import results, run
from processing.jobs.claim import ClaimLost, claim_next
from processing.jobs.heartbeat import Heartbeat
from processing.jobs.reap import reap
from processing.jobs.run import run_next
from processing.models import Blob, Image, Job, JobState, Life, Reason, database_now
from processing.retention import erase
from processing.storage import BlobWriter, stored_names
from tests import cast
from tests.processing.jobs.conftest import During
from tests.processing.threads import apart, at_once


def lose_lease() -> None:
    Job.objects.update(lease_until=database_now() - timedelta(seconds=1))
    assert reap(database_now()) == 1


def take_over() -> None:
    """The lease runs out, and another worker does the whole job."""
    lose_lease()
    cast.finish(Image.objects.get())


def test_a_worker_that_was_overtaken_changes_nothing(owner: User, during: During) -> None:
    image = cast.submit(owner)
    during(take_over)
    run_next()
    job = Job.objects.get()
    assert (job.state, job.attempts, job.timings["total"]) == (JobState.DONE, 2, 12.5)
    assert len(stored_names(image.prefix)) == 5
    assert {blob.generation for blob in Blob.objects.exclude(kind="original")} == {2}


def test_a_worker_that_fails_late_does_not_fail_the_job_of_another(
    owner: User, during: During
) -> None:
    image = cast.submit(owner)

    def fail_after_losing() -> None:
        take_over()
        raise MemoryError

    during(fail_after_losing)
    run_next()
    assert Job.objects.get().state == JobState.DONE
    assert len(stored_names(image.prefix)) == 5


@pytest.mark.parametrize("stored", range(5))
def test_an_image_that_is_erased_while_its_job_runs_stays_erased(
    owner: User, monkeypatch: pytest.MonkeyPatch, stored: int
) -> None:
    """At every point: before the first result, between any two, and before the end."""
    image = cast.submit(owner)
    real, calls = results.store, 0

    def erase_after(*args: Any) -> None:
        nonlocal calls
        if calls == stored:
            erase.begin(image, database_now(), Reason.ASKED_FOR)
        calls += 1
        real(*args)
        if calls == stored == 4:
            erase.begin(image, database_now(), Reason.ASKED_FOR)

    monkeypatch.setattr(results, "store", erase_after)
    run_next()
    assert not Job.objects.exists()
    assert Image.objects.get().life == Life.ERASING
    assert stored_names(image.prefix) == []
    assert not Blob.objects.filter(stored=True, generation=1).exists()
    erase.finish(image, database_now() + erase.longest_job())
    assert cast.nothing_is_left()


def test_an_image_whose_rows_are_gone_already_leaves_nothing(owner: User, during: During) -> None:
    image = cast.submit(owner)

    def erase_wholly() -> None:
        erase.begin(image, database_now(), Reason.ASKED_FOR)
        erase.finish(image, database_now() + erase.longest_job())

    during(erase_wholly)
    run_next()
    assert cast.nothing_is_left()


def test_an_image_that_becomes_due_while_its_job_runs_gets_nothing_more(
    owner: User, during: During
) -> None:
    image = cast.submit(owner)
    during(lambda: cast.age(image, timedelta(hours=23)))
    run_next()
    assert [blob.kind for blob in Blob.objects.all()] == ["original"]
    assert len(stored_names(image.prefix)) == 1
    assert Job.objects.get().state == JobState.RUNNING  # The sweeper's to remove.


def test_a_lost_lease_is_noticed_before_anything_is_stored(
    owner: User, during: During, warm: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.submit(owner)

    def lose_and_beat() -> None:
        lose_lease()
        warm._beat()

    def never(*args: Any) -> None:
        raise AssertionError("stored for a lost claim")

    during(lose_and_beat)
    monkeypatch.setattr(results, "reserve", never)
    run_next()
    assert Job.objects.get().state == JobState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_what_a_late_worker_writes_after_the_erasers_look_is_removed_by_itself(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment: bytes written, erasing done in another process, then the lock."""
    image = cast.submit(owner)
    claim = claim_next(database_now())
    assert claim is not None
    image_key = image.open_key()
    results.reserve(claim, ["cutout.png"])
    finish = BlobWriter.finish

    def erase_just_before(writer: Any) -> None:
        apart(lambda: erase.begin(image, database_now(), Reason.ASKED_FOR))
        finish(writer)

    monkeypatch.setattr(BlobWriter, "finish", erase_just_before)
    with pytest.raises(ClaimLost):
        results.store(claim, image_key, "cutout.png", b"late")
    results.discard(claim)
    assert stored_names(image.prefix) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_erasing_and_storing_at_the_same_moment_never_leave_a_readable_blob(
    owner: User, turn: int
) -> None:
    image = cast.submit(owner)

    def work() -> None:
        run_next()

    at_once(work, lambda: erase.begin(image, database_now(), Reason.ASKED_FOR))
    row = Image.objects.get()
    assert row.life == Life.ERASING
    assert row.wrapped_key is None
    assert not Job.objects.exists()
    assert stored_names(image.prefix) == []
    erase.finish(row, database_now() + erase.longest_job())
    assert cast.nothing_is_left()


def test_the_log_says_that_a_job_was_taken_away(
    owner: User, during: During, caplog: pytest.LogCaptureFixture
) -> None:
    cast.submit(owner, name="secret.png")
    during(take_over)
    with caplog.at_level("INFO"):
        run_next()
    assert "was taken away" in caplog.text
    assert "secret" not in caplog.text
    assert run.log.name == "processing.jobs.run"
