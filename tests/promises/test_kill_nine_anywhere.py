"""Promise 5, everywhere: `kill -9` at every place where something has been done and something not.

A process of its own receives, works, erases, sweeps, withdraws, shortens or closes, and dies at the
point that the test is named after. Then the site goes on as it does after any crash: no job is
lost, nothing is there twice, nothing is left, and what somebody was told is so.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings as site

from accounts import consent
from accounts.models import Action, User
from processing.jobs import results
from processing.jobs.claim import LEASE, MOST_ATTEMPTS
from processing.models import Blob, Image, Job, JobState, Life, Reason, Receipt, database_now
from processing.retention import backoff, erase
from processing.storage import BlobWriter, KeyGone, grants_alive
from tests import cast
from tests.promises import points, residue
from tests.promises.aftermath import (
    SECOND,
    Photo,
    everything_ends,
    go_on,
    is_done,
    is_unreadable,
    noted,
    reads,
    sweep_well,
)
from tests.promises.killer import Killer, Point, killer
from tests.promises.processes import environment
from tests.promises.scale import pick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
RUNS = range(pick(1, 25))
Die = Callable[..., None]


@pytest.fixture(scope="module")
def killed() -> Iterator[Counter[str]]:
    """How often somebody died where."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"\n{counted.total()} processes killed at {len(counted)} points")


