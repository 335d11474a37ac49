"""Running a job: every end is recorded as the job's, and only what is stored is shown."""

import errno
from collections.abc import Callable
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.db.models import F

from accounts.models import User
from processing.engine import encode
from processing.engine.synthetic import SyntheticMatter
from processing.jobs import results, run
from processing.jobs.run import run_next
from processing.models import Blob, Image, Job, JobState
from processing.storage import destroy_epoch, read_blob, shred_blob, stored_names
from tests import cast, photos

NAME = "Grandma's secret island.png"


def only_the_original_is_left(image: Image) -> bool:
    kinds = [blob.kind for blob in Blob.objects.filter(image=image)]
    return kinds == ["original"] and len(stored_names(image.prefix)) == 1


def ended(code: str, attempts: int = 1) -> bool:
    job = Job.objects.get()
    assert (job.state, job.error_code, job.attempts) == (JobState.FAILED, code, attempts)
    return job.finished_at is not None and job.lease_until is None


def raise_in(place: str, error: BaseException, patch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    patch.setattr(run, place, fail)


def test_nothing_waits(db: None) -> None:
    assert run_next() is False


def test_a_job_that_is_done_has_its_results_and_its_facts(owner: User) -> None:
    image = cast.submit(owner, photos.draw(64, 48), NAME)
    assert run_next() is True
    job = Job.objects.get()
    assert (job.state, job.error_code, job.attempts) == (JobState.DONE, "", 1)
    assert (job.model, job.model_version) == ("synthetic", "1")
    assert job.lease_until is None
    assert job.finished_at is not None
    assert job.timings["total"] > 0
    assert {"open", "decode", "matte", *results.RESULT_KINDS} <= set(job.timings)
    blobs = {blob.kind: blob for blob in Blob.objects.all()}
    assert set(blobs) == {"original", *results.RESULT_KINDS}
    assert all(blob.stored for blob in blobs.values())
    for kind, blob in blobs.items():
        content = b"".join(read_blob(image.open_key(), image.prefix, blob.generation, kind))
        assert len(content) == blob.size
    image.refresh_from_db()
    assert (image.width, image.height) == (64, 48)


def test_a_photo_without_a_subject_fails_once_and_clearly(owner: User) -> None:
    image = cast.submit(owner, photos.draw_plain())
    run_next()
    assert ended("unknown_foreground")
    assert only_the_original_is_left(image)


def test_a_photo_whose_end_is_missing_fails_as_truncated(owner: User) -> None:
    image = cast.submit(owner, photos.draw(200, 200)[:-200])
    run_next()
    assert ended("truncated")
    assert only_the_original_is_left(image)


@pytest.mark.parametrize("place", ["cut_out", "encode"])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "out_of_memory"),
        (SoftTimeLimitExceeded(), "timed_out"),
    ],
)
def test_limits_end_a_job_at_once_with_their_code(
    owner: User, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception, code: str
) -> None:
    image = cast.submit(owner)
    raise_in(place, error, monkeypatch)
    run_next()
    assert ended(code)
    assert only_the_original_is_left(image)


def test_a_time_limit_that_strikes_in_the_model_is_told_as_one(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine takes every error in there for its own; the limit's comes out all the same."""
    cast.submit(owner)
    limit = SoftTimeLimitExceeded()

    def strike(matter: object, rgb: object) -> None:
        raise limit

    monkeypatch.setattr(SyntheticMatter, "predict", strike)
    run_next()
    assert ended("timed_out")


@pytest.mark.parametrize("stored", [0, 1, 3])
def test_an_unexpected_error_is_tried_three_times_and_leaves_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch, stored: int
) -> None:
    image = cast.submit(owner)
    calls = 0

    def fail_later(cutout: Any, kind: str) -> bytes:
        nonlocal calls
        calls += 1
        if calls > stored:
            calls = 0
            raise ZeroDivisionError
        return encode(cutout, kind)

    monkeypatch.setattr(run, "encode", fail_later)
    for attempt in (1, 2):
        run_next()
        job = Job.objects.get()
        assert (job.state, job.attempts, job.lease_until) == (JobState.QUEUED, attempt, None)
        assert only_the_original_is_left(image)
    run_next()
    assert ended("engine_failed", attempts=3)
    assert only_the_original_is_left(image)
    assert run_next() is False


