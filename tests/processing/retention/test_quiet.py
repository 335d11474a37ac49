"""From when on nobody can be writing for an image: only then its absence proves anything."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from processing.flows.submit import Upload
from processing.jobs import claim
from processing.jobs.reap import reap
from processing.models import Image, Job, JobState, Life, Reason, database_now
from processing.retention import erase
from tests import cast, photos
from tests.processing.threads import apart

LONGEST = erase.longest_job()
MINUTE = timedelta(minutes=1)


def quiet_at(image: Image, now: datetime, *, by_uploader: bool = False) -> datetime | None:
    erase.condemn(image, now, Reason.ASKED_FOR, by_uploader=by_uploader)
    return Image.objects.get(pk=image.pk).quiet_at


def lose_the_worker() -> None:
    Job.objects.filter(state=JobState.RUNNING).update(
        lease_until=database_now() - timedelta(seconds=1)
    )
    reap(database_now())


def waiting(owner: User) -> Image:
    return cast.submit(owner)


def done(owner: User) -> Image:
    return cast.finish(cast.submit(owner))


def failed(owner: User) -> Image:
    image = cast.submit(owner)
    cast.fail(image, "no_subject")
    return image


def without_a_job(owner: User) -> Image:
    image = cast.submit(owner)
    Job.objects.all().delete()
    return image


@pytest.mark.parametrize("state", [waiting, done, failed, without_a_job])
def test_at_once_where_no_worker_has_it(owner: User, state: Callable[[User], Image]) -> None:
    image, now = state(owner), database_now()
    assert quiet_at(image, now) == now


def test_after_the_longest_job_where_a_worker_has_it(owner: User) -> None:
    image = cast.submit(owner)
    cast.start(image)
    now = database_now() + MINUTE
    assert quiet_at(image, now) == now + LONGEST


def test_a_worker_that_was_thought_dead_is_waited_for_from_its_start_on(owner: User) -> None:
    """It is silent, which does not say that it has stopped."""
    image = cast.submit(owner)
    cast.start(image)
    lose_the_worker()
    job = Job.objects.get()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert job.started_at
    assert quiet_at(image, job.started_at + MINUTE) == job.started_at + LONGEST


@pytest.mark.parametrize("end", [cast.finish, lambda image: cast.fail(image, "no_subject")])
def test_an_earlier_worker_is_waited_for_when_a_later_one_has_done_the_job(
    owner: User, end: Callable[[Image], object]
) -> None:
    image = cast.submit(owner)
    cast.start(image)
    lose_the_worker()
    end(image)
    job = Job.objects.get()
    assert job.attempts == 2
    assert job.started_at
    assert quiet_at(image, job.started_at + MINUTE) == job.started_at + LONGEST


def test_nobody_is_waited_for_whose_limit_is_long_past(owner: User) -> None:
    image = cast.submit(owner)
    cast.start(image)
    lose_the_worker()
    now = database_now() + LONGEST + MINUTE
    assert quiet_at(image, now) == now


def test_a_job_that_lost_its_last_worker_is_waited_for(owner: User) -> None:
    image = cast.submit(owner)
    for _ in range(3):
        claim.claim_next(database_now())
        lose_the_worker()
    job = Job.objects.get()
    assert job.state == JobState.FAILED
    assert job.started_at
    assert quiet_at(image, job.started_at) == job.started_at + LONGEST


def arriving(owner: User) -> tuple[Upload, Image]:
    upload = Upload(cast.sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    return upload, Image.objects.get(life=Life.RECEIVING)


def test_an_upload_that_still_arrives_is_waited_for_until_it_stops(owner: User) -> None:
    upload, image = arriving(owner)
    now = database_now()
    assert quiet_at(image, now) == now + LONGEST
    upload.abandon()
    assert cast.nothing_is_left()


def test_whoever_takes_an_image_back_does_not_speak_for_its_worker(owner: User) -> None:
    image = cast.submit(owner)
    cast.start(image)
    now = database_now()
    assert quiet_at(image, now, by_uploader=True) == now + LONGEST
    assert quiet_at(image, now + MINUTE, by_uploader=True) == now + LONGEST


def test_whoever_sends_it_knows_that_it_has_stopped(owner: User) -> None:
    upload, image = arriving(owner)
    assert upload._writer
    upload._writer.abandon()
    now = database_now()
    assert quiet_at(image, now, by_uploader=True) == now


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_claims_it_this_moment_is_seen_or_finds_it_gone(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    assert apart(lambda: claim.claim_next(database_now())) is not None
    assert quiet_at(image, now) == now + LONGEST
    assert apart(lambda: claim.claim_next(database_now())) is None
