"""Claiming: each job is one worker's, and a worker that lost it can change nothing any more."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from processing.jobs.claim import LEASE, Claim, ClaimLost, claim_next, extend, lock
from processing.models import Image, Job, JobState, Life, Reason, database_now
from processing.retention import erase
from tests import cast
from tests.processing.threads import at_once


def claimed() -> Claim:
    claim = claim_next(database_now())
    assert claim is not None
    return claim


def test_a_claim_is_running_with_a_lease_and_a_count(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    claim = claim_next(now)
    assert claim is not None
    assert (claim.image, claim.attempt) == (image, 1)
    job = Job.objects.get()
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    assert (job.lease_until, job.started_at) == (now + LEASE, now)
    assert claim_next(now) is None


def test_the_oldest_waiting_job_is_first(owner: User) -> None:
    images = [cast.submit(owner) for _ in range(3)]
    Job.objects.filter(image=images[1]).update(queued_at=database_now() - timedelta(hours=1))
    order = [claimed().image for _ in range(3)]
    assert order == [images[1], images[0], images[2]]


@pytest.mark.parametrize("life", [Life.RECEIVING, "due"])
def test_nothing_is_claimed_for_an_image_that_is_not_live(owner: User, life: str) -> None:
    image = cast.submit(owner)
    if life == "due":
        cast.age(image, timedelta(hours=24))
    else:
        Image.objects.update(life=life)
    assert claim_next(database_now()) is None


def test_what_an_opt_in_keeps_is_worked_on_past_its_deadline(owner: User) -> None:
    """After a night without a worker, say: it can be read, and would wait for ever."""
    cast.opt_in(owner)
    kept = cast.submit(owner)
    cast.age(kept, timedelta(hours=25))
    claim = claim_next(database_now())
    assert claim is not None
    with transaction.atomic():
        assert lock(claim, database_now()) == claim.job
    cast.opt_out(owner)
    with transaction.atomic(), pytest.raises(ClaimLost):
        lock(claim, database_now())
    Job.objects.update(state=JobState.QUEUED)
    assert claim_next(database_now()) is None


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_claim_each_job_once(owner: User) -> None:
    images = {cast.submit(owner).pk for _ in range(12)}

    def claim_all() -> list[Claim]:
        return list(iter(lambda: claim_next(database_now()), None))

    claims = [claim for some in at_once(*[claim_all] * 4) for claim in some]
    assert len(claims) == 12
    assert {claim.image.pk for claim in claims} == images
    assert {claim.attempt for claim in claims} == {1}


def test_a_job_that_is_gone_between_look_and_claim_is_passed_over(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from processing.jobs import claim as module

    first, second = cast.submit(owner), cast.submit(owner)
    take = module._take
    monkeypatch.setattr(
        module,
        "_take",
        lambda *args: (Job.objects.filter(image=first).delete(), take(*args))[1],
    )
    assert claimed().image == second


def test_a_heartbeat_extends_the_lease_of_the_latest_attempt_only(owner: User) -> None:
    cast.submit(owner)
    first = claimed()
    later = database_now() + timedelta(seconds=10)
    assert extend(first, later)
    assert Job.objects.get().lease_until == later + LEASE
    Job.objects.update(state=JobState.QUEUED)
    assert not extend(first, later)
    second = claimed()
    assert not extend(first, later + LEASE)
    assert extend(second, later)
    assert Job.objects.get().lease_until == later + LEASE


def test_the_lock_holds_for_the_claim_that_lives(owner: User) -> None:
    cast.submit(owner)
    claim = claimed()
    with transaction.atomic():
        assert lock(claim, database_now()) == claim.job


def _condemn() -> None:
    """Being erased, with its job still there: what the lock is to refuse by itself."""
    job = Job.objects.get()
    erase.condemn(job.image, database_now(), Reason.ASKED_FOR)
    job.save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Job.objects.update(attempts=2),
        lambda: Job.objects.update(state=JobState.QUEUED),
        lambda: Job.objects.update(state=JobState.DONE),
        lambda: Job.objects.all().delete(),
        _condemn,
        lambda: cast.age(Image.objects.get(), timedelta(hours=23)),
    ],
    ids=["taken over", "given back", "done", "no job", "being erased", "due"],
)
def test_the_lock_refuses_a_claim_that_is_over(owner: User, change: object) -> None:
    cast.submit(owner)
    claim = claimed()
    assert callable(change)
    change()
    with pytest.raises(ClaimLost), transaction.atomic():
        lock(claim, database_now())


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_of_no_use_outside_a_transaction(owner: User) -> None:
    cast.submit(owner)
    claim = claimed()
    with pytest.raises(AssertionError):
        lock(claim, database_now())