def test_a_second_attempt_that_succeeds_leaves_one_set_of_results(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    with monkeypatch.context() as broken:
        raise_in("encode", ZeroDivisionError(), broken)
        run_next()
    run_next()
    assert Job.objects.get().state == JobState.DONE
    assert len(stored_names(image.prefix)) == 5
    assert {blob.generation for blob in Blob.objects.exclude(kind="original")} == {2}


def _lose_original(image: Image) -> None:
    shred_blob(image.prefix, 0, "original")


def _lose_key(image: Image) -> None:
    assert destroy_epoch(image.epoch)


def _break_row(image: Image) -> None:
    Image.objects.update(epoch=F("epoch") + 900)


@pytest.mark.parametrize("loss", [_lose_original, _lose_key, _break_row])
def test_an_original_that_cannot_be_opened_fails_at_once(
    owner: User, loss: Callable[[Image], None]
) -> None:
    image = cast.submit(owner)
    loss(image)
    run_next()
    assert ended("engine_failed")


@pytest.mark.parametrize("error", [ValueError(NAME), OSError(5, NAME), KeyError(NAME)])
def test_the_log_tells_the_kind_and_the_place_of_an_error_and_never_its_text(
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    cast.submit(owner, name=NAME)
    raise_in("cut_out", error, monkeypatch)
    with caplog.at_level("DEBUG"):
        for _ in range(3):
            run_next()
    assert type(error).__name__ in caplog.text
    assert "test_run.py:" in caplog.text
    assert "secret" not in caplog.text
    assert "Grandma" not in caplog.text


def test_results_can_be_seen_only_once_they_are_stored(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks while the job runs: what it is told of must be there, in the order made."""
    image = cast.submit(owner)
    client = cast.browser(owner)
    seen: list[list[str]] = []

    def look(cutout: Any, kind: str) -> bytes:
        links = client.get(f"/images/{image.pk}/", headers=cast.JSON).json()["links"]
        seen.append([name for name in links if name not in {"self", "original"}])
        assert all(client.get(links[name]).status_code == 200 for name in seen[-1])
        assert client.get(f"/images/{image.pk}/{kind}").status_code == 404
        return encode(cutout, kind)

    monkeypatch.setattr(run, "encode", look)
    run_next()
    assert [len(names) for names in seen] == [0, 1, 2, 3]
    assert seen[1] == ["preview"]
    assert Job.objects.get().state == JobState.DONE


def test_a_runtime_that_breaks_is_told_in_the_log_and_tried_three_times(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine calls it the photo's failure; a broken device would fail all in silence."""
    cast.submit(owner)

    def break_down(matter: object, rgb: object) -> None:
        raise RuntimeError("device lost")

    monkeypatch.setattr(SyntheticMatter, "predict", break_down)
    for _ in range(3):
        run_next()
    assert ended("engine_failed", attempts=3)
    assert caplog.text.count("RuntimeError at ") == 3
    assert "device lost" not in caplog.text


def test_a_full_disk_ends_the_job_with_its_reason(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    raise_in("encode", OSError(errno.ENOSPC, "no room"), monkeypatch)
    run_next()
    assert ended("storage_full")
    assert only_the_original_is_left(image)


def test_a_job_that_cannot_be_closed_is_run_again_with_its_results(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done without results, or results without an end: neither may last."""
    image = cast.submit(owner)
    with monkeypatch.context() as broken:
        broken.setattr(results, "_close", raise_once(OperationalError("locked"), results._close))
        run_next()
    assert Job.objects.get().state == JobState.QUEUED
    assert only_the_original_is_left(image)
    run_next()
    assert Job.objects.get().state == JobState.DONE
    assert Blob.objects.filter(image=image, stored=True).count() == 5


def test_a_storage_that_refuses_to_delete_does_not_hide_why_a_job_failed(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner, photos.draw(200, 200)[:-200])

    def refuse(*args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(results, "shred_blob", refuse)
    run_next()
    assert ended("truncated")
    assert not Blob.objects.filter(image=image, stored=True, generation=1).exists()


def raise_once(error: Exception, then: Callable[..., Any]) -> Callable[..., Any]:
    left = [error]

    def step(*args: Any, **kwargs: Any) -> Any:
        if left:
            raise left.pop()
        return then(*args, **kwargs)

    return step