@pytest.fixture(scope="module")
def warm(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killer(environment(), tmp_path_factory.mktemp("killer")) as warm:
        yield warm


@pytest.fixture(autouse=True)
def no_grants() -> None:
    """Of other tests: their ledgers are gone, and the numbers begin anew."""
    for path in (site.KEYS_DIR / "kept").glob("*.key"):
        path.unlink()


@pytest.fixture
def die(warm: Killer, killed: Counter[str], request: pytest.FixtureRequest) -> Die:
    def die(point: Point, **facts: object) -> None:
        warm.die(point, **facts)
        killed[request.node.name] += 1

    return die


def at(found: list[Point]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("point", found, ids=[point.name for point in found])


def test_there_are_enough_points() -> None:
    named = [(group.__name__, point.name) for group in points.GROUPS for point in group()]
    assert len(named) == len(set(named)) >= 40


@at(points.receiving())
def test_receiving(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        die(point, user=str(owner.pk), **photo.sent())
        # Whoever sent it heard nothing, and sends it again with the same key.
        answered = UUID(warm.do("receive", user=str(owner.pk), **photo.sent()))
        image = Image.objects.get(life=Life.LIVE)
        assert (image.pk, Job.objects.get().image_id) == (answered, answered)
        assert noted(Action.IMAGE_UPLOADED)[-1:] == [answered]
        assert len(noted(Action.IMAGE_UPLOADED)) == len(set(noted(Action.IMAGE_UPLOADED)))
        go_on(warm)
        assert is_done(image)
        assert reads(image) == photo.content
        everything_ends(photo)


@at(points.receiving())
def test_receiving_what_nobody_sends_again(owner: User, die: Die, point: Point) -> None:
    photo = Photo()
    die(point, user=str(owner.pk), **photo.sent())
    assert photo.traces() == []
    everything_ends(photo)


@at(points.working())
def test_working(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        die(point)
        go_on(warm)
        assert is_done(image)
        assert Job.objects.get().attempts <= 2
        everything_ends(photo)


@at(points.giving_back())
def test_giving_back(owner: User, warm: Killer, die: Die, point: Point) -> None:
    """A worker whose engine broke, and who dies while it takes back what it had stored."""
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        die(point)
        go_on(warm)
        assert is_done(image)
        everything_ends(photo)


@at(points.taking_back())
def test_taking_back(owner: User, warm: Killer, die: Die, point: Point) -> None:
    """A worker died, and so does the process that takes its job back."""
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        cast.start(image)
        die(point, now=(database_now() + LEASE + SECOND).isoformat())
        go_on(warm)
        assert is_done(image)
        everything_ends(photo)


def test_a_photo_that_kills_every_worker_fails(owner: User, warm: Killer, die: Die) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        for nth in range(MOST_ATTEMPTS):
            die(points.working()[12 + nth])
            warm.do("take_back", now=(database_now() + LEASE + SECOND).isoformat())
        go_on(warm)
        job = Job.objects.get()
        assert (job.state, job.error_code) == (JobState.FAILED, "worker_lost")
        assert Blob.objects.get(stored=True).kind == "original"
        assert reads(image) == photo.content
        everything_ends(photo)


@at(points.erasing())
def test_erasing(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.finish(cast.submit(owner, photo.content, photo.name), photo.content)
        asked = {"ids": [str(image.pk)], "user": str(owner.pk)}
        die(point, **asked)
        if Image.objects.filter(pk=image.pk, life=Life.LIVE).exists():
            assert reads(image) == photo.content  # Nobody was told, and nothing is half gone.
            assert warm.do("erase", **asked) == [str(image.pk)]
        assert is_unreadable(image)
        sweep_well(database_now() + backoff.lease() + SECOND)
        assert cast.nothing_is_left()
        assert noted(Action.IMAGE_ERASED).count(image.pk) == 1
        assert Receipt.objects.get(image_id=image.pk).reason == Reason.ASKED_FOR
        everything_ends(photo)


@at(points.sweeping())
def test_sweeping(owner: User, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.finish(cast.submit(owner, photo.content, photo.name), photo.content)
        die(point, now=image.purge_at.isoformat())
        everything_ends(photo)
        assert noted(Action.IMAGE_EXPIRED).count(image.pk) == 1
        assert Receipt.objects.get(image_id=image.pk).reason == Reason.DEADLINE


@at(points.ending_epochs())
def test_ending_an_epoch(owner: User, die: Die, point: Point) -> None:
    """Of an image that no sweeper has come to yet."""
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        die(point, now=(image.purge_at + site.BUDGET.epoch).isoformat())
        with pytest.raises(KeyGone):
            image.open_key()
        everything_ends(photo)


@at(points.finishing())
def test_finishing_what_a_worker_was_at(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        key, claim = image.open_key(), cast.start(image)
        warm.do("erase", ids=[str(image.pk)], user=str(owner.pk))
        for kind in results.RESULT_KINDS[1:3]:
            with BlobWriter(key, image.prefix, claim.attempt, kind) as late:
                late.write(photo.content)
        assert Image.objects.get().life == Life.ERASING
        quiet = database_now() + erase.longest_job() + SECOND
        die(point, now=quiet.isoformat())
        sweep_well(quiet + backoff.lease() + SECOND)
        assert cast.nothing_is_left()
        assert noted(Action.IMAGE_ERASED).count(image.pk) == 1
        everything_ends(photo)


@at(points.withdrawing())
def test_withdrawing(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        cast.opt_in(owner)
        image = cast.finish(cast.submit(owner, photo.content, photo.name), photo.content)
        cast.age(image, timedelta(hours=24))
        backup = Image.objects.get()
        die(point, user=str(owner.pk))
        if consent.is_on(owner):
            assert reads(image) == photo.content
            warm.do("withdraw", user=str(owner.pk))
        assert is_unreadable(image)
        sweep_well(database_now() + SECOND)
        assert cast.nothing_is_left()
        assert grants_alive() == []
        assert Receipt.objects.get(image_id=image.pk).reason == Reason.CONSENT_WITHDRAWN
        assert [entry.on for entry in consent.history(owner)[:2]] == [False, True]
        assert consent.verify_ledger() == 0
        everything_ends(photo)
        backup.wrapped_key = None  # Of an epoch that has not ended: the image was aged by hand.
        with pytest.raises(KeyGone):
            backup.open_key()


@at(points.shortening())
def test_shortening(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo = Photo()
        image = cast.submit(owner, photo.content, photo.name)
        asked = {"image": str(image.pk), "life": "1h", "user": str(owner.pk)}
        die(point, **asked)
        assert reads(image) == photo.content
        warm.do("shorten", **asked)
        assert Image.objects.get().purge_at <= database_now() + timedelta(hours=1)
        assert reads(image) == photo.content
        assert noted(Action.IMAGE_SHORTENED).count(image.pk) == 1
        everything_ends(photo)


@at(points.closing())
def test_closing(warm: Killer, die: Die, point: Point) -> None:
    for number in RUNS:
        address, photos = f"gertrude.{number}@example.org", [Photo(), Photo()]
        leaver = cast.make_user(address)
        cast.opt_in(leaver)
        images = [cast.submit(leaver, photo.content, photo.name) for photo in photos]
        cast.start(images[0])
        die(point, user=str(leaver.pk))
        left = [image for image in images if Image.objects.filter(pk=image.pk, life="live")]
        assert [reads(image) for image in left] == [photo.content for photo in photos if left]
        warm.do("close", user=str(leaver.pk))
        assert all(is_unreadable(image) for image in images)
        assert not consent.is_on(leaver)
        assert [noted(Action.IMAGE_ERASED).count(image.pk) for image in images] == [1, 1]
        assert noted(Action.ACCOUNT_CLOSED) == [None] * (number + 1)
        everything_ends(*photos)
        assert grants_alive() == []
        assert residue.find_in_tables(residue.needles_of_name(address)) == []
